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

namespace {

const char* what_waits(const Board& board) {
    if (board.contracts()) return "the contraction";
    return board.progress.direct ? "the step" : "the swap";
}

}  // namespace

std::optional<WhyNot> why_not_now(const Board& board, Word word, std::chrono::system_clock::time_point now,
                                  const std::optional<throttle::WallClock>& clock) {
    using Kind = WhyNot::Kind;
    const auto& wish = board.wish;
    const auto& cutover = board.settings.cutover;
    const auto* what = what_waits(board);
    const bool told = !board.rehearses();  // a rehearsal waits for nobody's word
    if (told && wish.postponed)
        return WhyNot{Kind::told, fmt::format("{} was postponed: `pgwraith cutover` lets it go on", what)};
    const bool manual = cutover.mode == config::CutoverMode::manual && word == Word::awaited;
    if (told && manual && !board.cutover_requested) {
        return WhyNot{Kind::told, "waiting for `pgwraith cutover`"};
    }
    if (told && wish.not_before && now < *wish.not_before) {
        return WhyNot{Kind::told, fmt::format("{} is to be at {}", what, in_words(*wish.not_before))};
    }
    if (clock && !cutover.window.contains(clock->day, clock->minute)) {
        return WhyNot{Kind::window, "cutover.window: " + throttle::wait_in_words(cutover.window, *clock)};
    }
    if (const auto reason = board.gate.reason()) {
        return WhyNot{Kind::load, fmt::format("{} waits: {}", what, *reason)};
    }
    return std::nullopt;
}

// While its clock cannot be read the window counts as closed: `pgwraith set` may have named a zone that is none.
Task<std::optional<WhyNot>> MomentWatch::why_not(postgres::Connection& connection) {
    std::optional<throttle::WallClock> clock;
    const auto window = board_.settings.cutover.window;
    std::string unknown;
    try {
        if (!window.always()) clock = co_await throttle::ask_wall_clock(connection, window.zone());
    } catch (const postgres::PgError& error) {
        if (error.connection_lost()) throw;
        unknown = error.message();
    } catch (const Error& error) {
        unknown = error.message();
    }
    auto why = why_not_now(board_, word_, std::chrono::system_clock::now(), clock);
    if (!unknown.empty() && (!why || why->kind == WhyNot::Kind::load)) {
        why = WhyNot{WhyNot::Kind::clock, "cutover.window: " + unknown};
    }
    co_return why;
}

Task<bool> MomentWatch::look(postgres::Connection& connection) {
    const auto why = co_await why_not(connection);
    if (!why) co_return true;
    if (board_.progress.phase != Phase::ready) board_.enter(Phase::ready);
    board_.progress.activity = {why->text, Waits::others};
    if (said_ != why->kind) spdlog::info("ready: {}", why->text);
    said_ = why->kind;
    if (!board_.verify_requested) co_await board_.requests.wait_for(look_again);
    co_return false;
}

Task<void> wait_for_the_moment(const postgres::Sessions& sessions, Board& board, Word word, Phase then) {
    auto connection = co_await sessions.open("clock");
    MomentWatch watch(board, word);
    for (bool now = false; !now;) now = co_await watch.look(*connection);
    if (board.progress.phase != then) board.enter(then);
}

Task<std::optional<std::string>> ask_before_cutover(const postgres::Sessions& sessions, Board& board, Word word) {
    auto why_not = co_await board.ask_before_cutover();
    const bool had_a_hook = !board.rehearses() && !board.settings.hooks.at(hooks::Moment::before_cutover).empty();
    if (why_not || !had_a_hook) co_return why_not;
    auto connection = co_await sessions.open("clock");
    MomentWatch watch(board, word);
    const auto too_late = co_await watch.why_not(*connection);
    if (too_late) why_not = too_late->text;
    co_return why_not;
}

}  // namespace pgwraith::migration
