// Which way a migration goes: decided once, when it begins.
#pragma once

#include <optional>
#include <vector>

#include "pgwraith/catalog/table.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/migration/migration.h"
#include "pgwraith/online/step.h"
#include "pgwraith/plan/ways.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::migration {

struct ChosenWay {
    std::vector<plan::Part> parts;
    std::vector<plan::WayOfPart> ways;  // of each
    plan::ServerSays says;
    plan::Way way = plan::Way::shadow;     // of the whole
    std::string why;                       // a sentence
    std::vector<std::string> passed_over;  // what IF [NOT] EXISTS makes nothing of
    std::vector<plan::LeftOut> left_out;   // of `sql`
    std::optional<plan::Weighed> weighed;  // where columns are filled

    bool direct() const { return way != plan::Way::shadow; }
};

// `settings`: with the SQL as the role reads it. Throws Error(refused) for what the server does not take, and for what
// `strategy: direct` cannot do. REQUIRES: a session for rows, and no transaction in it.
Task<ChosenWay> choose_way(postgres::Connection& connection, config::Settings settings, catalog::Table live);

// What a migration without a shadow does, or a rehearsal of it. Throws Error(refused). REQUIRES: a session for rows.
Task<std::vector<online::Step>> plan_steps(postgres::Connection& connection, ChosenWay chosen, catalog::Table live,
                                           bool rehearsal = false);

}  // namespace pgwraith::migration
