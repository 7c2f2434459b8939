// Whether the server has the history that the state directory goes on with. Pure.
#pragma once

#include <optional>
#include <string>

#include "pgwraith/base/lsn.h"
#include "pgwraith/postgres/transactions.h"
#include "state.h"

namespace pgwraith::migration {

// What must have happened on the server whose history the state directory goes on with.
struct KnownPast {
    std::optional<Lsn> position;  // of the change stream, as the ledger has it
    Xid committed = 0;            // a chunk's or a step's transaction, the newest; 0: none
};

struct ServerNow {
    std::uint32_t timeline = 0;
    Lsn position;  // flushed
    Xid next = 0;  // the first transaction id that it has not given out
};

// Which migration the state is of, in words, if it is not of the table and the database of `here`; empty: it is.
std::string another_migration(const Identity& recorded, const Identity& here);

// Why it is another history; empty: nothing speaks against it.
std::string other_history(const Identity& began, const ServerNow& now, const KnownPast& past);

// Likewise, by what the server says of the newest chunk's transaction. REQUIRES: other_history() is empty.
std::string other_history(const KnownPast& past, postgres::XactStatus of_committed);

}  // namespace pgwraith::migration
