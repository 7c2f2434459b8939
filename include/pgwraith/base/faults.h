// Named points at which tests make the process die: PGWRAITH_CRASH_AT="name" or "name:3" (at the third time).
// PGWRAITH_FAULT_TRACE=FILE appends the name of every point that is passed, so that a test knows which there are and
// how often. Compiled to nothing unless PGWRAITH_FAULTS is on.
#pragma once

namespace pgwraith {

#ifdef PGWRAITH_FAULTS
inline bool with_faults() { return true; }
// Thread contract: any thread. Kills the process (SIGKILL: no destructor, no flush) when the environment says so.
void fault_point(const char* name);
// True when PGWRAITH_BREAK names this one: a test build leaves an invariant out to see a test fail.
bool broken_on_purpose(const char* name);
#else
// Not constexpr: a co_await or co_return behind a condition that is constant is miscompiled by g++ 12.
inline bool with_faults() { return false; }
inline void fault_point(const char*) {}
inline bool broken_on_purpose(const char*) { return false; }
#endif

}  // namespace pgwraith
