// What became of a swap whose COMMIT was sent.
#include <fmt/format.h>

#include "pgwraith/cutover/cutover.h"
#include "pgwraith/postgres/transactions.h"

namespace pgwraith::cutover {

Task<Outcome> find_outcome(const postgres::Sessions& sessions, Xid xid, Oid live, std::string old_schema) {
    auto connection = co_await sessions.open("outcome");
    // What it says is not needed: forgotten, only the catalog knows.
    co_await postgres::final_xact_status(*connection, xid);
    auto moved = co_await connection->query(
        "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid AND n.nspname = $2",
        postgres::params(std::to_string(live), old_schema));
    co_return moved.empty() ? Outcome::rolled_back : Outcome::committed;
}

Error unknown_outcome(Xid xid) {
    return Error(
        ErrorKind::unknown_outcome,
        fmt::format(
            "the connection was lost while the cutover committed (transaction {}), and the server cannot be asked",
            xid),
        fmt::format("The table has been swapped, or it is as it was. When the server answers again: SELECT "
                    "pg_xact_status('{}'::xid8) says `committed` or `aborted`; `pgwraith run` finds out by itself and "
                    "goes on either way.",
                    xid));
}

}  // namespace pgwraith::cutover
