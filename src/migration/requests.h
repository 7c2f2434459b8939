// What the operator asks of a running migration, noted on the board; the phases look there. Each returns at once, those
// that return a text with a sentence for the operator.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "board.h"

namespace pgwraith::migration {

void pause(Board& board);
void resume(Board& board);
// Throws Error(stopped) in a rehearsal.
std::string request_cutover(Board& board, std::optional<std::chrono::system_clock::time_point> at);
std::string postpone(Board& board);
// Throws Error(stopped) unless a manual cutover waits.
std::string request_verify(Board& board);
// Throws Error(usage), see config::apply_setting.
void set(Board& board, const std::string& key, const std::string& value);
// Takes from the file what may change while a migration runs. Says in the log what was taken, or what is wrong.
void read_settings_again(Board& board);

}  // namespace pgwraith::migration
