// VALIDATE CONSTRAINT: reads the table under a lock that stops no reader or writer.
#include <fmt/format.h>

#include "maker.h"

namespace pgwraith::online {

void make_validate(Maker& maker, const plan::Part& part) {
    Step step{StepKind::validate, part.summary, {part.sql}};
    step.kept = fmt::format("constraint {} stays validated", quote_identifier(part.name));
    maker.step(std::move(step));
}

}  // namespace pgwraith::online
