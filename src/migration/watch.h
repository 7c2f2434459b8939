// Watches, beside the phases, what others do to the live table.
#pragma once

#include <set>

#include "attempt_context.h"
#include "pgwraith/base/names.h"
#include "pgwraith/catalog/definition.h"
#include "pgwraith/catalog/fingerprint.h"

namespace pgwraith::migration {

struct PublicationState {
    bool there = false;    // all of the table's changes are in it
    bool harms = false;    // it makes the server refuse UPDATE and DELETE of the table
    std::string identity;  // what the server identifies the table's rows by, in words
};

// Why the migration cannot go on; empty: it can. While preparing, the publication need not be there yet. Pure.
std::string against_publication(const PublicationState& found, const QualifiedName& table,
                                const std::string& publication, bool preparing);

// Our publication must never make the application's UPDATE and DELETE fail, which the server refuses when the replica
// identity is not among the published columns. A user who changes it does not know that. So we look several times
// a second, and the publication is dropped at once; that ends the migration, because the changes since are lost.
class Watch {
  public:
    explicit Watch(AttemptContext context);

    // Looks once; throws Error(stopped) when the publication had to be dropped, or is gone. An earlier process may have
    // dropped it. REQUIRES: phase prepare is over.
    Task<void> look(postgres::Connection& connection);
    // Looks until cancelled, throws likewise. While preparing, the publication need not be there yet.
    Task<void> while_preparing();
    // Also says what was altered since `start`, once each: what stops the swap as a warning.
    Task<void> run(catalog::Definition start);

    // What was not said before: drift as a warning, what the swap takes along as information.
    void say(const catalog::DefinitionChanges& changes);

    // The error that a look threw, or is about to: it explains other failures, such as the stream's.
    const std::optional<Error>& verdict() const { return verdict_; }

  private:
    Task<void> open();
    Task<void> look_at_publication(postgres::Connection& connection, bool preparing);
    Task<void> look_at_definition(postgres::Connection& connection, const catalog::Definition& start);

    AttemptContext context_;
    Board& board_;
    State state_;
    MigrationNames names_;
    std::unique_ptr<postgres::Connection> connection_;  // from the beginning of prepare on
    std::optional<Error> verdict_;
    std::optional<catalog::Fingerprint> seen_;
    std::set<std::string> said_;
};

}  // namespace pgwraith::migration
