// The swap's statements and those that clear up after it, run beforehand.
//
// The tables themselves cannot be moved to try it: that would lock them. So a table of our own takes the same way, from
// the shadow's schema into the live table's and on into the old one's, and is dropped. What hangs on the table is tried
// where it is read.
#include <fmt/format.h>

#include <algorithm>

#include "carriers.h"
#include "pgwraith/base/error.h"
#include "pgwraith/base/names.h"
#include "pgwraith/carry/swap.h"
#include "pgwraith/catalog/flags.h"
#include "rehearse.h"

namespace pgwraith::carry {

namespace {

using postgres::Connection;
using Statements = std::vector<std::string>;

struct Stage {
    QualifiedName made;   // in the shadow's schema
    QualifiedName place;  // in the live table's
    QualifiedName old;    // in the old table's
    std::string old_schema;
    std::string key;  // a column of it
};

std::string alter(const QualifiedName& table, const std::string& what) {
    return fmt::format("ALTER TABLE {} {}", table.sql(), what);
}

void add(Statements& sql, Statements more) {
    for (auto& statement : more) sql.push_back(std::move(statement));
}

void add_foreign_keys(Statements& sql, const Stage& stage) {
    add(sql,
        {alter(stage.place, fmt::format("ADD CONSTRAINT pgwraith_key UNIQUE ({})", stage.key)),
         alter(stage.place, fmt::format("ADD CONSTRAINT pgwraith_fk FOREIGN KEY ({0}) REFERENCES {1} ({0}) NOT VALID",
                                        stage.key, stage.place.sql())),
         fmt::format("COMMENT ON CONSTRAINT pgwraith_fk ON {} IS ''", stage.place.sql()),
         alter(stage.place, "VALIDATE CONSTRAINT pgwraith_fk"), alter(stage.place, "DROP CONSTRAINT pgwraith_fk")});
}

void add_sequences(Statements& sql, const Stage& stage, const std::string& schema) {
    const auto name = QualifiedName{schema, "pgwraith_sequence"}.sql();
    add(sql, {fmt::format("CREATE SEQUENCE {}", name),
              fmt::format("ALTER SEQUENCE {} OWNED BY {}.{}", name, stage.made.sql(), stage.key),
              fmt::format("ALTER SEQUENCE {} OWNED BY NONE", name),
              fmt::format("ALTER SEQUENCE {} RENAME TO pgwraith_renamed", name),
              fmt::format("DROP SEQUENCE {}", QualifiedName{schema, "pgwraith_renamed"}.sql())});
}

void add_statistics(Statements& sql, const Stage& stage, const std::string& schema) {
    const auto name = QualifiedName{schema, "pgwraith_statistics"};
    add(sql, {fmt::format("CREATE STATISTICS {} ON ({}::text || '') FROM {}", name.sql(), stage.key, stage.made.sql()),
              fmt::format("ALTER STATISTICS {} SET SCHEMA {}", name.sql(), quote_identifier(stage.old_schema)),
              fmt::format("ALTER STATISTICS {} RENAME TO pgwraith_renamed",
                          QualifiedName{stage.old_schema, name.name}.sql())});
}

void add_index(Statements& sql, const Stage& stage) {
    add(sql, {fmt::format("CREATE INDEX pgwraith_index ON {} ((1))", stage.made.sql()),
              fmt::format("DROP INDEX {}", QualifiedName{stage.made.schema, "pgwraith_index"}.sql())});
}

void add_view(Statements& sql, const std::string& schema) {
    const auto name = QualifiedName{schema, "pgwraith_view"}.sql();
    add(sql, {fmt::format("CREATE VIEW {} AS SELECT 1 AS one", name),
              fmt::format("CREATE OR REPLACE VIEW {} AS SELECT 1 AS one", name), fmt::format("DROP VIEW {}", name)});
}

Statements statements(const CarryContext& context, const shadow::Blueprint& blueprint, bool views) {
    const auto& live = context.live;
    const std::string& schema = context.pair.shadow.schema;
    const auto passing = fmt::format("pgwraith_{}", live.oid);
    Stage stage{{schema, "pgwraith_rehearsal"}, {live.name.schema, "pgwraith_rehearsal"}, {}, context.old_schema, {}};
    stage.old = {context.old_schema, stage.place.name};
    stage.key = quote_identifier(context.pair.mapping.key.front().shadow_name);

    Statements sql{fmt::format("CREATE SCHEMA {}", quote_identifier(stage.old_schema)),
                   fmt::format("COMMENT ON SCHEMA {} IS ''", quote_identifier(stage.old_schema)),
                   fmt::format("CREATE TABLE {} (LIKE {})", stage.made.sql(), context.pair.shadow.sql())};
    if (!live.sequences.empty()) add_sequences(sql, stage, schema);
    if (!live.statistics.empty()) add_statistics(sql, stage, schema);
    if (views) add_view(sql, schema);
    if (std::ranges::any_of(blueprint.indexes, &shadow::IndexPlan::helper)) add_index(sql, stage);
    add(sql, {alter(stage.made, "RENAME TO " + quote_identifier(passing)),
              alter({schema, passing}, "SET SCHEMA " + quote_identifier(live.name.schema)),
              alter({live.name.schema, passing}, "RENAME TO " + quote_identifier(stage.place.name))});
    add(sql, row_security_sql(live, stage.place.sql()));
    if (!blueprint.foreign_keys.empty()) add_foreign_keys(sql, stage);
    const auto publication = fmt::format("pgwraith_{}", live.oid);
    add(sql, {alter(stage.place, "SET SCHEMA " + quote_identifier(stage.old_schema)),
              fmt::format("CREATE PUBLICATION {} FOR TABLE {}", publication, stage.old.sql()),
              fmt::format("ALTER PUBLICATION {} SET (publish = '')", publication),
              fmt::format("ALTER PUBLICATION {} DROP TABLE ONLY {}", publication, stage.old.sql()),
              fmt::format("DROP PUBLICATION {}", publication), fmt::format("DROP TABLE {}", stage.old.sql()),
              fmt::format("DROP SCHEMA {}", quote_identifier(stage.old_schema))});
    return sql;
}

// An event trigger may act on the statements themselves, instead of failing.
Task<void> require_flags(Connection& connection, const catalog::Table& live, catalog::Definition flags,
                         QualifiedName table, std::vector<catalog::EventTrigger> event_triggers) {
    const auto oid = co_await catalog::find_relation(connection, table);
    ensure(oid.has_value(), "the rehearsal's table is where it was moved");
    for (auto& flag : flags) {
        if (flag.about != "row level security") continue;
        flag.definition =
            fmt::format("enabled {}, forced {}", live.row_security ? "t" : "f", live.force_row_security ? "t" : "f");
    }
    const auto failure = co_await postgres::try_script(connection, catalog::require_flags_sql(*oid, flags));
    if (!failure) co_return;
    throw Error(ErrorKind::refused,
                fmt::format("in the swap, tried on a table of our own, {}; this database has {}", failure->message(),
                            catalog::in_words(event_triggers)),
                "Disable the event trigger that changes it for the time of the migration (ALTER EVENT TRIGGER … "
                "DISABLE).");
}

Task<bool> run_all(Connection& connection, CarryContext context, shadow::Blueprint blueprint,
                   std::vector<catalog::EventTrigger> event_triggers) {
    const auto views = co_await connection.query(
        "SELECT EXISTS (SELECT FROM pg_depend WHERE refclassid = 'pg_class'::regclass AND refobjid = $1::oid AND "
        "classid = 'pg_rewrite'::regclass)",
        postgres::params(std::to_string(context.live.oid)));
    const QualifiedName place{context.live.name.schema, "pgwraith_rehearsal"};
    const QualifiedName made{context.pair.shadow.schema, place.name};
    catalog::Definition flags;
    for (const auto& statement : statements(context, blueprint, views.boolean(0, 0))) {
        const bool leaves = statement.starts_with(alter(place, "SET SCHEMA"));
        if (leaves && !event_triggers.empty()) {
            for (const auto& again : row_security_sql(context.live, place.sql())) co_await connection.script(again);
            co_await require_flags(connection, context.live, flags, place, event_triggers);
        }
        const auto failure = co_await postgres::try_script(connection, statement);
        if (failure) {
            throw rehearsal_refused(statement, catalog::message_with_origin(event_triggers, *failure),
                                    catalog::remedy_for(event_triggers, *failure, rights_remedy));
        }
        if (flags.empty() && statement.starts_with("CREATE TABLE ")) {
            const auto oid = co_await catalog::find_relation(connection, made);
            ensure(oid.has_value(), "the rehearsal's table was made");
            flags = co_await catalog::read_flags(connection, *oid);
        }
    }
    co_return true;
}

}  // namespace

Error rehearsal_refused(const std::string& statement, const std::string& why, const std::string& remedy) {
    return Error(
        ErrorKind::refused,
        fmt::format("the swap, or what follows it, would fail: {}, tried on something of our own: {}", statement, why),
        remedy);
}

Task<void> rehearse(Connection& connection, CarryContext context, shadow::Blueprint blueprint,
                    std::vector<catalog::EventTrigger> event_triggers) {
    const std::string begin = "SAVEPOINT pgwraith_rehearsal";
    const std::string undo = "ROLLBACK TO SAVEPOINT pgwraith_rehearsal";
    auto work = run_all(connection, context, blueprint, event_triggers);
    co_await postgres::undone(connection, begin, undo, std::move(work));
}

}  // namespace pgwraith::carry
