// A rehearsal of the swap and of the clearing up after it.
//
// The tables themselves cannot be moved to try it: that would lock them. So a table of our own takes the same way, from
// the shadow's schema into the live table's and on into the old one's, and is dropped. An event trigger sees more: each
// kind of command that the swap holds, with the swap's own text as what current_query() says, is played on an object of
// our own. What hangs on the table is tried where it is read.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "carriers.h"
#include "pgwraith/base/error.h"
#include "pgwraith/base/names.h"
#include "pgwraith/carry/swap.h"
#include "pgwraith/catalog/flags.h"
#include "pgwraith/plan/split.h"
#include "plays.h"

namespace pgwraith::carry {

namespace {

using catalog::EventTrigger;
using postgres::Connection;
using Statements = std::vector<std::string>;

constexpr const char* rights_remedy = "Give the migration's role the right that is missing, or remove what forbids it.";
constexpr const char* rehearsal_table = "pgwraith_rehearsal";

// `text` follows the statement in the same message.
Task<void> run_one(Connection& connection, std::string statement, std::string text,
                   std::vector<EventTrigger> triggers) {
    const auto failure = co_await postgres::try_script(connection, statement + text);
    if (!failure) co_return;
    throw Error(ErrorKind::refused,
                fmt::format("the swap, or what follows it, would fail: {}, tried on something of our own: {}",
                            statement, catalog::message_with_origin(triggers, *failure)),
                catalog::remedy_for(triggers, *failure, rights_remedy));
}

Task<void> run_each(Connection& connection, Statements statements, std::vector<EventTrigger> triggers) {
    for (const auto& statement : statements) co_await run_one(connection, statement, "", triggers);
}

std::string alter(const QualifiedName& table, const std::string& what) {
    return fmt::format("ALTER TABLE {} {}", table.sql(), what);
}

void add(Statements& sql, Statements more) {
    for (auto& statement : more) sql.push_back(std::move(statement));
}

// What a table of our own goes through, in three acts.
struct Passage {
    QualifiedName made;   // in the shadow's schema
    QualifiedName place;  // in the live table's
    Statements make;
    Statements arrive;    // from `made` to `place`
    Statements clear_up;  // from `place` into the old table's schema, and away
};

void add_foreign_keys(Statements& sql, const QualifiedName& table, const std::string& column) {
    add(sql, {alter(table, fmt::format("ADD CONSTRAINT pgwraith_key UNIQUE ({})", column)),
              alter(table, fmt::format("ADD CONSTRAINT pgwraith_fk FOREIGN KEY ({0}) REFERENCES {1} ({0}) NOT VALID",
                                       column, table.sql())),
              fmt::format("COMMENT ON CONSTRAINT pgwraith_fk ON {} IS ''", table.sql()),
              alter(table, "VALIDATE CONSTRAINT pgwraith_fk"), alter(table, "DROP CONSTRAINT pgwraith_fk")});
}

Passage way_of_a_table(const CarryContext& context, const shadow::Blueprint& blueprint) {
    const auto& live = context.live;
    const std::string& schema = context.pair.shadow.schema;
    const QualifiedName passing{schema, fmt::format("pgwraith_{}", live.oid)};
    const QualifiedName old{context.old_schema, live.name.name};
    const auto old_schema = quote_identifier(context.old_schema);

    Passage way{{schema, rehearsal_table}, {live.name.schema, rehearsal_table}, {}, {}, {}};
    way.make = {fmt::format("CREATE SCHEMA {}", old_schema), fmt::format("COMMENT ON SCHEMA {} IS ''", old_schema),
                fmt::format("CREATE TABLE {} (LIKE {})", way.made.sql(), context.pair.shadow.sql())};
    way.arrive = {alter(way.made, "RENAME TO " + quote_identifier(passing.name)),
                  alter(passing, "SET SCHEMA " + quote_identifier(live.name.schema)),
                  alter({live.name.schema, passing.name}, fmt::format("RENAME TO {}", rehearsal_table))};
    add(way.arrive, row_security_sql(live, way.place.sql()));
    const auto key = quote_identifier(context.pair.mapping.key.front().shadow_name);
    if (!blueprint.foreign_keys.empty()) add_foreign_keys(way.arrive, way.place, key);
    const std::string& publication = passing.name;
    way.clear_up = {alter(way.place, "SET SCHEMA " + old_schema),
                    alter({old.schema, rehearsal_table}, "RENAME TO " + quote_identifier(old.name)),
                    fmt::format("CREATE PUBLICATION {} FOR TABLE {}", publication, old.sql()),
                    fmt::format("ALTER PUBLICATION {} SET (publish = '')", publication),
                    fmt::format("ALTER PUBLICATION {} DROP TABLE ONLY {}", publication, old.sql()),
                    fmt::format("DROP PUBLICATION {}", publication),
                    fmt::format("DROP TABLE {}", old.sql()),
                    fmt::format("DROP SCHEMA {}", old_schema)};
    return way;
}

Task<catalog::Definition> read_flags_of(Connection& connection, QualifiedName table) {
    const auto oid = co_await catalog::find_relation(connection, table);
    ensure(oid.has_value(), "the rehearsal's table was made");
    co_return co_await catalog::read_flags(connection, *oid);
}

// An event trigger may act on the statements themselves, instead of failing.
Task<void> require_flags(Connection& connection, const catalog::Table& live, catalog::Definition flags,
                         QualifiedName table, std::vector<EventTrigger> triggers) {
    for (const auto& again : row_security_sql(live, table.sql())) co_await connection.script(again);
    const auto oid = co_await catalog::find_relation(connection, table);
    ensure(oid.has_value(), "the rehearsal's table is where it was moved");
    for (auto& flag : flags) {
        if (flag.about != "row level security") continue;
        flag.definition =
            fmt::format("enabled {}, forced {}", live.row_security ? "t" : "f", live.force_row_security ? "t" : "f");
    }
    const auto differing = co_await connection.query(catalog::differing_flags_sql(*oid, flags));
    if (differing.is_null(0, 0)) co_return;
    throw Error(ErrorKind::refused,
                fmt::format("in the swap, tried on a table of our own, {}; this database has {}",
                            catalog::flags_differ(differing.str(0, 0)), catalog::in_words(triggers)),
                "Disable the event trigger that changes it for the time of the migration (ALTER EVENT TRIGGER … "
                "DISABLE).");
}

Task<void> go_the_way(Connection& connection, CarryContext context, shadow::Blueprint blueprint,
                      std::vector<EventTrigger> triggers) {
    const auto way = way_of_a_table(context, blueprint);
    co_await run_each(connection, way.make, triggers);
    const auto flags = co_await read_flags_of(connection, way.made);
    co_await run_each(connection, way.arrive, triggers);
    if (!triggers.empty()) co_await require_flags(connection, context.live, flags, way.place, triggers);
    co_await run_each(connection, way.clear_up, triggers);
}

Task<void> play(Connection& connection, Play play, std::string text, std::vector<EventTrigger> triggers) {
    co_await connection.script("SAVEPOINT pgwraith_play");
    std::optional<postgres::PgError> failure;
    for (const auto& statement : play.set_up) {
        if (!failure) failure = co_await postgres::try_script(connection, statement);
    }
    if (!failure) {
        for (const auto& command : play.commands) co_await run_one(connection, command, text, triggers);
    }
    co_await connection.script("ROLLBACK TO SAVEPOINT pgwraith_play");
}

// Each kind once.
Task<void> play_kinds_of(Connection& connection, std::vector<Play> plays, Statements scripts, std::string text,
                         std::vector<EventTrigger> triggers) {
    std::set<std::string> played;
    for (const auto& script : scripts) {
        for (const auto& statement : plan::statements_of(script)) {
            for (const auto& one : plays) {
                if (!statement.starts_with(one.begins) || !played.insert(one.begins).second) continue;
                co_await play(connection, one, text, triggers);
            }
        }
    }
}

Task<void> play_all(Connection& connection, CarryContext context, SwapPlan swap, std::vector<EventTrigger> triggers) {
    const QualifiedName made{context.pair.shadow.schema, rehearsal_table};
    const QualifiedName table{context.live.name.schema, rehearsal_table};
    co_await connection.script(fmt::format("CREATE TABLE {} (LIKE {}); ALTER TABLE {} SET SCHEMA {}", made.sql(),
                                           context.pair.shadow.sql(), made.sql(), quote_identifier(table.schema)));
    const auto plays = all_plays(context, table);
    // The swap's statements are sent as one text, the others alone.
    const std::string text = fmt::format("; SELECT FROM (SELECT $pgwraith_swap${}$pgwraith_swap$) AS swap WHERE false",
                                         fmt::join(swap.statements, "; "));
    co_await play_kinds_of(connection, plays, swap.statements, text, triggers);
    Statements alone = swap.after_commit;
    for (const auto& lock : swap.locks) alone.push_back(lock.statement);
    co_await play_kinds_of(connection, plays, alone, "", triggers);
}

Task<bool> rehearse_all(Connection& connection, CarryContext context, shadow::Blueprint blueprint,
                        std::vector<EventTrigger> triggers, bool carries) {
    co_await go_the_way(connection, context, blueprint, triggers);
    if (triggers.empty() || !carries) co_return true;
    const auto swap = co_await plan_swap(connection, context, blueprint);
    co_await play_all(connection, context, swap, triggers);
    co_return true;
}

}  // namespace

Task<void> rehearse(Connection& connection, CarryContext context, shadow::Blueprint blueprint,
                    std::vector<EventTrigger> event_triggers, bool carries) {
    const std::string begin = "SAVEPOINT pgwraith_rehearsal";
    const std::string undo = "ROLLBACK TO SAVEPOINT pgwraith_rehearsal";
    auto work = rehearse_all(connection, context, blueprint, event_triggers, carries);
    co_await postgres::undone(connection, begin, undo, std::move(work));
}

}  // namespace pgwraith::carry
