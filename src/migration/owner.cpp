#include "owner.h"

#include <fmt/format.h>

#include "dumpers.h"

namespace pgwraith::migration {

namespace {

// The first key of our advisory locks: "pgwr". The second is the table's OID.
constexpr const char* lock_class = "1885828978";
constexpr milliseconds pause{250};
constexpr milliseconds interval{2'000};
constexpr int looks_for_dumpers = 5;  // rounds: it goes through all tables and roles

}  // namespace

Task<std::unique_ptr<Owner>> Owner::acquire(const postgres::Sessions& sessions, Oid table, milliseconds patience,
                                            std::function<void(const std::string&)> waits) {
    auto give_up = Clock::now() + patience;
    auto connection = co_await sessions.open("owner");
    connection->let_finish(milliseconds{500});
    auto key = std::to_string(static_cast<std::int32_t>(table));
    std::string who;
    for (;;) {
        auto taken = co_await connection->query("SELECT pg_try_advisory_lock($1::int, $2::int)",
                                                postgres::params(lock_class, key));
        if (taken.boolean(0, 0)) co_return std::unique_ptr<Owner>(new Owner(std::move(connection)));
        auto holder = co_await held_by(*connection, table);
        if (!holder.empty()) who = std::move(holder);
        if (Clock::now() >= give_up) break;
        if (waits && !who.empty()) waits(who);
        co_await sleep_for(pause);
    }
    throw Error(ErrorKind::stopped,
                fmt::format("another process is migrating this table: {}", who.empty() ? "unknown" : who),
                "Nothing was done. Use `pgwraith status` there, or wait until it has ended.");
}

Task<std::string> Owner::held_by(postgres::Connection& connection, Oid table) {
    const auto holder = co_await connection.query(
        "SELECT a.application_name, date_trunc('second', a.backend_start AT TIME ZONE 'UTC')::text FROM pg_locks l "
        "JOIN pg_stat_activity a ON a.pid = l.pid "
        "WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1::oid AND l.objid = $2::oid "
        "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        postgres::params(lock_class, std::to_string(table)));
    if (holder.empty()) co_return "";
    co_return fmt::format("{}, connected since {} UTC", holder.text(0, 0), holder.text(0, 1));
}

Task<void> Owner::watch() {
    for (;;) {
        co_await sleep_for(interval);
        co_await connection_->query("SELECT 1");
    }
}

Task<void> Owner::watch(Oid live, QualifiedName shadow, const Progress& progress) {
    for (int round = 1;; ++round) {
        co_await sleep_for(interval);
        const bool still = progress.phase != Phase::prepare && progress.phase < Phase::cutover;
        if (!still) {
            co_await connection_->query("SELECT 1");
            continue;
        }
        // What the server says of rights is no reason to stop.
        try {
            if (round % looks_for_dumpers == 0) {
                co_await let_dump(*connection_, live, shadow, false);
            } else {
                co_await forget_dumpers(*connection_, live, shadow);
            }
        } catch (const postgres::PgError& error) {
            if (error.connection_lost()) throw;
            spdlog::debug("the rights of roles that may dump: {}", error.message());
        }
    }
}

}  // namespace pgwraith::migration
