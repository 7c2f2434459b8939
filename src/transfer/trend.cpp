#include "pgwraith/transfer/trend.h"

namespace pgwraith::transfer {

namespace {

constexpr double clearly_fewer = 0.8;  // of the fewest so far
constexpr int few_passes = 3;

}  // namespace

bool Trend::settled(std::uint64_t seen) {
    if (static_cast<double>(seen) < clearly_fewer * static_cast<double>(fewest_)) {
        fewest_ = seen;
        in_vain_ = 0;
    } else {
        ++in_vain_;
    }
    return in_vain_ >= few_passes;
}

}  // namespace pgwraith::transfer
