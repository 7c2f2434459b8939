// Names that the server chose for new sequences.
#pragma once

#include "pgwraith/catalog/table.h"

namespace pgwraith::shadow {

// A new serial or identity column's sequence is named after table and column. In the shadow's schema that name is
// free; in the live table's it may be taken (a serial that becomes an identity keeps its old sequence), and there the
// server would have put a number behind it. So do we. In the caller's transaction.
Task<void> number_sequence_names(postgres::Connection& connection, Oid live, QualifiedName live_name,
                                 std::string shadow_schema);

}  // namespace pgwraith::shadow
