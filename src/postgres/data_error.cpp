#include "pgwraith/postgres/data_error.h"

#include <algorithm>
#include <array>

namespace pgwraith::postgres {

bool is_data_error(const PgError& error) {
    if (error.state_class() != SqlStateClass::definitive) return false;
    // 20 and P0: PL/pgSQL; 21: a subquery with several rows; 2F, 38, 39: functions; 44: WITH CHECK; 54: too long.
    constexpr std::array<std::string_view, 10> classes{"20", "21", "22", "23", "2F", "38", "39", "44", "54", "P0"};
    return std::ranges::any_of(classes, [&](std::string_view one) { return error.sqlstate().starts_with(one); });
}

}  // namespace pgwraith::postgres
