// When the strong locks are asked for. Pure.
#pragma once

#include <optional>

#include "pgwraith/transfer/applier.h"
#include "pgwraith/transfer/trend.h"

namespace pgwraith::cutover {

// What is left in the ledger is applied while others wait: the fewer keys, the better. Where they change as fast as the
// passes come round they become no fewer. Then all that counts is whether they can be applied within max_blocked. How
// long that takes the first attempt shows.
class Approach {
  public:
    enum class Next { pass, locks, give_up };

    // `ms_per_key`: of an attempt that had come to the last keys; nullopt: none has.
    Approach(milliseconds max_blocked, std::optional<double> ms_per_key)
        : max_blocked_(max_blocked), ms_per_key_(ms_per_key) {}

    // `stream_ms`: what the watermark before the pass took to come back; `since_ms`: how long ago it was emitted. What
    // was written since, by an earlier pass too, is yet to come through the stream.
    Next after(const transfer::PassResult& pass, double stream_ms, double since_ms);

    // While the next watermark is awaited. What is applied then takes processors from the stream, and adds records for
    // it to pass over; a key that changes again and again need not be applied meanwhile. Where too many keys wait, or
    // what waits did not fit for half of our patience, they are.
    bool applies_meanwhile() const { return applies_meanwhile_; }

  private:
    bool may_fit(const transfer::PassResult& pass, double stream_ms) const;

    milliseconds max_blocked_;
    std::optional<double> ms_per_key_;
    transfer::Trend trend_;
    double in_vain_ms_ = 0;
    bool applies_meanwhile_ = false;
};

}  // namespace pgwraith::cutover
