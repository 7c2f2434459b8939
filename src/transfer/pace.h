// How many workers are worth it. Pure.
#pragma once

#include <vector>

#include "pgwraith/base/units.h"

namespace pgwraith::transfer {

// What only computes can take every core that the server has, and then each of the application's short statements waits
// for one. How many cores there are, and how busy, no client can ask: but workers that get a core each are as quick
// side by side as one alone. So it begins with one, and one more stays only while each is nearly as quick as before.
class Pace {
  public:
    int workers() const { return workers_; }
    // A worker went through so many rows while `busy` of them, it among them, worked from its beginning to its end; 0:
    // the number changed meanwhile. `most`: there are to be no more.
    void took(std::uint64_t rows, milliseconds elapsed, int busy, int most);

  private:
    void judge(double rate, int most);

    int workers_ = 1;
    std::vector<double> rates_;  // rows in a millisecond, with so many workers
    double alone_ = 0;           // of one worker
    int wait_ = 0;               // judgements before there may be one more
    int next_wait_ = 4;
};

}  // namespace pgwraith::transfer
