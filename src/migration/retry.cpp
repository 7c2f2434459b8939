#include "retry.h"

#include <fmt/format.h>

#include <algorithm>

#include "pgwraith/base/error.h"
#include "pgwraith/base/units.h"
#include "pgwraith/capture/capture.h"
#include "pgwraith/capture/slot.h"
#include "pgwraith/cutover/cutover.h"
#include "pgwraith/postgres/error.h"
#include "pgwraith/store/store.h"

namespace pgwraith::migration {

std::optional<std::string> transient_failure(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const postgres::PgError& error) {
        if (error.state_class() != postgres::SqlStateClass::transient) return std::nullopt;
        return error.message();
    } catch (const store::StoreUnavailable& error) {
        return error.message();
    } catch (const capture::OriginAppeared& error) {
        return error.message();
    } catch (const capture::NewSlotLost& error) {
        return error.message();
    } catch (...) {
        return std::nullopt;
    }
}

bool is_no_outage(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const postgres::PgError& error) {
        return error.is(postgres::sqlstate::too_many_connections) || error.is(postgres::sqlstate::lock_not_available);
    } catch (...) {
        return false;
    }
}

bool is_lock_refused(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const postgres::PgError& error) {
        return error.is(postgres::sqlstate::lock_not_available);
    } catch (...) {
        return false;
    }
}

bool is_connection_limit(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const postgres::PgError& error) {
        return error.is(postgres::sqlstate::too_many_connections);
    } catch (...) {
        return false;
    }
}

bool is_store_failure(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const store::StoreUnavailable&) {
        return true;
    } catch (...) {
        return false;
    }
}

void Retry::start_afresh() {
    failing_since_.reset();
    pause_ = first_pause;
}

std::optional<milliseconds> Retry::left() const {
    if (!failing_since_) return std::nullopt;
    const auto passed = std::chrono::duration_cast<milliseconds>(Clock::now() - *failing_since_);
    return std::max(milliseconds{0}, board_.settings.reconnect.give_up_after - passed);
}

void Retry::give_up(const std::string& why) const {
    if (undecided_) throw cutover::unknown_outcome(*undecided_);
    std::string hint = "The state is kept: fix the cause and run the same command again.";
    if (board_.progress.slot) hint += " Until then the replication slot keeps WAL on the server.";
    throw Error(ErrorKind::stopped,
                fmt::format("gave up after {}: {}", format_duration(board_.settings.reconnect.give_up_after), why),
                hint);
}

Task<void> Retry::wait(std::string why, bool outage) {
    const auto now = Clock::now();
    const auto limit = board_.settings.reconnect.give_up_after;
    if (connected_at_ && now - *connected_at_ >= limit) start_afresh();
    connected_at_.reset();
    auto pause = pause_;
    if (!outage) {
        failing_since_.reset();
    } else {
        if (!failing_since_) failing_since_ = now;
        const auto remaining = *left();
        if (now > *failing_since_ && remaining <= milliseconds{0}) give_up(why);
        // The last attempt comes when the time is over, not a pause later.
        pause = std::min(pause, remaining);
    }
    if (outage) ++board_.progress.reconnects;
    spdlog::warn("{}; trying again in {}", why, format_duration(pause));
    show(std::move(why), now + pause);
    co_await sit_out(now + pause);
    pause_ = std::min(pause_ * 2, longest_pause);
}

// An abort waits for no pause.
Task<void> Retry::sit_out(Clock::time_point until) {
    while (!board_.progress.aborting) {
        const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
        if (left <= milliseconds{0}) co_return;
        co_await board_.requests.wait_for(left);
    }
}

void Retry::show(std::string why, Clock::time_point next) {
    auto& progress = board_.progress;
    const auto since = progress.outage ? progress.outage->since : Clock::now();
    progress.outage = Outage{why, since, next, std::nullopt};
    if (failing_since_) progress.outage->gives_up = *failing_since_ + board_.settings.reconnect.give_up_after;
    progress.last_error = LastError{std::move(why), Clock::now()};
    progress.eta.reset();
    progress.eta_total.reset();
    progress.rows_per_second = 0;
}

}  // namespace pgwraith::migration
