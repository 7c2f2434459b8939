// What the verifier decides about rows that differ. Pure.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/transfer/verifier.h"

namespace pgwraith::transfer {

struct SortedDifferences {
    std::vector<std::string> under_way;  // keys whose change is still in the ledger: to be looked at again
    std::vector<Difference> wrong;       // true differences: no pending change explains them
};

// `pending`: for each difference, whether the ledger has its key. REQUIRES: the applier was held while the rows were
// compared, and all that the comparison saw has reached the ledger since.
SortedDifferences sort_differences(std::vector<Difference> differences, const std::vector<bool>& pending);

}  // namespace pgwraith::transfer
