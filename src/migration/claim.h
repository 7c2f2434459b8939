// Everything that a process must hold before it acts: the store, the lock on the table, the migration's identity.
#pragma once

#include <memory>
#include <optional>

#include "board.h"
#include "owner.h"
#include "pgwraith/postgres/sessions.h"
#include "pgwraith/store/store.h"
#include "retry.h"
#include "state.h"
#include "survey.h"
#include "way.h"

namespace pgwraith::migration {

struct Claimed {
    Identity identity;
    std::unique_ptr<Owner> owner;
    // For rows. Of a migration that begins and needs a shadow: it goes on in the session that looked at the table.
    std::unique_ptr<postgres::Connection> session;
};

class Claim {
  public:
    // References must outlive it. `store` is opened here, and stays open.
    Claim(Board& board, postgres::Sessions& sessions, std::unique_ptr<store::Store>& store, Retry& retry)
        : board_(board), sessions_(sessions), store_(store), retry_(retry) {}

    // Begins a migration, or takes over the one that the state directory knows, anew for each attempt. nullopt: an
    // earlier run has done what the settings ask for. Throws Error(refused) or Error(stopped) with the reason, PgError.
    Task<std::optional<Claimed>> take();

    // Whether the server keeps WAL for us, for the progress. REQUIRES: the store is open.
    Task<void> look_for_slot();
    bool connected_once() const { return connected_once_; }

  private:
    Task<std::optional<Identity>> open_store();
    Task<void> recall(Identity identity);
    Task<std::unique_ptr<postgres::Connection>> connect(std::optional<Identity> identity);
    Task<std::unique_ptr<postgres::Connection>> first_connection();
    Task<void> keep_settings(Identity identity);
    Task<void> look_at_expansion(postgres::Connection& for_rows, Identity identity, Survey& survey);
    Task<void> begin(postgres::Connection& connection, Oid oid, Claimed& claimed);
    Task<void> refuse_unfinished(postgres::Connection& connection);
    Task<void> look(postgres::Connection& connection, Oid oid, Claimed& claimed);
    Task<void> look_and_make_store(postgres::Connection& connection, Oid oid, Claimed& claimed);
    Task<ChosenWay> choose(postgres::Connection& for_rows, Identity identity, catalog::Table live);
    Task<Identity> take_over(postgres::Connection& connection, Identity identity);
    Task<bool> done_before(postgres::Connection& connection, Oid oid);
    Task<std::optional<Xid>> swap_begun();  // whether it ended is another question

    Board& board_;
    postgres::Sessions& sessions_;
    std::unique_ptr<store::Store>& store_;
    Retry& retry_;
    bool connected_once_ = false;
};

}  // namespace pgwraith::migration
