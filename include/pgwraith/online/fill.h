// A column of the live table is filled where it is NULL: chunk by chunk, pass by pass, until nothing is left.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "pgwraith/config/settings.h"
#include "pgwraith/online/step.h"
#include "pgwraith/postgres/sessions.h"
#include "pgwraith/store/store.h"
#include "pgwraith/throttle/gate.h"
#include "pgwraith/transfer/chunks.h"

namespace pgwraith::online {

// On disk (the journal's document "fill"): do not rename the members. The chunks of the pass that runs are in the
// journal as well.
struct FillState {
    std::string column;  // whose fill this is
    int pass = 1;
    std::uint32_t blocks = 0;     // of the table when the pass began
    std::uint64_t filled = 0;     // by earlier passes
    std::uint64_t had_value = 0;  // rows that had a value before the fill began
    Xid began = 0;                // the transactions from this one on belong to the time of the fill
};

struct FillProgress {
    int pass = 1;
    std::uint64_t filled = 0;
    std::uint64_t blocks_done = 0;
    std::uint64_t blocks_total = 0;
};

// Thread contract: the io_context's thread.
class Fill {
  public:
    // All must outlive it.
    Fill(const postgres::Sessions& sessions, store::Store& store, const config::Settings& settings,
         throttle::Gate& gate, Oid table, QualifiedName name, const Step& step,
         std::function<void(const std::string&)> say);

    // Goes on where an earlier process stopped. Returns a sentence: how many rows were filled, how many had a value.
    // A row that has a value keeps it; one that somebody holds locked is passed over and filled by a later pass.
    // Where the expression gives NULL the column stays NULL. Throws PgError for what a row or a trigger refuses.
    Task<std::string> run();
    // Of a rehearsal: rows that the application goes on writing without a value are said, and not waited for.
    void wait_for_nobody() { waits_ = false; }

    const FillProgress& progress() const { return progress_; }

  private:
    Task<void> begin_pass(FillState state);
    Task<void> run_pass();
    Task<void> work(int number);
    Task<std::uint64_t> fill_range(postgres::Connection& connection, transfer::BlockRange range);
    Task<std::uint64_t> count_present(postgres::Connection& connection, transfer::BlockRange range);
    Task<void> watch_dead_rows();
    Task<void> pass_and_stop(TaskGroup& group);
    Task<std::string> compare_some();

    const postgres::Sessions& sessions_;
    store::Store& store_;
    const config::Settings& settings_;
    throttle::Gate& gate_;
    Oid table_;
    QualifiedName name_;
    std::string column_;                   // quoted
    std::string expression_;               // with its parentheses
    std::vector<std::string> of_session_;  // statements, for each session that writes
    std::function<void(const std::string&)> say_;
    FillState state_;
    std::optional<transfer::BlockQueue> queue_;
    std::optional<transfer::ChunkSizer> sizer_;
    std::uint64_t filled_now_ = 0;  // by this pass, of this process
    bool passed_over_ = false;      // rows that somebody holds locked
    bool waits_ = true;
    FillProgress progress_;
};

}  // namespace pgwraith::online
