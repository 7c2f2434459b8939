// One owner per table: an advisory lock on a session that is watched.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "pgwraith/base/names.h"
#include "pgwraith/migration/progress.h"
#include "pgwraith/postgres/sessions.h"

namespace pgwraith::migration {

class Owner {
  public:
    // Throws Error(stopped) naming the owner (process, host, since) when another one holds the lock for longer than
    // `patience`: the session of a process that has died takes a moment to go, over a network longer. `waits` is told
    // who that is.
    static Task<std::unique_ptr<Owner>> acquire(const postgres::Sessions& sessions, Oid table, milliseconds patience,
                                                std::function<void(const std::string&)> waits = {});

    // Who holds the lock: application and since when; empty: nobody.
    static Task<std::string> held_by(postgres::Connection& connection, Oid table);

    // Asks the session now and then whether it is still there, until cancelled; throws PgError when it is not.
    Task<void> watch();
    // Beside that the grants on the shadow follow those on the live table (dumpers.h), but not while they are swapped.
    Task<void> watch(Oid live, QualifiedName shadow, const Progress& progress);

  private:
    explicit Owner(std::unique_ptr<postgres::Connection> connection) : connection_(std::move(connection)) {}
    std::unique_ptr<postgres::Connection> connection_;
};

}  // namespace pgwraith::migration
