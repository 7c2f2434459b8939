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
    } catch (const capture::SlotDropped& error) {
        return error.message();
    } catch (...) {
        return std::nullopt;
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

bool is_lock_wait(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const postgres::PgError& error) {
        return error.is(postgres::sqlstate::lock_not_available);
    } catch (...) {
        return false;
    }
}

void Retry::start_afresh() {
    failing_since_.reset();
    pause_ = first_pause;
}

Task<void> Retry::wait(std::string why) {
    auto now = Clock::now();
    if (!failing_since_) failing_since_ = now;
    auto limit = board_.settings.reconnect.give_up_after;
    const bool patient = now - *failing_since_ <= limit;
    if (!patient && undecided_) {
        auto unknown = cutover::unknown_outcome(*undecided_);
        throw unknown;
    }
    if (!patient) {
        throw Error(ErrorKind::stopped, fmt::format("gave up after {}: {}", format_duration(limit), why),
                    "The state is kept: mend the cause and run the same command again. Until then the replication slot "
                    "keeps WAL on the server.");
    }
    ++board_.progress.reconnects;
    spdlog::warn("{}; trying again in {}", why, format_duration(pause_));
    co_await sleep_for(pause_);
    pause_ = std::min(pause_ * 2, longest_pause);
}

Task<void> Retry::wait_for_lock(std::string why) {
    failing_since_.reset();
    spdlog::warn("{}; trying again in {}", why, format_duration(pause_));
    co_await sleep_for(pause_);
    pause_ = std::min(pause_ * 2, longest_pause);
}

}  // namespace pgwraith::migration
