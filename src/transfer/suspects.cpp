#include "suspects.h"

#include "pgwraith/base/error.h"

namespace pgwraith::transfer {

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

}  // namespace pgwraith::transfer
