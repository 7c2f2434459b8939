#include "called_off.h"

#include <fmt/format.h>

namespace pgwraith::cutover {

namespace {

// What the server said in an attempt; empty: it was not about the moment.
std::string reason_of(const postgres::PgError& error, const LockWatch* watch, milliseconds max_blocked) {
    using namespace postgres::sqlstate;
    if (watch != nullptr && !watch->cancelled().empty() && error.is(query_canceled)) return watch->cancelled();
    if (const auto refused = refused_lock(error)) {
        auto reason =
            fmt::format("the lock on {} was not granted within {} ({} tries)", refused->relation,
                        format_duration(milliseconds{static_cast<std::int64_t>(refused->waited_ms)}), refused->rounds);
        const auto who = watch == nullptr ? "" : watch->holders_of(refused->relation);
        if (!who.empty()) reason += ": " + who;
        return reason;
    }
    if (error.lock_refused()) {
        const auto wait = watch == nullptr ? "" : watch->last_wait();
        return wait.empty() ? fmt::format("a lock was not granted at once: {}", error.message()) : wait;
    }
    // A session's temporary view on a view that must be made anew: it goes with the session.
    if (error.is(dependent_objects_still_exist)) return fmt::format("{} ({})", error.message(), error.detail());
    if (error.is(query_canceled) || error.is(idle_in_transaction_session_timeout) || error.is(transaction_timeout)) {
        return fmt::format("it took longer than {}", format_duration(max_blocked));
    }
    return "";
}

}  // namespace

std::string planned_anew(const std::string& catalogs) {
    return fmt::format("somebody altered the table, or what hangs on it, just now ({}); the swap is planned anew",
                       catalogs);
}

SwapResult called_off(const std::exception_ptr& failure, const LockWatch* watch, double blocked_ms,
                      milliseconds max_blocked) {
    SwapResult result;
    result.blocked_ms = blocked_ms;
    try {
        std::rethrow_exception(failure);
    } catch (const CalledOff& off) {
        result.reason = off.message();
    } catch (const postgres::PgError& error) {
        result.reason = reason_of(error, watch, max_blocked);
        if (const auto refused = refused_lock(error)) result.blocked_ms = refused->longest_ms;
    } catch (...) {
        // Neither called off by us nor by the server: the caller throws it.
        result.reason.clear();
    }
    return result;
}

}  // namespace pgwraith::cutover
