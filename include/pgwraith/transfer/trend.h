// Whether passes over the changed keys come to meet fewer of them. Pure.
#pragma once

#include <cstdint>
#include <limits>

namespace pgwraith::transfer {

class Trend {
  public:
    // After each pass, with the number of keys that it met. True: the last few passes met hardly fewer than one before
    // them. The keys change as fast as the passes come round, and another pass gains nothing.
    bool settled(std::uint64_t seen);

  private:
    std::uint64_t fewest_ = std::numeric_limits<std::uint64_t>::max();
    int in_vain_ = 0;  // passes since the one that met the fewest
};

}  // namespace pgwraith::transfer
