// A migration's progress as JSON and as Prometheus metrics. Pure: values in, text out.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

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

// The table's name as one would write it in SQL: quoted only where it must be.
// Which versions of the application may run while a table is being expanded or contracted.
std::string versions_text(migration::Phase phase);

std::string display_name(const QualifiedName& name);

// `percent` from a PercentFloor. What is not known is null, so that every key is always there.
nlohmann::json status_json(const migration::Progress& progress, const config::Settings& settings, double percent,
                           Clock::time_point now);

// The text exposition format, version 0.0.4.
std::string metrics_text(const migration::Progress& progress, const config::Settings& settings, double percent,
                         Clock::time_point now);

}  // namespace pgwraith::control
