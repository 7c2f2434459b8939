#include "pgwraith/cutover/swap.h"

#include <fmt/format.h>

#include "pgwraith/base/names.h"

namespace pgwraith::cutover {

namespace {

// What the column is called in the new table; nullopt when it was dropped.
std::optional<std::string> new_name(const shadow::Pair& pair, const std::string& old_name) {
    for (const auto& column : pair.mapping.columns) {
        if (column.old_name == old_name) return column.name;
    }
    return std::nullopt;
}

}  // namespace

SwapPlan plan_swap(const catalog::Table& live, const shadow::Pair& pair, const shadow::Blueprint& blueprint,
                   const std::string& old_schema) {
    SwapPlan plan;
    auto& sql = plan.statements;
    sql = blueprint.at_swap_sql;

    // A serial's sequence stays where it is, with its OID: SET SCHEMA would carry it off with the old table.
    std::vector<std::string> after;
    for (const auto& sequence : live.sequences) {
        const auto* column = live.column_at(sequence.column);
        auto name = column == nullptr ? std::nullopt : new_name(pair, column->name);
        if (!name) continue;
        if (!sequence.identity) {
            sql.push_back(fmt::format("ALTER SEQUENCE {} OWNED BY NONE", sequence.name.sql()));
            after.push_back(fmt::format("ALTER SEQUENCE {} OWNED BY {}.{}", sequence.name.sql(), live.name.sql(),
                                        quote_identifier(*name)));
            continue;
        }
        // An identity's sequence cannot change tables: the new one takes the old one's place and value. When the user
        // took the identity away there is none to set.
        after.push_back(fmt::format(
            "SELECT setval(to_regclass({}), last_value, is_called) FROM {} WHERE to_regclass({}) IS NOT NULL",
            quote_literal(sequence.name.sql()), QualifiedName{old_schema, sequence.name.name}.sql(),
            quote_literal(sequence.name.sql())));
    }
    sql.push_back(fmt::format("ALTER TABLE {} SET SCHEMA {}", live.name.sql(), quote_identifier(old_schema)));
    sql.push_back(fmt::format("ALTER TABLE {} SET SCHEMA {}", pair.shadow.sql(), quote_identifier(live.name.schema)));
    sql.insert(sql.end(), after.begin(), after.end());

    // Statistics objects do not move with their table.
    for (const auto& statistics : live.statistics) {
        sql.push_back(fmt::format("ALTER STATISTICS {} SET SCHEMA {}", statistics.name.sql(), quote_identifier(old_schema)));
    }
    return plan;
}

}  // namespace pgwraith::cutover
