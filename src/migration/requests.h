// What the operator asks of a running migration, noted on the board; the phases look there. Each returns at once, with
// a sentence for the operator. What makes no sense at this moment throws Error(stopped); answers.h decides.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "board.h"

namespace pgwraith::migration {

std::string pause(Board& board);
std::string resume(Board& board);
std::string request_cutover(Board& board, std::optional<std::chrono::system_clock::time_point> at);
std::string postpone(Board& board);
std::string request_verify(Board& board);
// Whoever calls it stops what runs.
std::string request_abort(Board& board);
// Throws Error(usage) as well, see config::apply_setting.
std::string set(Board& board, const std::string& key, const std::string& value);
// Takes from the file what may change while a migration runs. Says in the log what was taken, or what is wrong.
void read_settings_again(Board& board);

}  // namespace pgwraith::migration
