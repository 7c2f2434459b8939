// A column is filled in place, where it is NULL, in chunks.
#include <fmt/format.h>

#include "maker.h"

namespace pgwraith::online {

void make_fill(Maker& maker, const plan::Part& part) {
    const auto& column = part.columns.front();
    Step fill{StepKind::fill, "fill " + column};
    fill.column = column;
    fill.expression = part.expression.value_or("NULL");
    if (maker.untouched(column) != nullptr) {
        fill.kept = fmt::format("the values that were filled into {}", quote_identifier(column));
    }
    maker.touched(column);
    maker.step(std::move(fill));
    maker.step({StepKind::analyze, "ANALYZE", {"ANALYZE " + maker.live.name.sql()}});
}

}  // namespace pgwraith::online
