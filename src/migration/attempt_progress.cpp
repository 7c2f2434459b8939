// What an attempt lets others know of itself.
#include "attempt.h"
#include "waiting.h"

namespace pgwraith::migration {

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
        board_.show(*signals_);
        co_await note_wish(board_, context_.store, noted_wish_);
        progress.pending_changes = co_await context_.store.ledger().pending_estimate();
        progress.ledger_bytes = co_await context_.store.ledger().bytes();
        measure_stream();
        measure();
        co_await board_.requests.wait_for(report_interval);
    }
}

// How far the stream is, and how much room the server has for what it keeps for us.
void Attempt::measure_stream() {
    auto& progress = board_.progress;
    progress.changes_received = received_before_ + capture_->changes_received();
    progress.changes_applied = applied_before_ + applier_->applied();
    const auto& facts = signals_->facts();
    const auto now = Clock::now();
    const auto recorded = capture_->recorded();
    progress.stream_lag_bytes = facts.wal_position > recorded ? facts.wal_position.value - recorded.value : 0;
    if (facts.wal_position.value != 0) wal_clock_.observe(now, facts.wal_position);
    progress.stream =
        StreamState{capture_->received(), capture_->durable(), capture_->acknowledged(), wal_clock_.lag(now, recorded)};
    progress.retained_wal_bytes = facts.retained_wal_bytes;
    progress.safe_wal_bytes = facts.safe_wal_bytes;
    retained_.measure(now, facts.retained_wal_bytes);
    progress.wal_left_for.reset();
    if (facts.safe_wal_bytes) {
        progress.wal_left_for =
            time_until_slot_is_lost(facts.retained_wal_bytes, *facts.safe_wal_bytes, retained_.per_second());
    }
    received_.measure(now, progress.changes_received);
    applied_.measure(now, progress.changes_applied);
    progress.changes_per_second = received_.per_second();
    progress.applied_per_second = applied_.per_second();
    if (const auto watermark = capture_->watermark_ms()) {
        const auto per_key = applier_->ms_per_key().value_or(0);
        progress.swap_estimate_ms = *watermark + per_key * static_cast<double>(applier_->last_pass().seen);
    }
}

void Attempt::measure() {
    auto& progress = board_.progress;
    const auto rows = measure_phase();
    const auto speed = speed_.measure(Clock::now(), progress.phase, rows);
    if (speed) {
        progress.rows_per_second = *speed;
        progress.eta.reset();
        if (!board_.gate.closed()) progress.eta = time_left(rows, *speed, progress.fraction());
    }
    const bool verifies = board_.settings.verify == config::Verify::full;
    progress.eta_total = time_to_the_swap(progress, blueprint_.indexes.size(), verifies, board_.in_phase());
}

// Returns the rows that were copied or compared in this phase.
std::uint64_t Attempt::measure_phase() {
    auto& progress = board_.progress;
    if (copier_) {
        progress.rows_copied = copier_->progress().rows;
        made_progress_ = made_progress_ || progress.rows_copied > copier_->progress().rows_earlier;
    }
    if (progress.phase == Phase::copy && copier_) {
        const auto& copied = copier_->progress();
        progress.units_done = copied.blocks_done;
        progress.units_total = copied.blocks_total;
        progress.workers_busy = copied.busy;
        progress.chunk_blocks = copied.chunk_blocks;
        progress.copy_method = copied.method;
        progress.chunk_took = copied.chunk_took;
        return progress.rows_copied;
    } else if (progress.phase == Phase::build && builder_) {
        progress.units_done = builder_->progress().indexes_done;
        progress.units_total = builder_->progress().indexes_total;
        progress.activity = builder_->progress().activity;
        progress.workers_busy = builder_->progress().busy;
    } else if (progress.phase == Phase::verify && verifier_) {
        const auto& compared = verifier_->progress();
        progress.rows_verified = compared.rows_live;
        progress.shadow_rows_verified = compared.rows_shadow;
        progress.differences_repaired = repaired_before_ + compared.repaired;
        progress.activity = {compared.order};
        progress.workers_busy = compared.busy;
        progress.chunk_took = compared.range_took;
        progress.units_done = compared.rows_live;
        progress.units_total = std::max(progress.rows_copied, progress.row_estimate);
        return compared.rows_live;
    }
    return 0;
}

}  // namespace pgwraith::migration
