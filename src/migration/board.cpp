#include "board.h"

namespace pgwraith::migration {

void Board::enter(Phase phase) {
    auto now = Clock::now();
    if (phase != progress.phase) {
        auto took = std::chrono::duration_cast<milliseconds>(now - phase_began_);
        progress.phase_times.emplace_back(progress.phase, took);
        spdlog::info("{} took {}; now: {}", phase_name(progress.phase), format_duration(took), phase_name(phase));
        phase_began_ = now;
    }
    progress.phase = phase;
    progress.activity.clear();
    progress.units_done = progress.units_total = 0;
    progress.rows_per_second = 0;
    progress.eta.reset();
}

}  // namespace pgwraith::migration
