#include "range_rows.h"

#include <algorithm>

namespace pgwraith::transfer {

namespace {

constexpr double fewest_rows = 100;
// Some hundredths of a second: a worker that is to give way is not to go on for much longer.
constexpr double most_rows = 50'000;

}  // namespace

std::uint64_t next_range_rows(std::uint64_t rows, milliseconds elapsed, milliseconds target) {
    const auto took = static_cast<double>(std::max<std::int64_t>(1, elapsed.count()));
    const auto factor = std::clamp(static_cast<double>(target.count()) / took, 0.1, 2.0);
    return static_cast<std::uint64_t>(std::clamp(static_cast<double>(rows) * factor, fewest_rows, most_rows));
}

}  // namespace pgwraith::transfer
