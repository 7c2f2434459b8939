// Runs the operator's commands, one after the other, beside everything else. Nothing of the migration waits for them
// but what asks for it. The commands run in process groups of their own (src/hooks/process.h).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/base/async.h"
#include "pgwraith/config/settings.h"

namespace pgwraith::hooks {

using config::Moment;

// For the command's environment, without the prefix: {"PHASE", "copy"}.
using Facts = std::map<std::string, std::string>;

// Thread contract: the io_context's thread only.
class Hooks {
  public:
    // `facts` are those of the moment at which a hook is told.
    Hooks(asio::any_io_executor executor, const config::Settings& settings, std::function<Facts()> facts);
    // A command that runs is killed.
    ~Hooks();
    Hooks(const Hooks&) = delete;
    Hooks& operator=(const Hooks&) = delete;

    // The command runs when those that were told before it have ended. A failure of it is a warning in the log.
    void tell(Moment moment, Facts more = {});
    // The same, once in the life of this process.
    void tell_once(Moment moment);
    // Runs the command, and waits: why it says no; nullopt: it does not, or there is none.
    Task<std::optional<std::string>> ask(Moment moment);
    // Waits until all that was told has run.
    Task<void> all_told();
    // Ends what runs, within two seconds, and forgets the rest; nothing is run from now on.
    Task<void> end();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

// Commands that cannot be started, a sentence each: "hooks.ready: there is no program notify in PATH". Of a script only
// a first word that is a path can be told.
std::vector<std::string> not_there(const config::Settings& settings);

}  // namespace pgwraith::hooks
