// Sessions that keep the swap from its locks, ended on request (cutover.terminate_blockers).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "board.h"
#include "pgwraith/postgres/sessions.h"

namespace pgwraith::migration {

class Blockers {
  public:
    Blockers(const postgres::Sessions& sessions, Board& board) : sessions_(sessions), board_(board) {}

    // After an attempt that was called off: ends those whose transaction has stood in the way of the swap, of which
    // `tables` are to be locked, for as long as the setting says. Never a superuser's session, one that replicates, or
    // one of this program's. Throws PgError only when the connection is lost.
    Task<void> look(std::vector<QualifiedName> tables);

  private:
    Task<void> end_session(postgres::Connection& connection, int pid, std::string transaction, std::string who,
                           milliseconds stood);

    const postgres::Sessions& sessions_;
    Board& board_;
    std::map<std::string, Clock::time_point> since_;  // by virtual transaction: the same again is the same transaction
};

}  // namespace pgwraith::migration
