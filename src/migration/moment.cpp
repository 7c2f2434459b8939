#include "moment.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace pgwraith::migration {

namespace {

constexpr milliseconds look_again{1'000};

}  // namespace

std::string in_words(std::chrono::system_clock::time_point moment) {
    return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(std::chrono::system_clock::to_time_t(moment)));
}

std::optional<WhyNot> why_not_now(const Board& board, std::chrono::system_clock::time_point now,
                                  const std::optional<throttle::WallClock>& clock) {
    using Kind = WhyNot::Kind;
    const auto& wish = board.wish;
    const auto& cutover = board.settings.cutover;
    const bool told = !board.rehearses();  // a rehearsal waits for nobody's word
    if (told && wish.postponed) return WhyNot{Kind::told, "the swap was postponed: `pgwraith cutover` lets it go on"};
    if (told && cutover.mode == config::CutoverMode::manual && !board.cutover_requested) {
        return WhyNot{Kind::told, "waiting for `pgwraith cutover`"};
    }
    if (told && wish.not_before && now < *wish.not_before) {
        return WhyNot{Kind::told, fmt::format("the swap is to be at {}", in_words(*wish.not_before))};
    }
    if (clock && !cutover.window.contains(clock->day, clock->minute)) {
        return WhyNot{Kind::window, "cutover.window: " + throttle::wait_in_words(cutover.window, *clock)};
    }
    if (const auto reason = board.gate.reason()) return WhyNot{Kind::load, "the swap waits: " + *reason};
    return std::nullopt;
}

Task<bool> MomentWatch::look(postgres::Connection& connection) {
    std::optional<throttle::WallClock> clock;
    const auto window = board_.settings.cutover.window;
    if (!window.always()) clock = co_await throttle::ask_wall_clock(connection, window.zone());
    const auto why = why_not_now(board_, std::chrono::system_clock::now(), clock);
    if (!why) co_return true;
    if (board_.progress.phase != Phase::ready) board_.enter(Phase::ready);
    board_.progress.activity = why->text;
    if (said_ != why->kind) spdlog::info("ready: {}", why->text);
    said_ = why->kind;
    if (!board_.verify_requested) co_await board_.requests.wait_for(look_again);
    co_return false;
}

}  // namespace pgwraith::migration
