// The copy: the live table's heap blocks, chunk by chunk, into the shadow.
#pragma once

#include <cstdint>

#include "pgwraith/transfer/chunks.h"
#include "pgwraith/transfer/context.h"

namespace pgwraith::transfer {

// The live table was rewritten (TRUNCATE, VACUUM FULL, CLUSTER …): its rows are no longer where they were, the copy
// must start over.
class TableRewritten : public Error {
  public:
    explicit TableRewritten(std::string how);
};

// Rows of the live table do not fit the new one.
class DataRefused : public Error {
  public:
    DataRefused(std::string what, std::string hint, std::string check, std::string rows);
    const std::string& check() const { return check_; }  // the CHECK that they do not meet; empty: it is something else
    const std::string& rows() const { return rows_; }    // some of them, by their keys

  private:
    std::string check_;
    std::string rows_;
};

// After a TRUNCATE nothing that the shadow holds can be trusted, nor compared. Throws TableRewritten.
void check_not_truncated(const capture::Capture& capture, const shadow::Pair& pair);

struct CopyProgress {
    std::uint64_t blocks_total = 0;
    std::uint64_t blocks_done = 0;
    std::uint64_t rows = 0;
    std::uint64_t rows_earlier = 0;  // of them, copied by an earlier attempt
};

struct CopyTarget {
    std::uint32_t blocks = 0;  // of the live table when the copy began
    Oid file_node = 0;         // it had then; another one means that it was rewritten
    std::uint64_t heap_bytes = 0;
    std::uint64_t toast_bytes = 0;
};

// Thread contract: the io_context's thread.
class Copier {
  public:
    Copier(Context context, CopyTarget target);

    // Finds out what became of the chunks that an earlier process or attempt left in flight, then copies what is
    // missing with the configured number of workers. Throws TableRewritten; Error(stopped) naming rows that do not fit
    // the new table; PgError.
    Task<void> run();

    const CopyProgress& progress() const { return progress_; }

  private:
    Task<void> resolve_intents();
    Task<void> work(int number);
    Task<void> open_sessions(int number, std::unique_ptr<postgres::Connection>& connection,
                             std::unique_ptr<postgres::Connection>& flusher);
    Task<void> copy_chunk(postgres::Connection& connection, postgres::Connection* flusher, BlockRange range);
    Task<void> check_unchanged(postgres::Connection& connection, Xid& xid);
    Task<void> explain_failure(BlockRange range, postgres::PgError error);

    Context context_;
    CopyTarget target_;
    ChunkSizer sizer_;
    std::optional<BlockQueue> queue_;
    CopyProgress progress_;
};

}  // namespace pgwraith::transfer
