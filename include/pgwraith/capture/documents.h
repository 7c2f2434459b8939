// The change stream's documents in the journal (docs/formats.md).
#pragma once

#include "pgwraith/base/lsn.h"
#include "pgwraith/store/document.h"

namespace pgwraith::capture {

// The members' names are on disk: do not rename them.

// The slot was made; written once.
struct SlotStart {
    Lsn start;  // the stream begins here, at the earliest
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SlotStart, start)

// The stream has brought a TRUNCATE of the table; the last one counts.
struct Truncated {
    Lsn commit;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Truncated, commit)

}  // namespace pgwraith::capture

namespace pgwraith::store {

// On disk: do not rename.
template <>
inline constexpr const char* document_name<capture::SlotStart> = "slot";
template <>
inline constexpr const char* document_name<capture::Truncated> = "truncate";

}  // namespace pgwraith::store
