// What `contract` would do, and what stands in its way.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "expand_twins.h"
#include "pgwraith/catalog/qualified.h"
#include "pgwraith/online/contraction.h"
#include "pgwraith/online/plan_expansion.h"

namespace pgwraith::online {

namespace {

using catalog::Table;
using postgres::Connection;

constexpr const char* made_by_us = "`pgwraith abort` goes back to the old columns; or make it again as it was.";

void look_for_columns(const Expansion& expansion, const Table& live, ContractionPlan& plan) {
    const auto look = [&](const std::string& name) {
        if (live.column(name) != nullptr) return;
        plan.refusals.push_back({fmt::format("{} has no column {} any more", live.name.sql(), quote_identifier(name)),
                                 "Somebody dropped or renamed it: undo that first."});
    };
    for (const auto& column : expansion.columns) look(column.name);
    for (const auto& name : expansion.old_columns) look(name);
}

void look_for_twins(const Expansion& expansion, const Table& live, ContractionPlan& plan) {
    for (const auto& twin : expansion.twins) {
        const auto index = std::ranges::find(live.indexes, twin.name, &catalog::Index::name);
        const auto constraint = std::ranges::find(live.constraints, twin.name, &catalog::Constraint::name);
        bool there = index != live.indexes.end() && index->valid;
        if (twin.kind == Twin::Kind::constraint) there = constraint != live.constraints.end();
        if (twin.kind == Twin::Kind::statistics) there = live.statistics_named(twin.name) != nullptr;
        if (there) continue;
        plan.refusals.push_back({fmt::format("{} is gone, or not valid: it was made to become {}",
                                             quote_identifier(twin.name), quote_identifier(twin.old_name)),
                                 made_by_us});
    }
}

Task<void> look_for_trigger(Connection& connection, const Expansion& expansion, ContractionPlan& plan) {
    const auto found = co_await connection.query(
        "SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = $1::oid AND tgname = $2 AND tgenabled = 'A'",
        postgres::params(std::to_string(expansion.oid), expansion.trigger));
    if (!found.empty()) co_return;
    plan.refusals.push_back({fmt::format("the trigger {}, which keeps old and new columns equal, is gone or disabled",
                                         quote_identifier(expansion.trigger)),
                             made_by_us});
}

// What DROP COLUMN takes along without a word.
Task<void> look_for_companions(Connection& connection, const Expansion& expansion, ContractionPlan& plan) {
    std::vector<std::string_view> old(expansion.old_columns.begin(), expansion.old_columns.end());
    std::vector<std::string_view> covered;
    for (const auto& twin : expansion.twins) covered.push_back(twin.old_name);
    const auto found = co_await connection.query(
        "SELECT DISTINCT i.type || ' ' || i.identity FROM pg_catalog.pg_depend d "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid "
        "LEFT JOIN pg_catalog.pg_class x ON d.classid = 'pg_catalog.pg_class'::regclass AND x.oid = d.objid "
        "LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_catalog.pg_constraint'::regclass AND k.oid = d.objid "
        "LEFT JOIN pg_catalog.pg_statistic_ext s ON d.classid = 'pg_catalog.pg_statistic_ext'::regclass AND s.oid = "
        "d.objid, "
        "LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, 0) AS i "
        "WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = $1::oid AND a.attname = ANY "
        "($2::name[]) "
        "AND d.deptype = 'a' AND d.classid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_constraint'::regclass, "
        "'pg_catalog.pg_statistic_ext'::regclass) AND coalesce(x.relkind, 'i') = 'i' "
        "AND coalesce(x.relname, k.conname, s.stxname, '') <> ALL ($3::name[]) AND k.contype IS DISTINCT FROM 'n' "
        "ORDER BY 1",
        postgres::params(std::to_string(expansion.oid), postgres::array_literal(old),
                         postgres::array_literal(covered)));
    for (int row = 0; row < found.rows(); ++row) plan.goes.push_back(found.str(row, 0));
}

Task<std::map<std::string, std::string>> defaults_now(Connection& connection, const Table& live,
                                                      const Expansion& expansion, const std::string& schema) {
    const QualifiedName stand_in{schema, live.name.name};
    co_await connection.script(fmt::format("CREATE SCHEMA {}; CREATE TABLE {} (LIKE {})", quote_identifier(schema),
                                           stand_in.sql(), live.name.sql()));
    co_return co_await defaults_after(connection, live, stand_in, expansion);
}

}  // namespace

Task<ContractionPlan> plan_contraction(Connection& connection, Expansion expansion, std::string schema) {
    ContractionPlan plan;
    const auto live = co_await catalog::read_table(connection, expansion.oid);
    look_for_columns(expansion, live, plan);
    if (!plan.refusals.empty()) co_return plan;
    look_for_twins(expansion, live, plan);
    co_await look_for_trigger(connection, expansion, plan);
    for (const auto& user : co_await read_users_of_columns(connection, expansion)) {
        plan.refusals.push_back(
            {fmt::format("{} depends on the old columns ({})", user, fmt::join(expansion.old_columns, ", ")),
             "Change it to the new columns, or drop it, then run the same command again.", user});
    }
    co_await look_for_companions(connection, expansion, plan);
    if (!plan.refusals.empty()) co_return plan;
    Inheritance inheritance;
    inheritance.references = co_await read_references(connection, expansion);
    inheritance.defaults = co_await postgres::undone(connection, defaults_now(connection, live, expansion, schema));
    plan.work = contraction(expansion, live, inheritance);
    co_return plan;
}

}  // namespace pgwraith::online
