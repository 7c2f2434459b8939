#include "requests.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "moment.h"
#include "pgwraith/config/reread.h"
#include "rehearsal.h"

namespace pgwraith::migration {

namespace {

// By a pause or the throttle, to be read on.
std::string held(const Board& board) {
    const auto reason = board.gate.reason();
    return reason ? ", waiting: " + *reason : "";
}

}  // namespace

void pause(Board& board) {
    board.gate.hold("operator", "paused by the operator (`pgwraith resume` lets it go on)");
    board.progress.throttled = board.gate.reason();
}

void resume(Board& board) {
    board.gate.clear("operator");
    board.progress.throttled = board.gate.reason();
}

std::string request_cutover(Board& board, std::optional<std::chrono::system_clock::time_point> at) {
    if (board.rehearses()) throw no_cutover();
    board.cutover_requested = true;
    board.wish = {false, at};
    board.wish_said = true;
    board.requests.notify_all();
    if (at) {
        return fmt::format("the cutover will begin at {}, if the migration is ready (it is in phase {}{})",
                           in_words(*at), phase_name(board.progress.phase), held(board));
    }
    const auto& window = board.settings.cutover.window;
    const auto within = window.always() ? "" : ", within " + window.text();
    if (board.progress.phase == Phase::ready && window.always() && !board.gate.closed()) {
        return "the cutover begins now";
    }
    return fmt::format("the cutover will begin as soon as the migration is ready{} (it is in phase {}{})", within,
                       phase_name(board.progress.phase), held(board));
}

std::string postpone(Board& board) {
    if (board.rehearses()) throw no_cutover();
    board.cutover_requested = false;
    board.wish = {true, std::nullopt};
    board.wish_said = true;
    board.requests.notify_all();
    const bool tries = board.progress.phase == Phase::cutover;
    return fmt::format("postponed: no swap before `pgwraith cutover` (it is in phase {}{})",
                       phase_name(board.progress.phase), tries ? "; an attempt that has begun comes to its end" : "");
}

std::string request_verify(Board& board) {
    if (board.verify_requested) return "it is being verified already";
    const bool manual = board.settings.cutover.mode == config::CutoverMode::manual && !board.cutover_requested;
    const bool waits = (manual || board.wish.postponed) && !board.rehearses();
    if (board.progress.phase != Phase::ready || !waits) {
        throw Error(ErrorKind::stopped,
                    fmt::format("`verify` works only while a manual cutover is waiting; the migration is in "
                                "phase {}{}",
                                phase_name(board.progress.phase), waits ? "" : " and goes on to the cutover by itself"),
                    "With `cutover.mode: manual`, wait until `pgwraith status` says ready.");
    }
    board.verify_requested = true;
    board.requests.notify_all();
    return fmt::format("verifying {} again, from the start{}", board.settings.table.sql(), held(board));
}

void set(Board& board, const std::string& key, const std::string& value) {
    config::apply_setting(board.settings, key, value);
    spdlog::info("set: {} is now {}", key, value);
    board.gate.look_again();  // there may be more workers now
    board.requests.notify_all();
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
    board.requests.notify_all();
}

}  // namespace pgwraith::migration
