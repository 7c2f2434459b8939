// Before anything strong: what can be done about vacuum, DDL and long transactions without keeping anybody waiting.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "pgwraith/cutover/locks.h"

namespace pgwraith::cutover {

namespace {

using catalog::LockHolder;
using catalog::LockStrength;

constexpr milliseconds look_for_grant{20};
constexpr milliseconds look_for_grant_at_most{2'000};

Task<std::vector<Oid>> oids_of(postgres::Connection& connection, std::vector<carry::Lock> locks) {
    std::vector<std::string> names;
    for (const auto& lock : locks) names.push_back(lock.name.sql());
    const std::vector<std::string_view> views(names.begin(), names.end());
    const auto rows = co_await connection.query(
        "SELECT DISTINCT to_regclass(name)::oid FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL",
        postgres::params(postgres::array_literal(views)));
    std::vector<Oid> oids;
    for (int row = 0; row < rows.rows(); ++row) oids.push_back(rows.oid(row, 0));
    co_return oids;
}

// The server never cancels one of these, and a session that queues behind it waits for hours.
std::string wraparound(std::vector<LockHolder> holders) {
    std::erase_if(holders, [](const LockHolder& holder) { return !holder.prevents_wraparound; });
    if (holders.empty()) return "";
    return catalog::describe(holders) + "; it is waited for";
}

// Readers are in the way of the strongest lock only, writers not of the weakest.
LockStrength strength(const std::vector<carry::Lock>& locks) {
    const bool strongest =
        std::ranges::any_of(locks, [](const carry::Lock& l) { return l.mode == "ACCESS EXCLUSIVE"; });
    if (strongest) return LockStrength::access_exclusive;
    const bool weakest =
        std::ranges::all_of(locks, [](const carry::Lock& l) { return l.mode == "SHARE UPDATE EXCLUSIVE"; });
    return weakest ? LockStrength::share_update_exclusive : LockStrength::share_row_exclusive;
}

}  // namespace

std::string weak_lock_statement(const carry::Lock& lock, milliseconds wait) {
    const bool alone = lock.turn == carry::Turn::live || lock.turn == carry::Turn::shadow;
    return fmt::format("SET LOCAL lock_timeout = '{}ms'; LOCK TABLE {}{} IN SHARE UPDATE EXCLUSIVE MODE", wait.count(),
                       alone ? "ONLY " : "", lock.name.sql());
}

Task<std::string> take_weak_locks(postgres::Connection& session, postgres::Connection& watcher,
                                  std::vector<carry::Lock> tables, LockWatch& watch) {
    std::erase_if(tables, [](const carry::Lock& lock) { return lock.kind != "table" || lock.statement.empty(); });
    const std::vector<int> ours{session.backend_pid()};
    const auto oids = co_await oids_of(watcher, tables);
    auto holders = co_await catalog::lock_holders(watcher, oids, LockStrength::share_update_exclusive, ours);
    if (auto why = wraparound(holders); !why.empty()) co_return why;

    const auto wait = co_await catalog::time_to_yield(watcher);
    for (const auto& table : tables) {
        const auto begun = Clock::now();
        bool refused = false;
        try {
            co_await script_watched(session, weak_lock_statement(table, wait), watcher, watch);
        } catch (const postgres::PgError& error) {
            if (!error.is(postgres::sqlstate::lock_not_available)) throw;
            refused = true;
        }
        if (!refused) continue;
        const std::vector<carry::Lock> one{table};
        const auto oid = co_await oids_of(watcher, one);
        holders = co_await catalog::lock_holders(watcher, oid, LockStrength::share_update_exclusive, ours);
        const auto waited = std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
        auto who = catalog::describe(holders);
        if (who.empty()) who = table.name.sql() + " was held until just now";
        co_return fmt::format("{} ({} were waited for a lock that stops no reader or writer)", who,
                              format_duration(waited));
    }
    co_return "";
}

std::vector<LockHolder> LongHolders::longer_than(const std::vector<LockHolder>& holders, milliseconds limit,
                                                 Clock::time_point now) {
    std::vector<LockHolder> longer;
    std::set<std::string> here;
    for (const auto& holder : holders) {
        const auto seen = first_seen_.try_emplace(holder.transaction, now).first->second;
        here.insert(holder.transaction);
        const auto age = holder.age.value_or(std::chrono::duration_cast<milliseconds>(now - seen));
        if (!holder.autovacuum && age > limit) longer.push_back(holder);
    }
    std::erase_if(first_seen_, [&](const auto& seen) { return !here.contains(seen.first); });
    return longer;
}

Task<std::string> LongHolders::find(postgres::Connection& watcher, std::vector<carry::Lock> locks, int ours,
                                    milliseconds patience) {
    const auto strongest = strength(locks);
    const auto oids = co_await oids_of(watcher, std::move(locks));
    const std::vector<int> except{ours};
    const auto until = Clock::now() + std::min(patience, look_for_grant_at_most) + 5 * look_for_grant;
    std::set<std::string> at_first;
    for (bool first = true;; first = false) {
        const auto holders = co_await catalog::lock_holders(watcher, oids, strongest, except);
        const auto longer = longer_than(holders, patience, Clock::now());
        if (!longer.empty()) co_return catalog::describe(longer);
        bool still_there = false;
        for (const auto& holder : holders) {
            if (holder.autovacuum) continue;
            if (first) at_first.insert(holder.transaction);
            still_there = still_there || at_first.contains(holder.transaction);
        }
        if (!still_there || Clock::now() > until) break;
        co_await sleep_for(look_for_grant);
    }
    co_return "";
}

}  // namespace pgwraith::cutover
