// The journal's documents of a migration, typed (docs/formats.md).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

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
    // Of database, role and connection, as a plain statement would have had them then: all that is computed for rows is
    // computed under these.
    postgres::Settings settings;
};

// What the copy is about; replaced when the copy starts over.
struct CopyStart {
    transfer::CopyTarget target;
    Lsn from;  // a TRUNCATE that committed later is not in it
};

// Blocking, like the journal underneath: call through the pool.
class State {
  public:
    explicit State(store::Journal& journal) : journal_(journal) {}

    std::optional<Identity> identity() const;
    void set_identity(const Identity& identity);

    Phase phase() const;  // prepare when nothing is recorded
    void set_phase(Phase phase);

    catalog::Definition definition() const;
    void set_definition(const catalog::Definition& definition);

    shadow::Blueprint blueprint() const;
    void set_blueprint(const shadow::Blueprint& blueprint);

    CopyStart copy_start() const;
    // Forgets the chunks and the verification of an earlier copy as well.
    void set_copy_start(const CopyStart& start);

    // The slot was made: from then on it keeps WAL.
    bool slot_made() const;

    // What the last whole verification compared; `repaired` by all of them.
    std::optional<Verification> verified() const;
    void set_verified(const Verification& verification);
    // The next verification begins at the start.
    void forget_verification();

    // The copy is being thrown away; why.
    std::optional<std::string> starting_over() const;
    void set_starting_over(const std::string& why);
    void clear_starting_over();

    // Our publication was made to publish nothing, because the application's writes failed with it: why.
    std::optional<std::string> publication_silenced() const;
    void set_publication_silenced(const std::string& why);

    // The transaction of the last cutover attempt.
    std::optional<Xid> cutover_xid() const;
    // What is left to do after its commit.
    std::vector<std::string> after_commit() const;
    // That transaction is known to have rolled back.
    void forget_cutover();

  private:
    nlohmann::json require(const char* name) const;
    store::Journal& journal_;
};

}  // namespace pgwraith::migration
