// What the control socket may ask of a running migration.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "pgwraith/base/async.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/migration/progress.h"

namespace pgwraith::migration {

// Called on the io_context's thread; every function but keep_wish() returns at once.
class Commands {
  public:
    virtual ~Commands() = default;

    virtual const Progress& progress() const = 0;
    virtual const config::Settings& settings() const = 0;
    // Each of these returns a sentence for the operator: what happens, and what happens next. What makes no sense at
    // this moment throws Error(stopped) with what helps (docs/commands.md).
    virtual std::string pause() = 0;
    virtual std::string resume() = 0;
    // Swap as soon as it is ready, and not before `at`.
    virtual std::string request_cutover(std::optional<std::chrono::system_clock::time_point> at) = 0;
    // No swap until it is asked for.
    virtual std::string postpone() = 0;
    // What was said of the swap so far is on disk: a later process goes by it. To be awaited before the answer is
    // given.
    virtual Task<void> keep_wish() { co_return; }
    // While the swap is awaited: compare everything once more.
    virtual std::string request_verify() = 0;
    // Stops whatever runs, drops everything of the migration; the process then exits 5.
    virtual std::string request_abort() = 0;
    // Throws Error(usage) as well, see config::apply_setting.
    virtual std::string set(const std::string& key, const std::string& value) = 0;
};

}  // namespace pgwraith::migration
