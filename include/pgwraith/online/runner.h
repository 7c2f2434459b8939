// Runs the steps that the journal lists, from wherever they stand; takes them back.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pgwraith/base/activity.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/cutover/cutover.h"
#include "pgwraith/online/documents.h"
#include "pgwraith/online/fill.h"
#include "pgwraith/online/index_build.h"
#include "pgwraith/online/short_lock.h"
#include "pgwraith/postgres/sessions.h"
#include "pgwraith/store/store.h"
#include "pgwraith/throttle/gate.h"

namespace pgwraith::online {

struct LiveTable {
    Oid oid = 0;
    QualifiedName name;
};

// What a rehearsal has found out of a step; times are milliseconds.
struct StepMeasured {
    std::string what;
    InRehearsal how = InRehearsal::made;
    std::string note;
    double took_ms = 0;
    std::uint32_t attempts = 0;  // at its locks
    double waited_ms = 0;        // the last one, for its locks
    double blocks_ms = 0;        // how long others would wait for it, the lock's queue included
    double called_off_ms = 0;    // how long others have waited at most for an attempt that was called off
};

// What comes after a step, by what it costs.
struct StepsAfter {
    int reads = 0;   // of the whole table
    int builds = 0;  // of an index
};
StepsAfter steps_after(const std::vector<Step>& steps, std::size_t at);

// What the migration does with what the runner finds out.
struct Hooks {
    Say say;                                                // what it does right now
    std::function<Task<void>(double, std::string)> waited;  // others have waited so many ms, for this
    std::function<Task<void>(Step)> before_lock;            // that stops writers or readers: returns when it may be
    // An attempt at these locks, for this, was called off because of somebody else.
    std::function<Task<void>(std::vector<TableLock>, std::string)> kept_waiting;
    std::function<void(std::size_t, std::size_t)> came_to;               // so many steps of all are done
    std::function<void(const FillProgress&, const StepsAfter&)> filled;  // a chunk
    std::function<void()> tried;                                         // a strong lock was asked for
    std::function<void()> called_off;                                    // an attempt at a lock has come to nothing
    std::function<Task<void>(StepMeasured)> measured;                    // of a rehearsal: a step is over
};

class Runner {
  public:
    // All must outlive it.
    Runner(const postgres::Sessions& sessions, store::Store& store, const config::Settings& settings,
           throttle::Gate& gate, LiveTable table, Hooks hooks);
    ~Runner();

    // Every step that is not done, in order. What the data does not allow is an Error(refused) while nothing was made,
    // Error(stopped) later. REQUIRES: the list is recorded, and nothing is being taken back.
    Task<void> run();

    // The same, but that a step becomes what its `in_rehearsal` says.
    Task<void> rehearse();

    // What was done or begun, the last first, whichever process began with that. Returns what cannot be taken back, a
    // line each. A lock that is not granted for a minute is an Error(stopped), and the same again goes on; nothing else
    // does, since TakingBack is recorded.
    Task<std::vector<std::string>> undo();

    // A step was done since the runner began.
    bool made_progress() const { return made_progress_; }

  private:
    Task<void> load();
    Task<void> record(std::size_t at, StepState state, Xid xid);
    Task<bool> settle(std::size_t at);  // did the transaction that was under way happen?
    Task<void> run_step(std::size_t at);
    Task<void> rehearse_step(std::size_t at);
    Task<void> try_statements(std::size_t at);
    ShortWork work_to_try(std::size_t at) const;
    bool needs_what_is_not_made(std::size_t at, const postgres::PgError& error) const;
    Task<void> try_validation(std::size_t at);
    void measure(const Tried& tried);
    Error too_long(const Step& step) const;
    Task<void> compute(std::size_t at);
    Task<void> look(std::size_t at);
    static std::string sentences(const postgres::Result& rows);
    Task<void> check(const Step& step);
    Task<void> wait_for_leave(const Step& step);
    Task<void> run_locked(std::size_t at);
    Task<void> run_index(std::size_t at);
    Task<WhyNot> build_index(IndexWork work);
    Task<std::string> duplicates_of(std::string index);
    Task<void> run_reading(std::size_t at);
    Task<std::unique_ptr<postgres::Connection>> open_reader();
    // Tried until its locks are granted; a transaction that it begins is rolled back in between.
    Task<void> script_patiently(postgres::Connection& connection, std::string what, std::string sql);
    Task<bool> in_effect(std::size_t at);
    Task<void> note_kept(std::size_t at, TakingBack& back);
    Task<void> undo_step(std::size_t at);
    Task<void> undo_locked(std::size_t at);
    Task<void> undo_index(std::size_t at);
    Task<Tried> try_locked(std::size_t at, ShortWork work, StepState meanwhile);
    Task<void> pause(const std::string& what, const std::string& why, cutover::Pacing& pacing, bool undoing);
    void say(Activity activity);
    bool nothing_made() const;
    IndexWork index_work(const Step& step) const;

    const postgres::Sessions& sessions_;
    store::Store& store_;
    const config::Settings& settings_;
    throttle::Gate& gate_;
    LiveTable table_;
    Hooks hooks_;
    std::vector<Step> steps_;
    std::vector<StepRecord> states_;
    std::unique_ptr<ShortLock> short_lock_;
    std::unique_ptr<IndexBuild> index_build_;
    std::string doing_;  // the step
    std::optional<Clock::time_point> undoing_since_;
    bool made_progress_ = false;
    bool rehearses_ = false;
    StepMeasured measured_;
};

}  // namespace pgwraith::online
