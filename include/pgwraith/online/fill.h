// Columns of the live table are filled where they are NULL: chunk by chunk, pass by pass, until nothing is left.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/config/settings.h"
#include "pgwraith/online/step.h"
#include "pgwraith/postgres/sessions.h"
#include "pgwraith/store/store.h"
#include "pgwraith/throttle/gate.h"
#include "pgwraith/transfer/chunks.h"

namespace pgwraith::online {

// On disk: do not rename the members. Rows, of one column.
struct FillCount {
    std::string column;
    std::uint64_t filled = 0;
    std::uint64_t had_value = 0;  // before the fill began
    std::uint64_t empty = 0;      // left NULL by the pass that runs, or by the last one

    bool operator==(const FillCount&) const = default;
};

// On disk (the journal's document "fill"): do not rename the members. The chunks of the pass that runs are in the
// journal as well.
struct FillState {
    std::vector<FillCount> columns;  // whose fill this is
    int pass = 1;
    std::uint32_t blocks = 0;  // of the table when the pass began
    std::uint64_t rows = 0;    // that the pass has seen
    Xid began = 0;             // the transactions from this one on belong to the time of the fill

    bool operator==(const FillState&) const = default;
};

// Where the pass that runs stands, and what it has to do.
struct FillProgress {
    int pass = 1;  // the first one fills, those after it look whether that was all
    std::uint64_t blocks_done = 0;
    std::uint64_t blocks = 0;
    std::uint64_t rows = 0;  // that it has seen
};

// Thread contract: the io_context's thread.
class Fill {
  public:
    // All must outlive it.
    Fill(const postgres::Sessions& sessions, store::Store& store, const config::Settings& settings,
         throttle::Gate& gate, Oid table, QualifiedName name, const Step& step,
         std::function<void(const std::string&)> say, std::function<void(const FillProgress&)> came_to = {});
    ~Fill();

    // Goes on where an earlier process stopped. Returns a sentence for each column: how many rows were filled, how many
    // had a value of the application's, how many are NULL. A row that has a value keeps it; one that somebody holds
    // locked is passed over and filled by a later pass. Where the expression gives NULL the column stays NULL. Throws
    // Error(stopped), with the rows, for what a row or a trigger refuses.
    Task<std::vector<std::string>> run();
    // Of a rehearsal: rows that the application goes on writing without a value are said, and not waited for.
    void wait_for_nobody() { waits_ = false; }

  private:
    struct Chunk;
    Task<void> begin_pass(FillState state);
    Task<void> run_pass();
    Task<void> pass_and_stop(TaskGroup& group);
    bool must_go_on() const;
    Task<void> work(int number);
    Task<void> fill_chunk(postgres::Connection& connection, Chunk& chunk);
    Task<void> fill_columns(postgres::Connection& connection, std::vector<std::size_t> columns, Chunk& chunk);
    Task<void> record(Chunk chunk);
    std::string names() const;
    std::vector<std::string> outcome() const;

    const postgres::Sessions& sessions_;
    store::Store& store_;
    const config::Settings& settings_;
    throttle::Gate& gate_;
    Oid table_;
    QualifiedName name_;
    std::vector<FilledColumn> columns_;
    std::vector<std::string> of_session_;  // statements, for each session that writes
    std::function<void(const std::string&)> say_;
    std::function<void(const FillProgress&)> came_to_;
    FillState state_;
    bool has_rules_ = false;  // of the table's, for UPDATE
    std::optional<transfer::BlockQueue> queue_;
    std::optional<transfer::ChunkSizer> sizer_;
    bool recording_ = false;
    bool not_recorded_ = false;
    // Of the pass that runs, in this process.
    bool passed_over_ = false;         // rows that somebody holds locked
    std::uint64_t missed_ = 0;         // rows that were seen to need a value and were not written
    std::uint64_t missed_before_ = 0;  // by the pass before
    std::uint64_t blocks_done_ = 0;
    std::uint64_t written_ = 0;  // rows, by an earlier process of the same pass too
    bool waits_ = true;
};

}  // namespace pgwraith::online
