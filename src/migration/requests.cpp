#include "requests.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "answers.h"
#include "pgwraith/config/reread.h"

namespace pgwraith::migration {

using Kind = Answer::Kind;

namespace {

Answer accepted(Command command, const Board& board,
                std::optional<std::chrono::system_clock::time_point> at = std::nullopt) {
    auto given = answer(command, board, at);
    if (given.kind == Kind::refused) throw Error(ErrorKind::stopped, given.text, given.hint);
    if (!given.text.empty()) spdlog::info("{}: {}", command_name(command), given.text);
    return given;
}

// What a setting that was changed too late does.
std::string too_late(const Board& board, const std::string& key) {
    const auto phase = board.progress.phase;
    const bool copied = !board.progress.direct && phase > Phase::copy;
    if (copied && key.starts_with("copy.")) return "; the copy is over: it counts if that starts over";
    const bool built = !board.progress.direct && phase > Phase::build;
    if (built && key.starts_with("build.")) return "; the indexes are built: it counts if that is done again";
    return "";
}

void changed(Board& board) {
    board.progress.swap_when = when_it_swaps(board);
    // What it waited for may be over; in a moment it says what it waits for now.
    if (board.progress.phase == Phase::ready) board.progress.activity = {};
    board.requests.notify_all();
}

}  // namespace

std::string pause(Board& board) {
    const auto given = accepted(Command::pause, board);
    if (!board.progress.paused) board.progress.paused = Clock::now();
    board.gate.hold(paused_by_operator, "paused by the operator (`pgwraith resume` lets it go on)");
    board.progress.throttled = board.gate.reason();
    return given.text;
}

std::string resume(Board& board) {
    const auto given = accepted(Command::resume, board);
    board.progress.paused.reset();
    board.gate.clear(paused_by_operator);
    board.progress.throttled = board.gate.reason();
    return given.text;
}

std::string request_cutover(Board& board, std::optional<std::chrono::system_clock::time_point> at) {
    const auto given = accepted(Command::cutover, board, at);
    if (board.progress.phase == Phase::done) return given.text;
    board.cutover_requested = true;
    board.wish = {false, at};
    board.wish_said = true;
    changed(board);
    return given.text;
}

std::string postpone(Board& board) {
    const auto given = accepted(Command::postpone, board);
    board.cutover_requested = false;
    board.wish = {true, std::nullopt};
    board.wish_said = true;
    changed(board);
    return given.text;
}

std::string request_verify(Board& board) {
    const auto given = accepted(Command::verify, board);
    if (given.kind == Kind::nothing) return given.text;
    board.verify_requested = true;
    board.requests.notify_all();
    return given.text;
}

std::string request_abort(Board& board) {
    const auto given = accepted(Command::abort, board);
    if (given.kind == Kind::nothing) return given.text;
    board.progress.aborting = true;
    board.progress.activity = {"stopping what runs"};
    board.requests.notify_all();
    return given.text;
}

std::string set(Board& board, const std::string& key, const std::string& value) {
    accepted(Command::set, board);
    const auto now = config::apply_setting(board.settings, key, value);
    board.gate.look_again();  // there may be more workers now
    changed(board);
    const auto said = fmt::format("{} is now {}, until this process ends{}", key, now, too_late(board, key));
    spdlog::info("set: {}", said);
    return said;
}

void read_settings_again(Board& board) {
    const auto file = board.settings.file.string();
    try {
        const auto reread = config::take_changes(board.settings, config::load(board.settings.file));
        for (const auto& change : reread.changed) spdlog::info("{} was read again; {}", file, change);
        if (reread.changed.empty()) spdlog::info("{} was read again: nothing changes", file);
        if (!reread.not_changed.empty()) {
            spdlog::warn("{}: {} cannot change while the migration runs, and stays as it was", file,
                         fmt::join(reread.not_changed, ", "));
        }
    } catch (const Error& error) {
        spdlog::error("{} was read again, and nothing was changed: {}", file, error.message());
    }
    board.gate.look_again();
    changed(board);
}

}  // namespace pgwraith::migration
