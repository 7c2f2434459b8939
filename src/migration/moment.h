// Whether the swap may happen now.
#pragma once

#include <optional>
#include <string>

#include "board.h"
#include "pgwraith/postgres/sessions.h"
#include "pgwraith/throttle/wall_clock.h"

namespace pgwraith::migration {

struct WhyNot {
    // Somebody's word is awaited, or an hour, or the server's clock; or the gate is closed.
    enum class Kind { told, window, clock, load };
    Kind kind = Kind::told;
    std::string text;
};

// What it takes beside an open gate and the window: cutover.mode may ask for somebody's word.
enum class Word { awaited, given };

// Pure. `clock`: in the window's time zone; REQUIRES: it is there when there is a window. nullopt: it may.
std::optional<WhyNot> why_not_now(const Board& board, Word word, std::chrono::system_clock::time_point now,
                                  const std::optional<throttle::WallClock>& clock);

// Waits, in phase ready, until it may. `connection`: to ask the server for its clock.
class MomentWatch {
  public:
    explicit MomentWatch(Board& board, Word word = Word::awaited) : board_(board), word_(word) {}

    // Returns true at once if it may; false after a while, or when something was asked for.
    Task<bool> look(postgres::Connection& connection);

    // nullopt: it may.
    Task<std::optional<WhyNot>> why_not(postgres::Connection& connection);

  private:
    Board& board_;
    Word word_;
    std::optional<WhyNot::Kind> said_;
};

// The same, to the end; then the phase is `then`.
Task<void> wait_for_the_moment(const postgres::Sessions& sessions, Board& board, Word word, Phase then);

// The word of the hook before_cutover, which may take minutes, and after it the moment's once more. Why there is to be
// no attempt; each yes is followed by one.
Task<std::optional<std::string>> ask_before_cutover(const postgres::Sessions& sessions, Board& board, Word word);

// "2026-11-28 02:00:00 UTC"
std::string in_words(std::chrono::system_clock::time_point moment);

}  // namespace pgwraith::migration
