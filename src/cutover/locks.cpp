#include "pgwraith/cutover/locks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "pgwraith/base/faults.h"
#include "pgwraith/postgres/transactions.h"

namespace pgwraith::cutover {

namespace {

// Several locks, in whatever order the application takes them: while none is held the first one may be waited for as
// long as the operator allows. Holding one, the others are waited for a moment only, all of them together; then all are
// given back, and the one that was not granted is waited for first. The moment grows, so that transactions that
// overlap on several tables leave a gap, up to what the operator allows.
//
// The server may end the application's transaction when it finds a deadlock with us in it. It looks once, when a
// session has waited for deadlock_timeout. So before one of the others is waited for at all, nobody who holds it may be
// waiting for us already; who begins later is seen long before by the watch, which cancels the wait. The swap's own
// statements wait for the tables that our role may not lock: their holders are asked in the end.
//
// A parent is locked with its children, one after the other: so the first one of a round may be in a ring as well. When
// the watch has cancelled that, nobody waits for us any more, unless it was a weak lock; then the attempt is over.
constexpr std::string_view take_all = R"sql(DO $pgwraith$
DECLARE
  todo text[] := ARRAY[{0}];
  names text[] := ARRAY[{1}];
  begun timestamptz := clock_timestamp();
  until timestamptz := begun + '{2} ms'::interval;
  bound interval := current_setting('deadlock_timeout')::interval * 0.4;
  moment interval := '{3} ms';
  ring CONSTANT text := $ring$
    WITH RECURSIVE family (oid) AS (
      SELECT $1::regclass::oid UNION SELECT i.inhrelid FROM family JOIN pg_inherits AS i ON i.inhparent = family.oid
    ), ahead (pid) AS (
      SELECT h.pid FROM family, pg_locks AS h
       WHERE h.locktype = 'relation' AND h.relation = family.oid AND h.granted AND h.pid <> pg_backend_pid()
         AND h.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       UNION
      SELECT b.pid FROM ahead, unnest(pg_blocking_pids(ahead.pid)) AS b (pid) WHERE ahead.pid NOT IN (0, pg_backend_pid())
    )
    SELECT EXISTS (SELECT FROM ahead WHERE pid = pg_backend_pid())$ring$;
  in_ring boolean;
  others text[] := ARRAY[{4}]::text[];
  other text;
  round timestamptz;
  held timestamptz;
  longest interval := '0';
  remaining interval;
  rounds int := 0;
  at int;
BEGIN
  LOOP
    round := clock_timestamp();
    rounds := rounds + 1;
    BEGIN
      at := 1;
      WHILE at <= cardinality(todo) LOOP
        remaining := CASE WHEN at = 1 THEN until - clock_timestamp() ELSE moment - (clock_timestamp() - held) END;
        BEGIN
          PERFORM set_config('lock_timeout', CASE WHEN at = 1 THEN greatest(1, (1000 * extract(epoch FROM remaining))::int)
                                                  ELSE 1 END || 'ms', true);
          EXECUTE todo[at];
        EXCEPTION WHEN lock_not_available THEN
          IF at > 1 THEN EXECUTE ring INTO in_ring USING names[at]; END IF;
          IF at = 1 OR in_ring OR remaining < '2 ms' THEN RAISE; END IF;
          BEGIN
            PERFORM set_config('lock_timeout', (1000 * extract(epoch FROM remaining))::int || 'ms', true);
            EXECUTE todo[at];
          EXCEPTION WHEN query_canceled THEN
            EXECUTE ring INTO in_ring USING names[at];
            IF NOT in_ring THEN RAISE; END IF;
            RAISE lock_not_available;
          END;
        WHEN query_canceled THEN
          EXECUTE ring INTO in_ring USING names[at];
          IF in_ring OR NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = names[at]::regclass) THEN RAISE; END IF;
          RAISE lock_not_available;
        END;
        IF at = 1 THEN held := clock_timestamp(); END IF;
        at := at + 1;
      END LOOP;
      FOREACH other IN ARRAY others LOOP
        EXECUTE ring INTO in_ring USING other;
        IF in_ring THEN RAISE lock_not_available; END IF;
      END LOOP;
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      longest := greatest(longest, clock_timestamp() - round);
      IF clock_timestamp() + interval '2 ms' > until THEN
        RAISE EXCEPTION 'the lock on % was not granted', coalesce(names[at], other) USING ERRCODE = 'lock_not_available',
          DETAIL = json_build_object('relation', coalesce(names[at], other), 'rounds', rounds,
            'waited_ms', 1000 * extract(epoch FROM clock_timestamp() - begun),
            'longest_ms', 1000 * extract(epoch FROM longest));
      END IF;
      todo := todo[at:at] || todo[:at - 1] || todo[at + 1:];
      names := names[at:at] || names[:at - 1] || names[at + 1:];
      moment := least(moment * 2, until - clock_timestamp());
    END;
  END LOOP;
  PERFORM set_config('lock_timeout', (1000 * extract(epoch FROM bound))::int || 'ms', true);
  PERFORM set_config('pgwraith.locks_since', (1000 * extract(epoch FROM round - begun))::text, false);
  PERFORM set_config('pgwraith.longest_round', (1000 * extract(epoch FROM longest))::text, false);
END $pgwraith$)sql";

}  // namespace

