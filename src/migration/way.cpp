#include "way.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "connections.h"
#include "free_space.h"
#include "objects.h"
#include "pgwraith/catalog/identified.h"
#include "pgwraith/online/ask_server.h"
#include "pgwraith/online/recipes.h"
#include "pgwraith/plan/rebuild.h"
#include "survey.h"
#include "trial.h"
#include "why_way.h"

namespace pgwraith::migration {

namespace {

using config::Strategy;
using plan::Way;
using postgres::Connection;

// What each pass over the rows writes: a column that stands already is filled where it is NULL; fills side by side
// write a row together.
Task<std::vector<double>> shares_filled(Connection& connection, catalog::Table live, std::vector<plan::Part> parts) {
    std::vector<double> shares;
    bool side_by_side = false;
    for (const auto& part : parts) {
        const bool joined = std::exchange(side_by_side, part.kind == plan::PartKind::fill);
        if (part.kind != plan::PartKind::fill) continue;
        double share = 1;
        if (part.standing) {
            const auto known = co_await connection.query(
                "SELECT null_frac FROM pg_catalog.pg_stats WHERE schemaname = $1 AND tablename = $2 AND attname = $3",
                postgres::params(live.name.schema, live.name.name, part.columns.front()));
            if (!known.empty()) share = known.number(0, 0);
        }
        if (joined) {
            // Whether it is the same rows in which they are NULL is not known.
            shares.back() = std::min(1.0, shares.back() + share);
        } else {
            shares.push_back(share);
        }
    }
    co_return shares;
}

// The parts by themselves, where nobody is asked about them.
ChosenWay by_shadow(const config::Settings& settings, const catalog::Table& live, std::string why) {
    ChosenWay chosen;
    plan::Known known;
    for (const auto& column : live.columns) known.columns.insert(column.name);
    chosen.parts = plan::split_into_parts(settings.sql, live.name, settings.values, known);
    for (std::size_t at = 0; at < chosen.parts.size(); ++at) {
        chosen.ways.push_back({Way::shadow, why, "ACCESS EXCLUSIVE, for milliseconds", true, true});
    }
    chosen.says.names.resize(chosen.parts.size());
    chosen.why = std::move(why);
    return chosen;
}

Task<ChosenWay> ask(Connection& connection, config::Settings settings, catalog::Table live) {
    const MigrationNames names(co_await database_oid(connection), live.oid);
    online::Question question{settings.sql, settings.values, names.new_schema, {}};
    question.event_triggers = co_await catalog::read_event_triggers(connection);
    const auto event_triggers = question.event_triggers;
    online::Answer answer;
    std::exception_ptr failure;
    try {
        answer = co_await online::ask_server(connection, live, std::move(question));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) rethrow_as_refusal(failure, event_triggers);
    if (answer.refused) throw refusal(live.name, {*answer.refused});
    ChosenWay chosen;
    chosen.parts = std::move(answer.parts);
    chosen.ways = std::move(answer.ways);
    chosen.says = std::move(answer.says);
    chosen.passed_over = std::move(answer.passed_over);
    chosen.way = plan::way_of_all(chosen.ways);
    co_return chosen;
}

// The server refuses each UPDATE of such a table.
Task<void> require_identified(Connection& connection, catalog::Table live) {
    if (catalog::is_identified(live)) co_return;
    const auto names = co_await catalog::publishers(connection, live.oid);
    if (names.empty()) co_return;
    throw refusal(
        live.name,
        {{fmt::format("publication {} publishes UPDATE and DELETE of {}, and nothing identifies its rows: the "
                      "server refuses to update them, so that no column can be filled",
                      names.front(), live.name.sql()),
          "Give the table a primary key or a REPLICA IDENTITY, or take it out of that publication."}});
}

Task<void> try_and_list(Connection& connection, TrialInput input, std::vector<catalog::Refusal>& refusals) {
    const auto trial = co_await try_shadow(connection, std::move(input));
    refusals = trial.refusals;
}

// What speaks against a shadow that could do without: a sentence. Empty: nothing does.
Task<std::string> against_shadow(Connection& connection, config::Settings settings, catalog::Table live,
                                 plan::Weighed weighed) {
    const auto room = co_await free_for_table(connection, live.oid);
    if (room && *room < plan::room_for_shadow(weighed.shadow_bytes)) {
        co_return fmt::format("there are {} free where the table is", format_size(*room));
    }
    auto survey = co_await survey_table(connection, live.oid);
    survey = co_await migration::survey(connection, std::move(survey), settings);
    co_await check_connections(connection, settings, survey);
    if (!survey.refusals.empty()) co_return survey.refusals.front().reason;
    const auto event_triggers = co_await catalog::read_event_triggers(connection);
    const MigrationNames names(co_await database_oid(connection), live.oid);
    TrialInput input{settings, names, survey.table, *survey.key, schema_marker(settings.table), event_triggers};
    std::vector<catalog::Refusal> refusals;
    auto trial = try_and_list(connection, std::move(input), refusals);
    co_await collect(refusals, in_trial(connection, event_triggers, std::move(trial)));
    if (refusals.empty()) co_return "";
    co_return refusals.front().reason;
}

// A column that stands keeps the values that are there only in place.
bool fills_what_stands(const std::vector<plan::Part>& parts) {
    return std::ranges::any_of(parts,
                               [](const auto& part) { return part.kind == plan::PartKind::fill && part.standing; });
}

Task<void> weigh(Connection& connection, config::Settings settings, catalog::Table live, ChosenWay& chosen) {
    const auto shares = co_await shares_filled(connection, live, chosen.parts);
    if (shares.empty()) co_return;
    chosen.weighed = plan::weigh(live, shares);
    std::string against;
    if (settings.strategy == Strategy::direct) {
        against = "`strategy: direct` asks for this way";
    } else if (fills_what_stands(chosen.parts)) {
        against = "it would compute the column anew for rows that have a value, too";
    } else if (!chosen.weighed->in_place) {
        against = co_await against_shadow(connection, settings, live, *chosen.weighed);
    }
    chosen.why = why_weighed(*chosen.weighed, against);
    if (!chosen.weighed->in_place && against.empty()) chosen.way = Way::shadow;
}

}  // namespace

Task<ChosenWay> choose_way(Connection& connection, config::Settings settings, catalog::Table live) {
    // Syntax errors and statements that no way takes are found first.
    const auto sql = plan::parse_user_sql(settings.sql, live.name, live.name.schema);
    const bool nothing = sql.changes_nothing() && settings.values.empty();
    const bool rebuild = nothing && plan::asks_for_rebuild(settings.sql);
    if (nothing && !rebuild) {
        throw Error(
            ErrorKind::refused, "nothing in `sql` changes the table",
            "Nothing was changed. Write what is to change. An empty `sql`, or VACUUM FULL, rebuilds the table as "
            "it is.");
    }
    if (settings.strategy == Strategy::shadow) co_return by_shadow(settings, live, "`strategy: shadow` asks for it");
    if (rebuild && settings.strategy == Strategy::direct) {
        throw Error(ErrorKind::refused, "an empty `sql` rebuilds the table as it is, which needs a shadow table",
                    "Nothing was changed. Write `strategy: auto`, or what is to change.");
    }
    if (rebuild) co_return by_shadow(settings, live, "an empty `sql` rebuilds the table as it is");
    auto chosen = co_await ask(connection, settings, live);
    chosen.left_out = sql.left_out;
    if (!chosen.direct()) {
        const auto moves = moves_of_indexes_only(chosen);
        if (!moves.empty()) throw refusal(live.name, moves);
        if (settings.strategy == Strategy::direct) throw refusal(live.name, reasons_for_shadow(chosen));
        chosen.why = why_shadow(chosen);
        co_return chosen;
    }
    chosen.why = why_direct(chosen);
    co_await weigh(connection, settings, live, chosen);
    if (chosen.way == Way::in_place) co_await require_identified(connection, live);
    co_return chosen;
}

Task<std::vector<online::Step>> plan_steps(Connection& connection, ChosenWay chosen, catalog::Table live,
                                           bool rehearsal) {
    const auto facts = co_await online::read_facts(connection, live, chosen.parts);
    co_return online::make_steps(chosen.parts, chosen.ways, chosen.says, live, connection.server_version(), facts,
                                 rehearsal);
}

}  // namespace pgwraith::migration
