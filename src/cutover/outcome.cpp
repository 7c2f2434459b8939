// What became of a swap whose COMMIT was sent.
#include <fmt/format.h>

#include "pgwraith/cutover/cutover.h"

namespace pgwraith::cutover {

Outcome outcome_of(postgres::XactStatus status, LiveTable live) {
    switch (live) {
        case LiveTable::in_place:
            return Outcome::rolled_back;
        case LiveTable::in_old_schema:
            return Outcome::committed;
        case LiveTable::elsewhere:
            break;
    }
    return status == postgres::XactStatus::committed ? Outcome::committed : Outcome::rolled_back;
}

Task<Outcome> find_outcome(const postgres::Sessions& sessions, Xid xid, Oid live, QualifiedName name,
                           std::string old_schema) {
    auto connection = co_await sessions.open("outcome");
    const auto status = co_await postgres::final_xact_status(*connection, xid);
    const auto row = co_await connection->query(
        "SELECT n.nspname = $2, n.nspname = $3 AND c.relname = $4 "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid",
        postgres::params(std::to_string(live), old_schema, name.schema, name.name));
    auto where = LiveTable::elsewhere;
    if (!row.empty() && row.boolean(0, 0)) where = LiveTable::in_old_schema;
    if (!row.empty() && row.boolean(0, 1)) where = LiveTable::in_place;
    co_return outcome_of(status, where);
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
