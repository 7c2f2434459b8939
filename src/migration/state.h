// What the journal knows of a migration (docs/formats.md).
#pragma once

#include <optional>
#include <string>

#include "borrowed_identity.h"
#include "pgwraith/base/names.h"
#include "pgwraith/catalog/definition.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/migration/progress.h"
#include "pgwraith/postgres/settings.h"
#include "pgwraith/shadow/blueprint.h"
#include "pgwraith/store/store.h"
#include "pgwraith/transfer/copier.h"

namespace pgwraith::migration {

// Which migration this is. Written before anything is made; never changes.
struct Identity {
    std::string system_identifier;  // of the cluster: pg_control_system()
    std::uint32_t timeline = 0;     // of its WAL: another one after a failover or a restore; 0: not recorded
    Oid database = 0;
    Oid table_oid = 0;
    QualifiedName table;
    std::string sql;
    std::map<std::string, std::string> values;
    std::string key;  // config::Key::text()
    // Of database, role and connection, as a plain statement would have had them then: all that is computed for rows is
    // computed under these.
    postgres::Settings settings;
    std::string way = "shadow";  // or "direct": decided when it began

    std::vector<config::ExpandColumn> expand = {};
    bool rehearsal = false;  // all but the last step, and back

    bool expands() const { return !expand.empty(); }
    bool direct() const { return way == "direct"; }
    MigrationNames names() const { return {database, table_oid}; }
    QualifiedName shadow_table() const { return {names().new_schema, table.name}; }
    QualifiedName old_table() const { return {names().old_schema, table.name}; }  // after the swap
};

// What the copy is about; replaced when the copy starts over.
struct CopyStart {
    transfer::CopyTarget target;
    Lsn from;  // a TRUNCATE that committed later is not in it
};

// How long others have waited at most, and for which statement; empty: for the swap.
struct LongestWait {
    double ms = 0;
    std::string by;
};

// Every write is synced when it was awaited. The journal must outlive it.
class State {
  public:
    explicit State(store::Journal& journal) : journal_(journal) {}

    Task<std::optional<Identity>> identity() const;
    Task<void> set_identity(Identity identity);

    Task<Phase> phase() const;  // prepare when nothing is recorded
    Task<void> set_phase(Phase phase);

    Task<catalog::Definition> definition() const;
    Task<void> set_definition(catalog::Definition definition);

    Task<shadow::Blueprint> blueprint() const;
    Task<void> set_blueprint(shadow::Blueprint blueprint);

    // What the live table's replica identity was, and is meanwhile; nullopt: it is as it was.
    Task<std::optional<BorrowedIdentity>> borrowed_identity() const;
    Task<void> set_borrowed_identity(BorrowedIdentity borrowed);
    Task<void> forget_borrowed_identity();

    Task<CopyStart> copy_start() const;
    // Forgets the chunks and the verification of an earlier copy as well.
    Task<void> set_copy_start(CopyStart start);

    // The slot was made: from then on it keeps WAL.
    Task<bool> slot_made() const;

    // What the last whole verification compared; `repaired` by all of them.
    Task<std::optional<Verification>> verified() const;
    Task<void> set_verified(Verification verification);
    // The next verification begins at the start.
    Task<void> forget_verification();

    // The copy is being thrown away; why.
    Task<std::optional<std::string>> starting_over() const;
    Task<void> set_starting_over(std::string why);
    Task<void> clear_starting_over();

    // Our publication was made to publish nothing, because the application's writes failed with it: why.
    Task<std::optional<std::string>> publication_silenced() const;
    Task<void> set_publication_silenced(std::string why);

    Task<std::optional<LongestWait>> longest_wait() const;
    Task<void> set_longest_wait(LongestWait wait);

    // Standbys that were seen, and how many of each name, whether they are there now or not.
    Task<std::map<std::string, int>> standbys() const;
    Task<void> set_standbys(std::map<std::string, int> known);

    // The transaction of the last cutover attempt.
    Task<std::optional<Xid>> cutover_xid() const;
    // What is left to do after its commit.
    Task<std::vector<std::string>> after_commit() const;
    // That transaction is known to have rolled back.
    Task<void> forget_cutover();

    // An abort has begun. (A rehearsal that goes back by itself is none.)
    Task<bool> taken_back() const;
    Task<void> set_taken_back() const;  // no effect on what was recorded of it before

    // What a rehearsal has found out, once it is to go back.
    Task<std::optional<Rehearsed>> rehearsed() const;
    Task<void> set_rehearsed(Rehearsed rehearsed);

  private:
    store::Journal& journal_;
};

}  // namespace pgwraith::migration
