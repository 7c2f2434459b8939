// ADD CHECK: for new rows at once, for old ones when they were read under a lock that stops nobody.
#include <fmt/format.h>

#include "maker.h"

namespace pgwraith::online {

void make_check(Maker& maker, const plan::Part& part, const std::string& server_says) {
    const auto name = quote_identifier(maker.name_for(part, server_says));
    Step add{StepKind::locked, part.summary};
    add.statements.push_back(maker.alter(fmt::format("ADD CONSTRAINT {} {} NOT VALID", name, part.clause)));
    add.undo.push_back(maker.alter("DROP CONSTRAINT IF EXISTS " + name));
    add.locks.push_back({maker.live.name, "ACCESS EXCLUSIVE"});
    add = Maker::instead(std::move(add), InRehearsal::tried, "it would refuse rows of the application");
    if (part.not_valid) return maker.locked(std::move(add));
    if (part.expression) {
        maker.check(fmt::format("look for rows that {} refuses", name),
                    maker.rows_where(fmt::format("NOT ({})", *part.expression),
                                     fmt::format("which CHECK ({}) refuses", *part.expression)),
                    part.columns);
    }
    maker.locked(std::move(add));
    Step validate{
        StepKind::validate, "find all rows as " + name + " wants them", {maker.alter("VALIDATE CONSTRAINT " + name)}};
    maker.step(Maker::instead(std::move(validate), InRehearsal::left_out,
                              "the constraint is not there; its rows were looked for before"));
}

}  // namespace pgwraith::online
