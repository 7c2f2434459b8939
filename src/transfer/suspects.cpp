#include "suspects.h"

#include <algorithm>

#include "pgwraith/base/error.h"

namespace pgwraith::transfer {

namespace {

constexpr double fewest_rows = 100;
constexpr double most_rows = 500'000;

}  // namespace

SortedDifferences sort_differences(std::vector<Difference> differences, const std::vector<bool>& pending) {
    ensure(differences.size() == pending.size(), "the ledger was asked about each difference");
    SortedDifferences sorted;
    for (std::size_t i = 0; i < differences.size(); ++i) {
        if (pending[i]) {
            sorted.under_way.push_back(std::move(differences[i].key));
        } else {
            sorted.wrong.push_back(std::move(differences[i]));
        }
    }
    return sorted;
}

std::uint64_t next_range_rows(std::uint64_t rows, milliseconds elapsed, milliseconds target) {
    const auto took = static_cast<double>(std::max<std::int64_t>(1, elapsed.count()));
    const auto factor = std::clamp(static_cast<double>(target.count()) / took, 0.1, 2.0);
    return static_cast<std::uint64_t>(std::clamp(static_cast<double>(rows) * factor, fewest_rows, most_rows));
}

}  // namespace pgwraith::transfer
