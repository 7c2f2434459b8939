// The sessions that hold the locks that we want.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pgwraith/base/lsn.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::catalog {

struct LockHolder {
    Oid relation = 0;
    std::string relation_name;
    // The transaction, readable for every role, also where its age is hidden: the same again is the same transaction.
    std::string transaction;
    // "pid 4711 (app, report, idle in transaction, 00:00:07 in its transaction) after "SELECT count(*) FROM t""
    std::string who;
    int pid = 0;  // 0: a prepared transaction's
    std::string modes;
    bool autovacuum = false;           // yields to a session that waits longer than deadlock_timeout …
    bool prevents_wraparound = false;  // … unless it prevents wraparound
    std::optional<milliseconds> age;   // of its transaction; hidden from a role without pg_read_all_stats
};

// What a lock has to be waited for: of SHARE UPDATE EXCLUSIVE, the weakest that an autovacuum takes and that stops no
// reader or writer, of SHARE ROW EXCLUSIVE, which stops writers only, and of ACCESS EXCLUSIVE.
enum class LockStrength { share_update_exclusive, share_row_exclusive, access_exclusive };

LockStrength strength_of(const std::string& mode);  // as LOCK TABLE takes it

// Sessions of any kind and prepared transactions that hold a conflicting lock on one of the relations, except the
// sessions in `ours`. Takes no lock on a relation.
Task<std::vector<LockHolder>> lock_holders(postgres::Connection& connection, std::vector<Oid> relations,
                                           LockStrength wanted, std::vector<int> ours);

// "public.t is held by pid 7 (…), pid 8 (…); public.p is held by …"; empty: by nobody.
std::string describe(const std::vector<LockHolder>& holders);

// describe() after a lock on `relation` was not granted; never empty.
Task<std::string> who_held(postgres::Connection& connection, Oid relation, LockStrength wanted);

// Of an array of process ids, as pg_blocking_pids() gives it.
Task<std::string> describe_sessions(postgres::Connection& connection, std::string pids);

// Those who hold the table, a table that a foreign key joins with it, or a view on it so that not even its definition
// can be read. Takes no lock on a relation.
Task<std::vector<LockHolder>> holders_against_readers(postgres::Connection& connection, Oid table);

// The same in words. Empty: nobody.
Task<std::string> who_keeps_readers_out(postgres::Connection& connection, Oid table);

// script() on a session outside of a transaction. A lock on `relation` that is not granted throws a PgError that names
// what was waited for, how long, and who holds it. When the script fails, a transaction that it began is rolled back.
Task<void> script_naming_holders(postgres::Connection& connection, std::string sql, Oid relation, LockStrength wanted);

// The server's deadlock_timeout: a session that waits longer makes an autovacuum yield.
Task<milliseconds> deadlock_timeout(postgres::Connection& connection);
// That, and what the server needs to end an autovacuum that is asked to yield.
Task<milliseconds> time_to_yield(postgres::Connection& connection);

}  // namespace pgwraith::catalog
