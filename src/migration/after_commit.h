// The statements that follow the swap.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "board.h"
#include "pgwraith/postgres/connection.h"
#include "pgwraith/store/store.h"

namespace pgwraith::migration {

struct LeftUndone {
    std::vector<std::string> failed;   // with the reason: the server said no
    std::vector<std::string> waiting;  // with the session that holds the lock
};

bool adds_constraint(const std::string& statement);
// Writers, or readers of a view that is filled; VALIDATE CONSTRAINT does not.
bool keeps_others_waiting(const std::string& statement);

// Runs the statements, each in a transaction of its own. The swap stands even if they fail: a failure is logged as an
// error, with the statement to run by hand. A statement waits for a lock that somebody holds up to
// cutover.validate_timeout, which is logged; the other statements go on meanwhile. Throws PgError only when the
// connection is lost.
Task<LeftUndone> run_after_commit(postgres::Connection& connection, Board& board, store::Store& store,
                                  std::vector<std::string> statements);

}  // namespace pgwraith::migration
