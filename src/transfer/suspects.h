// What the verifier decides about rows that differ, and about the size of its ranges. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pgwraith/base/units.h"
#include "pgwraith/transfer/verifier.h"

namespace pgwraith::transfer {

struct SortedDifferences {
    std::vector<std::string> under_way;  // keys whose change is still in the ledger: to be looked at again
    std::vector<Difference> wrong;       // true differences: no pending change explains them
};

// `pending`: for each difference, whether the ledger has its key. REQUIRES: the applier was held while the rows were
// compared, and all that the comparison saw has reached the ledger since.
SortedDifferences sort_differences(std::vector<Difference> differences, const std::vector<bool>& pending);

// Rows of the next range, after one of `rows` took `elapsed`: as many as take about `target`, but no more than twice
// and no less than a tenth of what they were.
std::uint64_t next_range_rows(std::uint64_t rows, milliseconds elapsed, milliseconds target);

}  // namespace pgwraith::transfer
