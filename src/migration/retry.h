// What is tried again, after which pause, and when to give up.
#pragma once

#include <exception>
#include <optional>
#include <string>

#include "board.h"

namespace pgwraith::migration {

// The message of a failure that may go away by itself: a lost connection, a full disk under state_dir.
std::optional<std::string> transient_failure(const std::exception_ptr& failure);

// The store is to be opened again then.
bool is_store_failure(const std::exception_ptr& failure);

// What keeps others from going on just as well, and passes: a lock that was not granted, no connection left. The server
// is there and answers, so this is no outage.
bool is_no_outage(const std::exception_ptr& failure);

// No connection is left for us.
bool is_lock_refused(const std::exception_ptr& failure);
bool is_connection_limit(const std::exception_ptr& failure);

class Retry {
  public:
    explicit Retry(Board& board) : board_(board) {}

    // Failures since the last success.
    bool failing() const { return failing_since_.has_value(); }

    // The attempt got somewhere: its failure is a new one.
    void start_afresh();

    // How long an attempt may take to reach the server; nullopt: as long as libpq tries.
    std::optional<milliseconds> left() const;
    // The attempt has reached the server. If it lasts for as long as failures are borne, its own failure is a new one.
    void connected() { connected_at_ = Clock::now(); }

    // The swap's transaction when its COMMIT may have happened and nobody could be asked yet.
    void undecided(std::optional<Xid> swap) { undecided_ = swap; }

    // Returns when it is time for another attempt; throws Error(stopped) after reconnect.give_up_after of failures, or
    // Error(unknown_outcome). What is no outage is waited for without an end.
    Task<void> wait(std::string why, bool outage = true);

  private:
    static constexpr milliseconds first_pause{500};
    static constexpr milliseconds longest_pause{15'000};

    Board& board_;
    [[noreturn]] void give_up(const std::string& why) const;
    Task<void> sit_out(Clock::time_point until);
    void show(std::string why, Clock::time_point next);

    std::optional<Clock::time_point> failing_since_;
    std::optional<Clock::time_point> connected_at_;
    std::optional<Xid> undecided_;
    milliseconds pause_ = first_pause;
};

}  // namespace pgwraith::migration
