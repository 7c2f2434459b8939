// Whether a failed attempt to swap was only called off, and why. Pure.
#pragma once

#include "pgwraith/cutover/cutover.h"
#include "pgwraith/cutover/locks.h"

namespace pgwraith::cutover {

// Everything is as before, a later attempt may succeed.
class CalledOff : public Error {
  public:
    explicit CalledOff(std::string why) : Error(ErrorKind::stopped, std::move(why)) {}
};

std::string planned_anew(const std::string& catalogs);

// What became of an attempt that threw `failure`. Without a reason it was no attempt that was called off, but a
// failure. `watch`: who was seen in the way; nullptr: the strong locks were not asked for. `blocked_ms`: since they
// were asked for.
SwapResult called_off(const std::exception_ptr& failure, const LockWatch* watch, double blocked_ms,
                      milliseconds max_blocked);

}  // namespace pgwraith::cutover
