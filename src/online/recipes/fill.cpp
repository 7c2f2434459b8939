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
        fill = Maker::instead(std::move(fill), InRehearsal::tried, "its values would stay: they are computed only");
    }
    maker.touched(column);
    fill = maker.if_there(std::move(fill), part.columns);
    Step analyze{StepKind::analyze, "ANALYZE", {"ANALYZE " + maker.live.name.sql()}};
    if (fill.in_rehearsal != InRehearsal::made) {
        analyze = Maker::instead(std::move(analyze), InRehearsal::left_out, "nothing was filled");
    }
    maker.step(std::move(fill));
    maker.step(std::move(analyze));
}

}  // namespace pgwraith::online
