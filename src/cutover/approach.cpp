#include "approach.h"

#include "pgwraith/transfer/last_keys.h"
#include "swap_limits.h"

namespace pgwraith::cutover {

namespace {

// Of max_blocked, for the stream and the last keys: the locks, the swap's statements and COMMIT take time too.
constexpr double share = 0.7;
constexpr double patience_ms = 10'000;
constexpr double just_now_ms = 200;
// Until an attempt has shown it: 100,000 keys in a second (docs/figures.md).
constexpr double ms_per_key_expected = 0.01;

}  // namespace

Approach::Next Approach::after(const transfer::PassResult& pass, double stream_ms, double since_ms) {
    if (pass.seen > transfer::most_last_keys / 2) applies_meanwhile_ = true;
    if (is_nearly_current(pass) && since_ms <= just_now_ms) return Next::locks;
    if (!trend_.settled(pass.seen)) {
        in_vain_ms_ = 0;
        return Next::pass;
    }
    if (may_fit(pass, stream_ms)) return Next::locks;
    in_vain_ms_ += stream_ms + static_cast<double>(pass.took.count());
    if (in_vain_ms_ > patience_ms / 2) applies_meanwhile_ = true;
    return in_vain_ms_ < patience_ms ? Next::pass : Next::give_up;
}

bool Approach::may_fit(const transfer::PassResult& pass, double stream_ms) const {
    if (pass.seen > transfer::most_last_keys) return false;
    return stream_ms + ms_per_key_.value_or(ms_per_key_expected) * static_cast<double>(pass.seen) <=
           share * static_cast<double>(max_blocked_.count());
}

}  // namespace pgwraith::cutover
