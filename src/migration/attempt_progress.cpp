// What an attempt lets others know of itself.
#include "attempt.h"
#include "waiting.h"

namespace pgwraith::migration {

namespace {

constexpr milliseconds report_interval{250};

}  // namespace

Task<void> Attempt::report() {
    for (;;) {
        auto& progress = board_.progress;
        if (capture_->unacknowledged()) {
            board_.gate.hold("synchronous", *capture_->unacknowledged());
        } else {
            board_.gate.clear("synchronous");
        }
        if (board_.standbys.known() != noted_standbys_) {
            noted_standbys_ = board_.standbys.known();
            co_await state_.set_standbys(noted_standbys_);
        }
        progress.throttled = board_.gate.reason();
        progress.throttled_for = board_.gate.closed_for();
        progress.workers_allowed = board_.gate.allowed();
        co_await note_wish(board_, context_.store, noted_wish_);
        const auto& facts = signals_->facts();
        progress.signals = signals_->states();
        progress.replica_lag = facts.replica_lag;
        progress.retained_wal_bytes = facts.retained_wal_bytes;
        progress.stream_lag_bytes =
            facts.wal_position > capture_->recorded() ? facts.wal_position.value - capture_->recorded().value : 0;
        progress.pending_changes = co_await context_.store.ledger().pending_estimate();
        measure();
        co_await sleep_for(report_interval);
    }
}

void Attempt::measure() {
    auto& progress = board_.progress;
    std::uint64_t rows = 0;
    progress.changes_received = received_before_ + capture_->changes_received();
    progress.changes_applied = applied_before_ + applier_->applied();
    if (copier_) {
        progress.rows_copied = copier_->progress().rows;
        made_progress_ = made_progress_ || progress.rows_copied > copier_->progress().rows_earlier;
    }
    if (progress.phase == Phase::copy && copier_) {
        progress.units_done = copier_->progress().blocks_done;
        progress.units_total = copier_->progress().blocks_total;
        rows = progress.rows_copied;
    } else if (progress.phase == Phase::build && builder_) {
        progress.units_done = builder_->progress().indexes_done;
        progress.units_total = builder_->progress().indexes_total;
        progress.activity = builder_->progress().activity;
    } else if (progress.phase == Phase::verify && verifier_) {
        rows = progress.rows_verified = verifier_->progress().rows_live;
        progress.shadow_rows_verified = verifier_->progress().rows_shadow;
        progress.differences_repaired = repaired_before_ + verifier_->progress().repaired;
        progress.units_done = rows;
        progress.units_total = std::max(progress.rows_copied, progress.row_estimate);
    }
    const auto speed = speed_.measure(Clock::now(), progress.phase, rows);
    if (!speed) return;
    progress.rows_per_second = *speed;
    progress.eta.reset();
    if (!board_.gate.closed()) progress.eta = time_left(rows, *speed, progress.fraction());
}

}  // namespace pgwraith::migration
