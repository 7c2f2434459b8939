// Before the copy: reasons to refuse, then publication, slot and empty shadow.
#pragma once

#include <memory>

#include "board.h"
#include "pgwraith/carry/carry.h"
#include "pgwraith/catalog/preflight.h"
#include "pgwraith/migration/migration.h"
#include "pgwraith/postgres/replication.h"
#include "state.h"

namespace pgwraith::migration {

// The live table as it is now, with all that was found against migrating it.
struct Survey {
    catalog::Table table;
    std::optional<catalog::Key> key;
    std::vector<Plan::Reason> refusals;
    std::vector<std::string> warnings;
};

// Throws Error(refused) when there is no such table. Changes nothing.
Task<Survey> survey(postgres::Connection& connection, Oid oid, const config::Settings& settings);
catalog::KeyWish key_wish(const config::Settings& settings);
// A name without a schema is looked for in the search_path, as a plain statement of the role would do.
Task<QualifiedName> with_schema(const postgres::Sessions& sessions, QualifiedName table);
Task<Oid> find_live_table(postgres::Connection& connection, QualifiedName table);

// What rows are computed under, and why that would not do. REQUIRES: a session for rows that has not been given
// anything.
struct RowsSurvey {
    std::vector<postgres::RowSetting> settings;
    std::vector<Plan::Reason> refusals;
};
Task<RowsSurvey> survey_rows_session(postgres::Connection& connection);

// The user's SQL as our sessions, in which standard_conforming_strings is on, have to be given it.
config::Settings as_read_by_the_role(config::Settings settings, const postgres::Settings& of_rows);

// The same session, later: warns of what has changed. `kept` is completed so that new settings do not count.
Task<void> note_changed_settings(postgres::Connection& connection, Identity identity, postgres::Settings& kept);

// For carry::check_carry() and plan_swap(): the table and the shadow just made for it.
carry::CarryContext carry_context(const catalog::Table& live, const shadow::Blueprint& blueprint,
                                  const MigrationNames& names, const config::Settings& settings);

// With all the reasons; REQUIRES: there are some.
catalog::Refused refusal(const QualifiedName& table, const std::vector<Plan::Reason>& reasons);

// While nothing but an empty shadow was made, what the server refuses for good is a refusal of ours, and no error of
// the server stands alone. Throws in any case.
[[noreturn]] void rethrow_as_refusal(const std::exception_ptr& failure,
                                     const std::vector<catalog::EventTrigger>& event_triggers);

// Throws Error(refused) naming the views and functions on the table that the change leaves no way for.
Task<void> check_views(postgres::Connection& connection, config::Settings settings, catalog::Table live,
                       shadow::Blueprint blueprint);

Task<Identity> make_identity(postgres::Connection& connection, const config::Settings& settings, Oid oid);

// Carrying on. Throws Error(refused) when table, SQL, values or key are not those that the migration began with.
void require_same_settings(const config::Settings& settings, const Identity& identity);

// What must have happened on the server whose history the state directory goes on with.
struct KnownPast {
    std::optional<Lsn> position;  // of the change stream, as the ledger has it
    Xid committed = 0;            // a chunk's transaction, the newest; 0: none
};
Task<KnownPast> known_past(store::Store& store);

// Chunks, ledger and transaction ids mean something in one history of one server only. Throws Error(stopped) when this
// is another one, a transient PgError while it is a standby. `past`: what has happened on it for certain.
Task<void> require_same_server(postgres::Connection& connection, config::Settings settings, Identity identity,
                               KnownPast past);

// Makes everything, records it, and leaves the migration in phase copy. Leftovers of an earlier try of the same
// migration are dropped first. Returns the session that holds the slot, for the change stream.
Task<std::unique_ptr<postgres::ReplicationStream>> prepare(const postgres::Sessions& sessions, store::Store& store,
                                                           Board& board, Identity identity);

// Reads the live table's blocks and file node under a lock that keeps TRUNCATE out, with the position from which a
// TRUNCATE is news. REQUIRES: the slot exists (docs/architecture.md, invariant 1).
Task<CopyStart> begin_copy(postgres::Connection& connection, Oid live);

}  // namespace pgwraith::migration
