// FOREIGN KEY: rows without a partner are looked for first; then new rows are bound, under a lock that stops writers of
// both tables for an instant; then the old ones are read.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "maker.h"

namespace pgwraith::online {

namespace {

std::string orphans_where(const Maker& maker, const plan::Part& part, const Facts::Referenced& referenced) {
    const auto& to = part.referenced_columns.empty() ? referenced.primary_key : part.referenced_columns;
    const bool match_full = part.clause.find("MATCH FULL") != std::string::npos;
    std::vector<std::string> present;
    std::vector<std::string> same;
    for (std::size_t i = 0; i < part.columns.size() && i < to.size(); ++i) {
        present.push_back(fmt::format("{} IS NOT NULL", maker.column(part.columns[i])));
        same.push_back(fmt::format("pgwraith_p.{} = {}", quote_identifier(to[i]), maker.column(part.columns[i])));
    }
    return fmt::format("({}) AND NOT EXISTS (SELECT FROM {} AS pgwraith_p WHERE {})",
                       fmt::join(present, match_full ? " OR " : " AND "), referenced.table.sql(),
                       fmt::join(same, " AND "));
}

}  // namespace

void make_foreign_key(Maker& maker, const plan::Part& part, const std::string& server_says,
                      const Facts::Referenced& referenced) {
    const auto name = quote_identifier(maker.name_for(part, server_says));
    Step add{StepKind::locked, part.summary};
    add.statements.push_back(maker.alter(fmt::format("ADD CONSTRAINT {} {} NOT VALID", name, part.clause)));
    add.undo.push_back(maker.alter("DROP CONSTRAINT IF EXISTS " + name));
    add.locks.push_back({maker.live.name, "SHARE ROW EXCLUSIVE"});
    if (referenced.table != maker.live.name) add.locks.push_back({referenced.table, "SHARE ROW EXCLUSIVE"});
    add = Maker::instead(std::move(add), InRehearsal::tried, "it would refuse rows of the application");
    if (part.not_valid) return maker.locked(std::move(add));
    // Keys of ranges of time are left to the server: a row may have several partners together. So is a table that only
    // the server may read for us.
    const bool of_periods = part.clause.find("PERIOD") != std::string::npos;
    const bool looked = !of_periods && referenced.readable;
    if (looked) {
        maker.check(fmt::format("look for rows without a partner in {}", referenced.table.sql()),
                    maker.rows_where(orphans_where(maker, part, referenced),
                                     fmt::format("without a partner in {} ({})", referenced.table.sql(),
                                                 fmt::join(part.columns, ", "))),
                    part.columns);
    }
    maker.locked(std::move(add));
    Step validate{
        StepKind::validate, "find a partner for each row of " + name, {maker.alter("VALIDATE CONSTRAINT " + name)}};
    maker.step(Maker::instead(std::move(validate), InRehearsal::left_out,
                              looked ? "the key is not there; its rows were looked for before"
                                     : "the key is not there; only the server could look for its rows"));
}

}  // namespace pgwraith::online
