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

// A lock that somebody keeps is no outage: the server answers.
bool is_lock_wait(const std::exception_ptr& failure);

class Retry {
  public:
    explicit Retry(Board& board) : board_(board) {}

    // Failures since the last success.
    bool failing() const { return failing_since_.has_value(); }

    // The attempt got somewhere: its failure is a new one.
    void start_afresh();

    // The swap's transaction when its COMMIT may have happened and nobody could be asked yet.
    void undecided(std::optional<Xid> swap) { undecided_ = swap; }

    // Returns when it is time for another attempt; throws Error(stopped) after reconnect.give_up_after of failures, or
    // Error(unknown_outcome).
    Task<void> wait(std::string why);
    // Never gives up.
    Task<void> wait_for_lock(std::string why);

  private:
    static constexpr milliseconds first_pause{500};
    static constexpr milliseconds longest_pause{15'000};

    Board& board_;
    std::optional<Clock::time_point> failing_since_;
    std::optional<Xid> undecided_;
    milliseconds pause_ = first_pause;
};

}  // namespace pgwraith::migration
