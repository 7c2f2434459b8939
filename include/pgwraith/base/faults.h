// Named points at which tests make the process die: PGWRAITH_CRASH_AT="name" or "name:3" (at the third time).
// Compiled to nothing unless PGWRAITH_FAULTS is on.
#pragma once

namespace pgwraith {

#ifdef PGWRAITH_FAULTS
// Kills the process (SIGKILL: no destructor, no flush) when the environment says so.
void fault_point(const char* name);
// True when PGWRAITH_BREAK names this one: a test build leaves an invariant out to see a test fail.
bool broken_on_purpose(const char* name);
#else
inline void fault_point(const char*) {}
inline constexpr bool broken_on_purpose(const char*) { return false; }
#endif

}  // namespace pgwraith
