// Rows from one session to another, through this process: COPY … TO STDOUT into COPY … FROM STDIN.
#pragma once

#include <cstdint>
#include <string>

#include "pgwraith/postgres/connection.h"

namespace pgwraith::postgres {

// Statements in one message each, of which one is the COPY, both in binary format.
struct CopyStatements {
    std::string out;  // the last COPY … TO STDOUT; statements that follow it answer in `CopyOutcome::answer`
    std::string in;   // it ends with COPY … FROM STDIN
};

struct CopyOutcome {
    std::uint64_t rows = 0;  // that `to` has taken
    Result answer;           // of the last statement of `out`
};

// As the rows come; so much as a row and a buffer is held. The statement of `to` begins first, so that `from` holds
// nothing while `to` waits for a lock. After a PgError both sessions are usable, except one that is lost, and their
// transactions have failed as a statement makes them fail; `to` has taken rows only if its transaction is committed.
// What failed at `from` is thrown before what failed at `to`.
Task<CopyOutcome> copy_stream(Connection& from, Connection& to, CopyStatements statements);

// A COPY in binary format without a row, and what ends one. For the way out of a failure: the server takes it for the
// end of the rows, where a COPY that is broken off would be an error in its log.
extern const std::string_view empty_binary_copy;
extern const std::string_view end_of_binary_copy;

}  // namespace pgwraith::postgres
