// Reasons against a migration, found before anything is made, and warnings.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pgwraith/catalog/preflight.h"
#include "pgwraith/catalog/table.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/migration/migration.h"
#include "pgwraith/postgres/sessions.h"

namespace pgwraith::migration {

// The live table as it is now, with all that was found against migrating it.
struct Survey {
    catalog::Table table;
    bool may_be_changed = false;  // by its kind; otherwise the rest is not asked
    std::vector<catalog::Dependent> dependents;
    std::optional<catalog::Key> key;
    std::vector<Plan::Reason> refusals;
    std::vector<std::string> warnings;
};

// What speaks against changing the table at all, with a shadow or without. Neither changes anything.
Task<Survey> survey_table(postgres::Connection& connection, Oid oid);
// What speaks against changing it by a shadow. `so_far`: what survey_table() has just found.
Task<Survey> survey(postgres::Connection& connection, Survey so_far, const config::Settings& settings);
catalog::KeyWish key_wish(const config::Settings& settings);
// A name without a schema is looked for in the search_path, as a plain statement of the role would do.
Task<QualifiedName> with_schema(const postgres::Sessions& sessions, QualifiedName table);
Task<Oid> find_live_table(postgres::Connection& connection, QualifiedName table);

// The settings under which rows are computed, and reasons against them. REQUIRES: a session for rows that has not been
// given anything.
struct RowsSurvey {
    std::vector<postgres::RowSetting> settings;
    std::vector<Plan::Reason> refusals;
};
Task<RowsSurvey> survey_rows_session(postgres::Connection& connection);

// Commands that cannot be started.
std::vector<Plan::Reason> check_hooks(const config::Settings& settings);

// With all the reasons; REQUIRES: there are some.
catalog::Refused refusal(const QualifiedName& table, const std::vector<Plan::Reason>& reasons);

}  // namespace pgwraith::migration
