// The applier reads the rows of changed keys again from the live table, batch by batch.
#pragma once

#include <cstdint>
#include <deque>

#include "pgwraith/transfer/context.h"

namespace pgwraith::transfer {

struct PassResult {
    std::uint64_t seen = 0;  // entries in the ledger that the pass looked at
    std::uint64_t applied = 0;
    std::uint64_t invisible = 0;  // their transaction was not yet visible; they stay
    milliseconds took{0};
};

struct SentBatch;

// Thread contract: the io_context's thread. One pass at a time.
class Applier {
  public:
    explicit Applier(Context context);

    // Every entry that is in the ledger when the pass comes to it, once. Throws Error(stopped) naming the rows when
    // they do not fit the new table. Waits while the applier is paused: never call it between pause() and resume().
    Task<PassResult> pass();

    // Passes for ever, resting while there is nothing to do.
    Task<void> run();

    // Suspends until no batch is under way and holds every pass off; resume() lets them go on. Nestable.
    Task<void> pause();
    void resume();

    std::uint64_t applied() const { return applied_; }
    const PassResult& last_pass() const { return last_pass_; }
    // What one key took in the last pass that applied any; nullopt: there was none.
    std::optional<double> ms_per_key() const { return ms_per_key_; }

  private:
    struct Pass;
    using Batch = std::vector<store::LedgerEntry>;

    Task<void> read_batches(Pass& pass, TaskGroup& group);
    Task<void> work(Pass& pass, int number);
    Task<void> apply(postgres::Connection& connection, Pass& pass, Batch batch);
    Task<void> give_up(postgres::Connection& connection, Pass& pass, std::deque<SentBatch> batches,
                       postgres::PgError failure);
    Task<void> remove_applied(Pass& pass, Batch& committed);
    Task<void> apply_together(Pass& pass);
    Task<void> apply_within(postgres::Connection& connection, const std::vector<store::LedgerEntry>& entries);
    Task<void> explain_failure(std::vector<std::string> keys, postgres::PgError error);
    Task<void> one_pass(PassResult& result);

    Context context_;
    std::vector<std::unique_ptr<postgres::Connection>> connections_;  // of the workers, kept between passes
    std::unique_ptr<postgres::Connection> emitter_;
    std::uint64_t applied_ = 0;
    PassResult last_pass_;
    std::optional<double> ms_per_key_;
    int paused_ = 0;
    bool passing_ = false;
    Event changed_;
};

}  // namespace pgwraith::transfer
