#include "after_commit.h"

#include <fmt/format.h>

#include "pgwraith/base/units.h"
#include "pgwraith/carry/orphans.h"

namespace pgwraith::migration {

namespace {

using postgres::Connection;
using postgres::PgError;

constexpr milliseconds first_pause{500};
constexpr milliseconds longest_pause{8'000};

// A lock that somebody holds, say an autovacuum, is no reason to leave it undone.
Task<std::optional<PgError>> try_several_times(Connection& connection, std::string statement) {
    std::optional<PgError> failure;
    for (auto pause = first_pause;; pause *= 2) {
        bool again = false;
        try {
            failure = co_await postgres::try_script(connection, statement);
        } catch (const PgError& error) {
            if (error.connection_lost()) throw;
            failure = error;
            again = true;
        }
        if (!again || pause > longest_pause) break;
        spdlog::info("{}: {}; trying again in {}", statement, failure->message(), format_duration(pause));
        co_await sleep_for(pause);
    }
    co_return failure;
}

// The server names one row without a partner.
Task<std::string> orphans_in_words(Connection& connection, std::string statement, std::string constraint) {
    std::string orphans;
    try {
        orphans = co_await carry::find_orphans_of(connection, statement, constraint);
    } catch (const PgError& error) {
        if (error.connection_lost()) throw;
        spdlog::debug("{}", error.message());
    }
    co_return orphans;
}

}  // namespace

Task<void> run_after_commit(Connection& connection, std::string statement) {
    const auto failure = co_await try_several_times(connection, statement);
    if (!failure) co_return;
    // By a process that died before it could record it.
    const bool was_done = failure->is(postgres::sqlstate::duplicate_object);
    if (was_done && statement.find(" ADD CONSTRAINT ") != std::string::npos) co_return;
    std::string why = failure->message();
    std::string then = "Mend the cause, then run that statement.";
    if (failure->is(postgres::sqlstate::foreign_key_violation)) {
        const auto orphans = co_await orphans_in_words(connection, statement, failure->constraint());
        if (!orphans.empty()) why = orphans;
        then = "The key binds new rows already. Mend these rows, then run that statement.";
    }
    spdlog::error("the swap is done, but this is not: {} ({}). {}", statement, why, then);
}

}  // namespace pgwraith::migration
