// One go at a migration, from wherever its journal says it stands: sessions, stream, phases. When something breaks
// everything here is thrown away and made again; what must last is in the store.
#pragma once

#include "attempt_context.h"
#include "borrowed_identity.h"
#include "owner.h"
#include "pgwraith/capture/capture.h"
#include "pgwraith/cutover/cutover.h"
#include "pgwraith/online/step.h"
#include "pgwraith/throttle/lag.h"
#include "pgwraith/throttle/signals.h"
#include "pgwraith/transfer/applier.h"
#include "pgwraith/transfer/builder.h"
#include "pgwraith/transfer/copier.h"
#include "pgwraith/transfer/verifier.h"
#include "speed.h"
#include "state.h"
#include "watch.h"

namespace pgwraith::migration {

class Attempt {
  public:
    // `session`: one for rows, if there is one already; it begins with that.
    // REQUIRES: `owner` outlives run(); an attempt whose owner loses its session ends.
    Attempt(AttemptContext context, Owner& owner, std::unique_ptr<postgres::Connection> session);
    ~Attempt();

    // Returns when the swap is done; throws what ended it. Cancelling ends it.
    Task<void> run();

    // Its session for rows, after run(); nullptr: it has none.
    std::unique_ptr<postgres::Connection> take_session() { return std::move(session_); }

    // Something was copied, built or applied since the attempt began: a later failure is a new one.
    bool made_progress() const { return made_progress_; }
    // The swap may have happened: COMMIT was sent, no answer came.
    std::optional<Xid> commit_unanswered() const {
        if (!cutover_) return std::nullopt;
        return cutover_->commit_unanswered();
    }

  private:
    Task<void> make_everything();
    Task<void> begin();
    Task<void> begin_signals();
    Task<void> load();
    Task<void> phases();
    Task<void> copy();
    Task<void> build();
    Task<void> purge();
    Task<void> follow();
    Task<void> to_the_swap();
    Task<void> catch_up();
    Task<void> await_stream();
    Task<void> watch_stream_lag();
    void say_behind(std::optional<std::string> warning);
    Task<void> verify();
    Task<void> verify_again();
    Task<void> check_shadow(postgres::Connection& connection);
    void show_verified(const Verification& verified);
    Task<void> wait_for_the_moment();
    Task<void> check_orphans();
    Task<void> cut_over();
    Task<cutover::SwapResult> attempt_cutover();
    Task<void> plan_in_snapshot(cutover::Expectation& expectation);
    Task<void> plan_cutover(cutover::Expectation& expectation);
    Task<void> refuse_published(postgres::Connection& connection, BorrowedIdentity borrowed);
    Task<void> start_over(std::string why);
    bool is_untouched(const std::string& check) const;
    Task<void> set_aside(transfer::DataRefused why);
    Task<void> drop_set_aside(postgres::Connection& connection);
    Task<void> check_definition();
    void refuse_unpublishable(const postgres::PgError& error);
    Task<void> check_names();
    Task<void> check_rights(postgres::Connection& connection);
    Task<void> run_and_finish(Task<void> work, TaskGroup& group);
    Task<void> report();
    void measure();
    std::uint64_t measure_phase();
    void measure_stream();
    Task<void> enter(Phase phase);

    Task<void> join_watched(TaskGroup& group);

    AttemptContext context_;
    Board& board_;
    State state_;
    MigrationNames names_;
    Owner& owner_;

    catalog::Table live_;
    catalog::Definition definition_;
    shadow::Blueprint blueprint_;
    shadow::Pair pair_;
    CopyStart copy_start_;
    std::map<std::string, int> noted_standbys_;  // in the journal
    CutoverWish noted_wish_;                     // likewise
    capture::NewSlot new_slot_;                  // if this attempt made it
    Watch watch_;
    std::unique_ptr<capture::Capture> capture_;
    std::unique_ptr<throttle::Signals> signals_;
    std::optional<transfer::Context> moving_;  // once capture_ is there
    std::unique_ptr<transfer::Copier> copier_;
    std::unique_ptr<transfer::Builder> builder_;
    std::unique_ptr<transfer::Applier> applier_;
    std::unique_ptr<transfer::Verifier> verifier_;
    std::unique_ptr<cutover::Cutover> cutover_;
    std::vector<online::TableLock> to_lock_;  // by the swap, as planned last; empty: that was not possible
    // For rows. Emits watermarks, and asks what is to be known between the phases, one after the other.
    std::unique_ptr<postgres::Connection> session_;
    std::uint64_t applied_before_ = 0;  // by earlier attempts of this process
    std::uint64_t received_before_ = 0;
    std::uint64_t repaired_before_ = 0;  // by earlier verifications
    bool made_progress_ = false;
    Speed speed_;
    throttle::WalClock wal_clock_;  // how old what the ledger has is
    Growth received_;
    Growth applied_;
    Growth retained_;
};

}  // namespace pgwraith::migration
