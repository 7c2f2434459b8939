// What the cutover keeps in the journal (docs/formats.md).
#pragma once

#include <string>
#include <vector>

#include "pgwraith/base/lsn.h"
#include "pgwraith/store/document.h"

namespace pgwraith::cutover {

// Of the last attempt; written before it locks anything. The members' names are on disk: do not rename them.
struct SwapIntent {
    Xid xid = 0;                            // the transaction that swaps; pg_xact_status() knows whether it did
    std::vector<std::string> after_commit;  // statements to be run when it did
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SwapIntent, xid, after_commit)

}  // namespace pgwraith::cutover

// On disk: do not rename.
template <>
inline constexpr const char* pgwraith::store::document_name<pgwraith::cutover::SwapIntent> = "cutover";
