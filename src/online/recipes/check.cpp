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
    if (part.not_valid) return maker.bind(std::move(add));
    look_for_refused(maker, name, part);
    maker.bind(std::move(add));
    maker.validate("find all rows as " + name + " wants them", name);
}

}  // namespace pgwraith::online
