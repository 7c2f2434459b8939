// What the control socket may ask of a running migration.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "pgwraith/config/settings.h"
#include "pgwraith/migration/progress.h"

namespace pgwraith::migration {

// Called on the io_context's thread; every function returns at once.
class Commands {
  public:
    virtual ~Commands() = default;

    virtual const Progress& progress() const = 0;
    virtual const config::Settings& settings() const = 0;
    virtual void pause() = 0;
    virtual void resume() = 0;
    // Swap as soon as it is ready, and not before `at`. Returns a sentence for the operator.
    virtual std::string request_cutover(std::optional<std::chrono::system_clock::time_point> at) = 0;
    // No swap until it is asked for. Returns a sentence for the operator.
    virtual std::string postpone() = 0;
    // While a manual cutover waits: compare everything once more. Returns a sentence for the operator;
    // throws Error(stopped) in any other phase.
    virtual std::string request_verify() = 0;
    // Stops whatever runs, drops everything of the migration; the process then exits 5.
    virtual void request_abort() = 0;
    // Throws Error(usage), see config::apply_setting.
    virtual void set(const std::string& key, const std::string& value) = 0;
};

}  // namespace pgwraith::migration
