// Calls that a silent network can block for any time: libpq's connecting, its requests to cancel a statement, looking
// up a name. Each call has a thread of its own, and nothing waits for that thread; a process that ends gives it a
// moment.
#pragma once

#include <functional>

#include "pgwraith/base/units.h"

namespace pgwraith {

// Starts `work`, which must own what it uses and must not throw, on a thread of its own.
void in_background(std::function<void()> work);

// Waits until no work is left, for at most `patience`. False: some work is stuck. Then the process must end by _Exit(),
// since its threads would go on using libraries that exit() takes down.
bool finish_background(milliseconds patience);

}  // namespace pgwraith
