// Before the copy: empty shadow, publication and slot.
#pragma once

#include <memory>

#include "attempt_context.h"
#include "pgwraith/capture/slot.h"

namespace pgwraith::migration {

struct Prepared {
    capture::NewSlot slot;  // with the session that holds it, for the change stream
    // For rows. It has planned what the attempt asks again and again, which takes several times as long as to run it.
    std::unique_ptr<postgres::Connection> session;
};

// Makes everything, records it, and leaves the migration in phase copy. Leftovers of an earlier try of the same
// migration are dropped first. `session`: one for rows, if there is one already.
Task<Prepared> prepare(AttemptContext context, std::unique_ptr<postgres::Connection> session);

// The shadow was made for the key of a moment ago. Throws Error(refused) when the server identifies the rows by other
// columns by now. Pure.
void require_same_key(const QualifiedName& table, const catalog::Key& key, const plan::Mapping& mapping);

// Reads the live table's blocks and file node under a lock that keeps TRUNCATE out, with the position from which a
// TRUNCATE is news. REQUIRES: the slot exists (docs/architecture.md, invariant 1).
Task<CopyStart> begin_copy(postgres::Connection& connection, Oid live);

}  // namespace pgwraith::migration
