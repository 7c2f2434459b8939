#include "after_commit.h"

#include <fmt/format.h>

#include "pgwraith/base/faults.h"
#include "pgwraith/base/units.h"
#include "pgwraith/carry/orphans.h"
#include "pgwraith/catalog/holders.h"
#include "pgwraith/plan/server_text.h"
#include "waiting.h"

namespace pgwraith::migration {

namespace {

using postgres::Connection;
using postgres::PgError;

constexpr milliseconds first_pause{500};
constexpr milliseconds longest_pause{8'000};
// Waiting is said again after so long.
constexpr milliseconds said_again{30'000};

// The relation ($1), and the one that the key at the end of the statement ($2) refers to.
constexpr const char* who_sql = R"sql(
SELECT r.oid, coalesce((SELECT max(k.confrelid) FROM pg_constraint k
                         WHERE k.conrelid = r.oid AND k.contype = 'f'
                           AND right($2, length(k.conname) + 2) = '"' || k.conname || '"'), r.oid)
  FROM pg_class r WHERE r.oid = to_regclass($1))sql";

// As far as it can be told: of a foreign key it may be the other table that is locked.
Task<std::string> who_holds(Connection& connection, std::string statement) {
    std::string who;
    try {
        const auto found =
            co_await connection.query(who_sql, postgres::params(plan::relation_of(statement), statement));
        if (!found.empty()) {
            std::vector<Oid> relations{found.oid(0, 0), found.oid(0, 1)};
            std::vector<int> ours{connection.backend_pid()};
            const auto holders = co_await catalog::lock_holders(
                connection, std::move(relations), catalog::LockStrength::share_update_exclusive, std::move(ours));
            who = catalog::describe(holders);
        }
    } catch (const PgError& error) {
        if (error.connection_lost()) throw;
        spdlog::debug("{}", error.message());
    }
    co_return who;
}

struct Tried {
    std::optional<PgError> failure;
    bool waits = false;  // for a lock: the same again may work
};

Task<Tried> try_once(Connection& connection, std::string statement) {
    Tried answer;
    try {
        answer.failure = co_await postgres::try_script(connection, statement);
    } catch (const PgError& error) {
        if (error.connection_lost()) throw;
        answer.failure = error;
        answer.waits = true;
    }
    // By a process that died before it could record it.
    const bool was_done = answer.failure && answer.failure->is(postgres::sqlstate::duplicate_object);
    if (was_done && adds_constraint(statement)) answer.failure.reset();
    co_return answer;
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

// Logged; what is to be told in the end.
Task<std::string> explain(Connection& connection, std::string statement, PgError failure) {
    std::string why = failure.message();
    std::string then = "Fix the cause, then run that statement.";
    if (failure.is(postgres::sqlstate::foreign_key_violation)) {
        const auto orphans = co_await orphans_in_words(connection, statement, failure.constraint());
        if (!orphans.empty()) why = orphans;
        then = "The key binds new rows already. Fix these rows, then run that statement.";
    }
    spdlog::error("the swap is done, but this statement failed: {} ({}). {}", statement, why, then);
    co_return fmt::format("{} ({})", statement, why);
}

}  // namespace

bool adds_constraint(const std::string& statement) { return statement.find(" ADD CONSTRAINT ") != std::string::npos; }

bool keeps_others_waiting(const std::string& statement) {
    return adds_constraint(statement) || statement.starts_with("REFRESH MATERIALIZED VIEW ");
}

Task<LeftUndone> run_after_commit(Connection& connection, Board& board, store::Store& store,
                                  std::vector<std::string> statements) {
    LeftUndone left;
    const auto begun = Clock::now();
    std::optional<Clock::time_point> said;
    for (auto pause = first_pause; !statements.empty(); pause = std::min(pause * 2, longest_pause)) {
        std::vector<std::string> again;
        left.waiting.clear();
        for (const auto& statement : statements) {
            // The key of a partitioned table is added when its parts are valid: only then does it read nothing.
            if (!again.empty() && adds_constraint(statement)) {
                again.push_back(statement);
                continue;
            }
            board.progress.activity = {statement};
            const auto asked = Clock::now();
            const auto answer = co_await try_once(connection, statement);
            if (keeps_others_waiting(statement)) {
                co_await note_waiting(board, store, ms_since(asked), statement);
            }
            fault_point("finish.after_commit");
            if (!answer.failure) continue;
            if (!answer.waits) {
                left.failed.push_back(co_await explain(connection, statement, *answer.failure));
                continue;
            }
            const auto who = co_await who_holds(connection, statement);
            again.push_back(statement);
            left.waiting.push_back(fmt::format("{} ({})", statement, who.empty() ? answer.failure->message() : who));
        }
        statements = std::move(again);
        const auto waited = std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
        if (statements.empty() || waited >= board.settings.cutover.validate_timeout) break;
        board.progress.activity = {"waiting for a lock: " + left.waiting.front(), Waits::others};
        if (!said || Clock::now() - *said >= said_again) {
            said = Clock::now();
            for (const auto& line : left.waiting) {
                spdlog::warn(
                    "the swap is done; this statement has waited for {} (up to {}) and keeps nobody waiting: {}",
                    format_duration(waited), format_duration(board.settings.cutover.validate_timeout), line);
            }
        }
        co_await sleep_for(pause);
    }
    board.progress.activity = {};
    co_return left;
}

}  // namespace pgwraith::migration
