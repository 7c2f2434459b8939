#include "sent_batches.h"

#include "batches.h"
#include "pgwraith/base/faults.h"
#include "pgwraith/postgres/transactions.h"
#include "pgwraith/transfer/keys.h"

namespace pgwraith::transfer {

namespace {

constexpr std::size_t most_sent = 2;

}  // namespace

SentBatches::SentBatches(postgres::Connection& connection, const shadow::Pair& pair)
    : connection_(connection),
      pair_(pair),
      delete_gone_sql_(shadow::delete_gone_keys_sql(pair)),
      update_sql_(shadow::update_keys_sql(pair)),
      delete_sql_(shadow::delete_keys_sql(pair)),
      insert_sql_(shadow::insert_keys_sql(pair)) {}

bool SentBatches::has_room() const { return sent_.size() < most_sent; }

Task<void> SentBatches::send(Batch batch, Way way) {
    ensure(has_room() && !batch.empty(), "a batch with keys, and room for it");
    ensure(way == Way::replace || pair_.mapping.updatable, "rows are updated only where the server can");
    if (!pipeline_) pipeline_.emplace(connection_);
    pipeline_->add("BEGIN ISOLATION LEVEL REPEATABLE READ");
    pipeline_->add(postgres::snapshot_sql);
    way == Way::update ? add_update(batch) : add_replacement(batch);
    pipeline_->add("COMMIT");
    pipeline_->end_part();
    sent_.push_back({std::move(batch), way});
    fault_point("apply.before_commit");
    co_await pipeline_->send();
    fault_point("apply.sent");
}

void SentBatches::add_update(const Batch& batch) {
    const auto maybe_gone = keys_maybe_gone(batch);
    if (!maybe_gone.empty()) pipeline_->add(delete_gone_sql_, key_params(pair_, maybe_gone));
    pipeline_->add(update_sql_, key_params(pair_, batch));
}

void SentBatches::add_replacement(const Batch& batch) {
    const auto params = key_params(pair_, batch);
    pipeline_->add(delete_sql_, params);
    pipeline_->add(insert_sql_, params);
}

Task<SentBatches::Committed> SentBatches::answer() {
    ensure(!sent_.empty(), "a batch was sent");
    const auto answers = co_await pipeline_->answers();
    fault_point("apply.after_commit");
    Committed committed{std::move(sent_.front().batch), postgres::snapshot_of(answers.at(1))};
    sent_.pop_front();
    if (sent_.empty()) pipeline_.reset();
    co_return committed;
}

std::deque<SentBatch> SentBatches::take_back() {
    pipeline_.reset();
    return std::exchange(sent_, {});
}

}  // namespace pgwraith::transfer
