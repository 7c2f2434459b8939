// One go at a migration without a shadow, from wherever its journal says it stands: the twin of Attempt.
#pragma once

#include "blockers.h"
#include "board.h"
#include "owner.h"
#include "pgwraith/online/runner.h"
#include "pgwraith/throttle/signals.h"
#include "speed.h"
#include "state.h"

namespace pgwraith::migration {

class Direct {
  public:
    // `store` holds an identity. REQUIRES: `owner` outlives run(); an attempt whose owner loses its session ends.
    Direct(asio::any_io_executor executor, Board& board, store::Store& store, const postgres::Sessions& sessions,
           Identity identity, Owner& owner);

    // Returns when all steps are done; throws what ended it. Cancelling ends it.
    Task<void> run();

    // A step was done since the attempt began: a later failure is a new one.
    bool made_progress() const { return runner_ && runner_->made_progress(); }

  private:
    Task<void> make_list();
    Task<void> record_list(std::vector<online::Step> steps);
    Task<void> compare();
    Task<void> run_steps(TaskGroup& group);
    Task<void> rehearse(TaskGroup& group);
    Task<bool> was_told();
    Task<void> wait_for_the_moment(online::Step step);
    online::Hooks hooks();
    void came_to_step(std::size_t done, std::size_t all);
    void filled(const online::FillProgress& fill, const online::StepsAfter& after);

    asio::any_io_executor executor_;
    Board& board_;
    store::Store& store_;
    State state_;
    const postgres::Sessions& sessions_;
    Identity identity_;
    Owner& owner_;
    Blockers blockers_;
    bool asked_ = false;      // the hook before_cutover
    CutoverWish noted_wish_;  // in the journal
    std::unique_ptr<throttle::Signals> signals_;
    std::unique_ptr<online::Runner> runner_;
    FillSpeed fill_speed_;  // of the fill under way
    Speed row_speed_;       // of its pass
    int fill_pass_ = 0;
};

// An abort has begun to take the steps back. Throws Error(refused): nothing but an abort goes on with them.
Task<void> require_not_taken_back(store::Store& store, Identity identity);

// What was made goes, the last first, then the store. Returns what cannot be taken back, a line each. If the table was
// dropped, only the store goes. Throws Error(stopped) when the table has another name now, or when others hold locks
// for too long: the same again goes on.
Task<std::vector<std::string>> take_back(const postgres::Sessions& sessions, Board& board,
                                         std::unique_ptr<store::Store>& store, Identity identity);

// All steps are done: the record is left, the store goes.
Task<void> finish_direct(const postgres::Sessions& sessions, Board& board, std::unique_ptr<store::Store>& store,
                         Identity identity);

}  // namespace pgwraith::migration
