// A migration's progress as JSON. Pure: values in, text out.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "pgwraith/base/error.h"
#include "pgwraith/base/names.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/migration/progress.h"

namespace pgwraith::control {

// Keeps what is shown of one phase from going backwards, whatever the estimates under it do (the table grew,
// the copy was restarted by a TRUNCATE).
class PercentFloor {
  public:
    // 0 … 100 in steps of a tenth, rounded down: 100 means all of it.
    double update(const migration::Progress& progress);

  private:
    std::optional<migration::Phase> phase_;
    double floor_ = 0;
};

// How the process ends.
struct End {
    std::string outcome;  // "done", "aborted", "stopped"
    std::string message;
    std::string hint;
    int exit_status = 0;
};

nlohmann::json end_json(const End& end);

// Which versions of the application may run while a table is being expanded or contracted.
std::string versions_text(const migration::Progress& progress);

using migration::display_name;

// A document as all commands and answers write it, a line break at its end. Text may come from the server in an
// encoding that is not UTF-8: an answer is worth more than a strict one.
std::string json_text(const nlohmann::json& document);

// `percent` from a PercentFloor. What is not known is null, so that every key is always there.
nlohmann::json status_json(const migration::Progress& progress, const config::Settings& settings, double percent,
                           Clock::time_point now);

// The same without a process: what the state directory knows (nullopt: nothing), since when the table has its new shape
// by the record that was left there, or why it cannot be read (may be nullptr).
nlohmann::json stored_json(const std::optional<migration::Progress>& known, const config::Settings& settings,
                           const std::optional<std::string>& done, const Error* unreadable);

}  // namespace pgwraith::control
