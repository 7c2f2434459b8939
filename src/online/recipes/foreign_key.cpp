// FOREIGN KEY: rows without a partner are looked for first; then new rows are bound, under a lock that stops writers of
// both tables for an instant; then the old ones are read.
#include <fmt/format.h>

#include "maker.h"

namespace pgwraith::online {

void make_foreign_key(Maker& maker, const plan::Part& part, const std::string& server_says,
                      const Facts::Referenced& referenced) {
    const auto name = quote_identifier(maker.name_for(part, server_says));
    Step add{StepKind::locked, part.summary};
    add.statements.push_back(maker.alter(fmt::format("ADD CONSTRAINT {} {} NOT VALID", name, part.clause)));
    add.undo.push_back(maker.alter("DROP CONSTRAINT IF EXISTS " + name));
    add.locks.push_back({maker.live.name, "SHARE ROW EXCLUSIVE"});
    if (referenced.table != maker.live.name) add.locks.push_back({referenced.table, "SHARE ROW EXCLUSIVE"});
    if (part.not_valid) return maker.bind(std::move(add));
    const bool looked = look_for_orphans(maker, part, referenced);
    maker.bind(std::move(add));
    maker.validate("find a partner for each row of " + name, name,
                   looked ? "the key is not there; its rows were looked for before"
                          : "the key is not there; only the server could look for its rows");
}

}  // namespace pgwraith::online
