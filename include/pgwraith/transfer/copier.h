// The copy: the live table's heap blocks, chunk by chunk, into the shadow.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

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
    int busy = 0;                    // workers
    std::uint32_t chunk_blocks = 0;  // of the last chunk
    std::string method;              // of it, as `copy.method` says it
    std::optional<milliseconds> chunk_took;
};

struct CopyTarget {
    std::uint32_t blocks = 0;  // of the live table when the copy began
    Oid file_node = 0;         // it had then; another one means that it was rewritten
    std::uint64_t heap_bytes = 0;
    std::uint64_t toast_bytes = 0;
};

class MethodChoice;
struct CopyProtocol;
enum class Method;

// Thread contract: the io_context's thread.
class Copier {
  public:
    Copier(Context context, CopyTarget target);
    ~Copier();

    // Finds out what became of the chunks that an earlier process or attempt left in flight, then copies what is
    // missing with the configured number of workers. Throws TableRewritten; Error(stopped) naming rows that do not fit
    // the new table; PgError.
    Task<void> run();

    const CopyProgress& progress() const { return progress_; }

  private:
    // Of one worker.
    struct Worker {
        int number = 0;
        std::unique_ptr<postgres::Connection> writer;
        std::unique_ptr<postgres::Connection> flusher;  // before PostgreSQL 17: makes transaction ids durable
        std::unique_ptr<postgres::Connection> reader;   // with the COPY protocol
    };

    Task<void> resolve_intents();
    Task<void> work(int number);
    Task<void> open_sessions(Worker& worker);
    Task<Method> next_method(Worker& worker);
    Task<bool> ready_to_copy(Worker& worker);
    std::uint32_t next_size();
    void rule_out_copy(std::string why);
    void set_protocol(CopyProtocol planned);
    Task<void> copy_range(Worker& worker, BlockRange range);
    Task<void> copy_chunk(Worker& worker, BlockRange range, Method method);
    Task<store::ChunkRecord> insert_rows(Worker& worker, BlockRange range);
    Task<store::ChunkRecord> stream_rows(Worker& worker, BlockRange range);
    void check_unchanged(Oid file_node) const;
    Task<void> explain_failure(BlockRange range, postgres::PgError error);

    Context context_;
    CopyTarget target_;
    ChunkSizer sizer_;
    std::optional<BlockQueue> queue_;
    std::unique_ptr<MethodChoice> choice_;
    std::unique_ptr<CopyProtocol> protocol_;  // when it was asked for
    CopyProgress progress_;
};

}  // namespace pgwraith::transfer