std::string lock_statement(const std::vector<carry::Lock>& locks, milliseconds timeout) {
    std::vector<std::string> statements;
    std::vector<std::string> names;
    std::vector<std::string> others;
    for (const auto& lock : locks) {
        auto name =
            fmt::format("format('%I.%I', {}, {})", quote_literal(lock.name.schema), quote_literal(lock.name.name));
        if (!lock.statement.empty()) {
            statements.push_back(quote_literal(lock.statement));
            names.push_back(std::move(name));
        } else if (lock.turn != carry::Turn::shadow) {
            others.push_back(std::move(name));
        }
    }
    const auto moment = std::clamp<std::int64_t>(timeout.count() / 15, 5, 50);
    return fmt::format(take_all, fmt::join(statements, ", "), fmt::join(names, ", "), timeout.count(), moment,
                       fmt::join(others, ", "));
}

std::optional<Refused> refused_lock(const postgres::PgError& error) {
    if (!error.is(postgres::sqlstate::lock_not_available)) return std::nullopt;
    const auto detail = nlohmann::json::parse(error.detail(), nullptr, false);
    if (!detail.is_object() || !detail.contains("relation")) return std::nullopt;
    return Refused{detail.at("relation").get<std::string>(), detail.at("waited_ms").get<double>(),
                   detail.at("longest_ms").get<double>(), detail.at("rounds").get<int>()};
}

Task<Rounds> lock_rounds(postgres::Connection& session) {
    Rounds rounds;
    try {
        const auto found = co_await session.query(
            "SELECT nullif(current_setting('pgwraith.locks_since', true), '')::float8, "
            "nullif(current_setting('pgwraith.longest_round', true), '')::float8");
        if (!found.is_null(0, 0)) rounds = Rounds{found.number(0, 0), found.number(0, 1)};
    } catch (const postgres::PgError& error) {
        spdlog::debug("how long the locks were waited for is not known: {}", error.message());
    }
    co_return rounds;
}

Task<double> longest_wait(postgres::Connection& session, double total_ms) {
    const auto rounds = co_await lock_rounds(session);
    co_return rounds.longest_wait(total_ms);
}

// The middle one of several: one may hit a busy disk.
Task<double> time_of_commit(postgres::Connection& session) {
    std::array<double, 3> commits{};
    for (auto& commit : commits) {
        const auto begun = Clock::now();
        co_await postgres::flush_wal(session);
        commit = ms_since(begun);
    }
    std::ranges::sort(commits);
    co_return commits[commits.size() / 2];
}

std::string end_of_rehearsal() {
    return broken_on_purpose("rehearsal_rolled_back") ? "COMMIT" : "SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK";
}

}  // namespace pgwraith::cutover
