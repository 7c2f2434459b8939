// What each of an operator's commands does at which moment of a migration, and what it says: docs/commands.md is this
// table. Pure.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>

#include "board.h"

namespace pgwraith::migration {

enum class Command { pause, resume, set, verify, cutover, postpone, abort };

inline constexpr std::array all_commands{Command::pause,   Command::resume,   Command::set,  Command::verify,
                                         Command::cutover, Command::postpone, Command::abort};

const char* command_name(Command command);

struct Answer {
    enum class Kind {
        now,      // it takes effect
        later,    // it is noted, and takes effect at the moment that the text names
        nothing,  // it is so already
        refused,
    };
    Kind kind = Kind::now;
    std::string text;    // what happens, and what happens next
    std::string hint{};  // of a refusal: what helps
};

// `at`: of a cutover at a time. Says what `command` would do now; does nothing.
Answer answer(Command command, const Board& board,
              std::optional<std::chrono::system_clock::time_point> at = std::nullopt);

// What the swap waits for when the migration is ready: "when `pgwraith cutover` says so", "it follows by itself".
std::string when_it_swaps(const Board& board);

// By a pause or the throttle, or because the server is away, or not reached yet: ", waiting: …", to be read on; or
// empty.
std::string what_holds(const Board& board);

}  // namespace pgwraith::migration
