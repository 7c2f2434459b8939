// Sessions that keep the swap, or a step, from its locks, ended on request (cutover.terminate_blockers).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "board.h"
#include "pgwraith/catalog/holders.h"
#include "pgwraith/online/step.h"
#include "pgwraith/postgres/sessions.h"

namespace pgwraith::migration {

class Blockers {
  public:
    Blockers(const postgres::Sessions& sessions, Board& board) : sessions_(sessions), board_(board) {}

    // After an attempt at `what` that was called off: ends the sessions whose transaction has stood in the way of one
    // of its locks for as long as the setting says. Never a superuser's session, one that replicates, or one of this
    // program's. Throws PgError only when the connection is lost.
    Task<void> look(std::vector<online::TableLock> locks, std::string what);
    // The same when not even a plan could be made, because somebody keeps readers away from the table, or from what
    // hangs on it.
    Task<void> look_near(Oid table, std::string what);

  private:
    bool wanted();
    Task<void> judge(postgres::Connection& connection, std::vector<catalog::LockHolder> holders, std::string what);
    Task<void> end_session(postgres::Connection& connection, catalog::LockHolder holder, milliseconds stood,
                           std::string what);

    const postgres::Sessions& sessions_;
    Board& board_;
    std::map<std::string, Clock::time_point> since_;  // by virtual transaction: the same again is the same transaction
    std::set<std::string> spared_;                    // those of which it was said
};

}  // namespace pgwraith::migration
