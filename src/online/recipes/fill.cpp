// Columns are filled in place, where they are NULL, in chunks.
#include <fmt/format.h>

#include "maker.h"

namespace pgwraith::online {

void make_fill(Maker& maker, const plan::Part& part) {
    const auto& column = part.columns.front();
    Step fill{StepKind::fill, "fill " + column};
    fill.fills = {{column, part.expression.value_or("NULL")}};
    // Whatever else of it the change has altered before, its default for instance.
    if (part.standing) {
        fill.kept = fmt::format("the values that were filled into {}", quote_identifier(column));
        fill = maker.instead(std::move(fill), InRehearsal::tried, "its values would stay: they are computed only");
    }
    maker.filled(part);
    maker.fill(maker.if_there(std::move(fill), part.columns));
}

}  // namespace pgwraith::online
