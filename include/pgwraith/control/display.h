// What a person sees: the line that is redrawn on a terminal, the line in a log, the tables and the summary.
// Pure: no terminal, no clock.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "pgwraith/base/error.h"
#include "pgwraith/control/status.h"

namespace pgwraith::migration {
struct Plan;
}

namespace pgwraith::control {

// "<1s", "12s", "3m 20s", "1h 05m", "2d 4h": coarser the farther away, so that it does not flicker.
std::string format_eta(milliseconds eta);

// `text` in at most `width` columns, on one line: control characters become spaces, wide characters count double.
std::string fit(std::string_view text, std::size_t width);

class ProgressDisplay {
  public:
    // One line that fits a terminal of `width` columns.
    std::string line(const migration::Progress& progress, std::size_t width);
    // The same facts for a log.
    std::string log_line(const migration::Progress& progress);

  private:
    PercentFloor percent_;
};

// Rows of cells, the columns aligned, each line indented by `indent`.
std::string aligned(const std::vector<std::vector<std::string>>& rows, std::size_t indent);

// `status` for people, from the JSON that the process answers. Its first line, without the line break; and all of it.
std::string headline_line(const nlohmann::json& status, bool colour = false);
std::string status_text(const nlohmann::json& status, bool colour = false);
// Without a process, from stored_json().
std::string stored_text(const nlohmann::json& status, const std::string& state_dir, bool colour = false);

// What `run` says at the end.
std::string summary_text(const migration::Progress& progress, const config::Settings& settings, Clock::time_point now);

// What `rehearse` says at its end. The text is empty when it has not gone back. `error`: what ended it; may be nullptr.
std::string rehearsal_text(const migration::Progress& progress, const config::Settings& settings,
                           Clock::time_point now);
nlohmann::json rehearsal_json(const migration::Progress& progress, const config::Settings& settings,
                              Clock::time_point now, const Error* error);

// What `verify` says at its end, from the answered `last_verification`.
std::string verification_text(const nlohmann::json& status);

nlohmann::json plan_json(const migration::Plan& plan);
// `verbose`: with the statements that are one step, each.
std::string plan_text(const migration::Plan& plan, bool verbose = false);

}  // namespace pgwraith::control
