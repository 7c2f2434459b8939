// VALIDATE CONSTRAINT: reads the table under a lock that stops no reader or writer.
#include <fmt/format.h>

#include <algorithm>

#include "maker.h"

namespace pgwraith::online {

namespace {

void look(Maker& maker, const plan::Part& part, const Facts::Referenced& referenced) {
    if (part.references) {
        look_for_orphans(maker, part, referenced);
    } else if (part.expression) {
        look_for_refused(maker, quote_identifier(part.name), part);
    } else if (!part.columns.empty()) {
        look_for_nulls(maker, part.columns.front());
    }
}

}  // namespace

void make_validate(Maker& maker, const plan::Part& part, const Facts::Referenced& referenced) {
    look(maker, part, referenced);
    Step step{StepKind::validate, part.summary, {part.sql}};
    step.kept = fmt::format("constraint {} stays validated", quote_identifier(part.name));
    const bool stands = std::ranges::any_of(maker.live.constraints,
                                            [&](const catalog::Constraint& one) { return one.name == part.name; });
    step = maker.instead(std::move(step), stands ? InRehearsal::tried : InRehearsal::left_out,
                         stands ? "it would stay validated" : "the constraint is not there");
    maker.step(std::move(step));
}

}  // namespace pgwraith::online
