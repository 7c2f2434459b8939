#include "locks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pgwraith::cutover {

namespace {

std::string lock_table(const QualifiedName& table) {
    return fmt::format("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", table.sql());
}

// Several locks, in whatever order the application takes them: holding one, the others are waited for a moment only,
// all of them together; then all are given back, and the one that was not to be had is waited for first. All of it
// within the time of one lock, and sooner than the server looks for deadlocks, which could end the application's
// transaction.
constexpr std::string_view take_several = R"sql(DO $pgwraith$
DECLARE
  todo text[] := ARRAY[{0}];
  begun timestamptz := clock_timestamp();
  until timestamptz := begun + least('{1} ms'::interval, current_setting('deadlock_timeout')::interval * 0.9);
  round timestamptz;
  held timestamptz;
  longest interval := '0';
  remaining int;
  at int;
BEGIN
  LOOP
    round := clock_timestamp();
    BEGIN
      at := 1;
      WHILE at <= cardinality(todo) LOOP
        remaining := 1000 * extract(epoch FROM until - clock_timestamp());
        IF at > 1 THEN
          remaining := least(remaining, {2} - 1000 * extract(epoch FROM clock_timestamp() - held));
        END IF;
        PERFORM set_config('lock_timeout', greatest(1, remaining) || 'ms', true);
        EXECUTE todo[at];
        IF at = 1 THEN held := clock_timestamp(); END IF;
        at := at + 1;
      END LOOP;
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      longest := greatest(longest, clock_timestamp() - round);
      IF clock_timestamp() + interval '2 ms' > until THEN RAISE; END IF;
      todo := todo[at:at] || todo[:at - 1] || todo[at + 1:];
    END;
  END LOOP;
  PERFORM set_config('lock_timeout', '{1}ms', true);
  PERFORM set_config('pgwraith.locks_since', (1000 * extract(epoch FROM round - begun))::text, false);
  PERFORM set_config('pgwraith.longest_round', (1000 * extract(epoch FROM longest))::text, false);
END $pgwraith$)sql";

}  // namespace

std::string lock_statement(const carry::SwapPlan& plan, const QualifiedName& live, milliseconds timeout) {
    auto own = fmt::format("LOCK TABLE ONLY {} IN ACCESS EXCLUSIVE MODE", live.sql());
    auto statements = plan.lock_first;
    for (const auto& table : plan.lock_also) statements.push_back(lock_table(table));
    statements.push_back(own);
    for (const auto& table : plan.lock_after) statements.push_back(lock_table(table));
    if (statements.size() == 1) return own;
    for (auto& statement : statements) statement = quote_literal(statement);
    const auto moment = std::clamp<std::int64_t>(timeout.count() / 15, 5, 50);
    return fmt::format(take_several, fmt::join(statements, ", "), timeout.count(), moment);
}

Task<double> longest_wait(postgres::Connection& session, double total_ms) {
    double longest = total_ms;
    try {
        const auto rounds = co_await session.query(
            "SELECT nullif(current_setting('pgwraith.locks_since', true), '')::float8, "
            "nullif(current_setting('pgwraith.longest_round', true), '')::float8");
        if (!rounds.is_null(0, 0)) longest = std::max(total_ms - rounds.number(0, 0), rounds.number(0, 1));
    } catch (const postgres::PgError& error) {
        spdlog::debug("how long the locks were waited for is not known: {}", error.message());
    }
    co_return longest;
}

}  // namespace pgwraith::cutover
