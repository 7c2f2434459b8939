// VALIDATE CONSTRAINT: reads the table under a lock that stops no reader or writer.
#include <fmt/format.h>

#include <algorithm>

#include "maker.h"

namespace pgwraith::online {

void make_validate(Maker& maker, const plan::Part& part) {
    Step step{StepKind::validate, part.summary, {part.sql}};
    step.kept = fmt::format("constraint {} stays validated", quote_identifier(part.name));
    const bool stands = std::ranges::any_of(maker.live.constraints,
                                            [&](const catalog::Constraint& one) { return one.name == part.name; });
    step = Maker::instead(std::move(step), stands ? InRehearsal::tried : InRehearsal::left_out,
                          stands ? "it would stay validated" : "the constraint is not there");
    maker.step(std::move(step));
}

}  // namespace pgwraith::online
