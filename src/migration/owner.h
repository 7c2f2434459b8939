// One owner per table: an advisory lock on a session that is watched.
#pragma once

#include <memory>

#include "pgwraith/postgres/sessions.h"

namespace pgwraith::migration {

class Owner {
  public:
    // Throws Error(stopped) naming the owner (process, host, since) when another one holds the lock. A dead owner's
    // session is waited for a few seconds.
    static Task<std::unique_ptr<Owner>> acquire(const postgres::Sessions& sessions, Oid table);

    // Asks the session now and then whether it is still there, until cancelled; throws PgError when it is not.
    Task<void> watch();

  private:
    explicit Owner(std::unique_ptr<postgres::Connection> connection) : connection_(std::move(connection)) {}
    std::unique_ptr<postgres::Connection> connection_;
};

}  // namespace pgwraith::migration
