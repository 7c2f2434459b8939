// UNIQUE and PRIMARY KEY: the index is built CONCURRENTLY, the constraint is made of it in an instant. NOT NULL of a
// key's columns comes before, as parts of their own: the constraint would read the table for it, under its lock.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "maker.h"

namespace pgwraith::online {

namespace {

// While an index is built that cannot be finished, the application's duplicates are refused already.
void look_for_duplicates(Maker& maker, const plan::Part& part) {
    std::vector<std::string> columns;
    std::vector<std::string> present;
    for (const auto& name : part.columns) {
        columns.push_back(maker.column(name));
        present.push_back(columns.back() + " IS NOT NULL");
    }
    const bool nulls_count = part.index_clause.find("NULLS NOT DISTINCT") != std::string::npos;
    const auto where = nulls_count ? std::string("true") : fmt::format("{}", fmt::join(present, " AND "));
    const auto title = fmt::format("({})", fmt::join(part.columns, ", "));
    const auto key = maker.row_key();
    auto query = fmt::format(
        "SELECT pg_catalog.format('%s of %s occur more than once in %s, among them rows with (%s) = %s', CASE WHEN n = "
        "1 THEN '1 value' WHEN n > 1000 THEN 'more than 1000 values' ELSE n || ' values' END, {0}, {1}, {2}, k) FROM "
        "(SELECT pg_catalog.count(*) AS n, pg_catalog.string_agg(k, '; ') FILTER (WHERE r <= 5) AS k FROM (SELECT k, "
        "pg_catalog.row_number() OVER () AS r FROM (SELECT pg_catalog.array_to_string((pg_catalog.array_agg('(' || {3} "
        "|| ')'))[1:5], ' and ') AS k FROM ONLY {6} WHERE {4} GROUP BY {5} HAVING pg_catalog.count(*) > 1 LIMIT 1001) "
        "AS a) AS b) AS c WHERE n > 0",
        quote_literal(title), quote_literal(maker.live.name.sql()), quote_literal(key.title), key.value, where,
        fmt::join(columns, ", "), maker.live.name.sql());
    maker.check("look for duplicates of " + title, std::move(query), part.columns);
}

}  // namespace

void make_unique(Maker& maker, const plan::Part& part, const std::string& server_says) {
    const auto name = maker.name_for(part, server_says);
    const auto quoted = quote_identifier(name);
    const bool primary = part.kind == plan::PartKind::add_primary_key;
    if (part.index_clause.find("INCLUDE") == std::string::npos) look_for_duplicates(maker, part);
    Step build{StepKind::create_index, "build " + name};
    // A unique one would refuse rows of the application.
    if (maker.rehearsal) build.what += ", not unique in a rehearsal";
    build.statements.push_back(fmt::format("CREATE {}INDEX CONCURRENTLY {} ON {} {}", maker.rehearsal ? "" : "UNIQUE ",
                                           quoted, maker.live.name.sql(), part.index_clause));
    build.index = name;
    maker.step(maker.if_there(std::move(build), part.columns));
    Step add{StepKind::locked, part.summary};
    add.statements.push_back(maker.alter(fmt::format("ADD CONSTRAINT {0} {1} USING INDEX {0} {2}", quoted,
                                                     primary ? "PRIMARY KEY" : "UNIQUE", part.attributes)));
    add.undo.push_back(maker.alter("DROP CONSTRAINT IF EXISTS " + quoted));
    add.locks.push_back({maker.live.name, "ACCESS EXCLUSIVE"});
    maker.locked(Maker::instead(std::move(add), InRehearsal::locked, "it would refuse rows of the application"));
}

}  // namespace pgwraith::online
