// Whether the swap may happen now.
#pragma once

#include <optional>
#include <string>

#include "board.h"
#include "pgwraith/postgres/connection.h"
#include "pgwraith/throttle/wall_clock.h"

namespace pgwraith::migration {

struct WhyNot {
    enum class Kind { told, window, load };  // somebody's word is awaited, or an hour; or the gate is closed
    Kind kind = Kind::told;
    std::string text;
};

// Pure. `clock`: in the window's time zone; REQUIRES: it is there when there is a window. nullopt: it may.
std::optional<WhyNot> why_not_now(const Board& board, std::chrono::system_clock::time_point now,
                                  const std::optional<throttle::WallClock>& clock);

// Waits, in phase ready, until it may. `connection`: to ask the server for its clock.
class MomentWatch {
  public:
    explicit MomentWatch(Board& board) : board_(board) {}

    // Returns true at once if it may; false after a while, or when something was asked for.
    Task<bool> look(postgres::Connection& connection);

  private:
    Board& board_;
    std::optional<WhyNot::Kind> said_;
};

// "2026-11-28 02:00:00 UTC"
std::string in_words(std::chrono::system_clock::time_point moment);

}  // namespace pgwraith::migration
