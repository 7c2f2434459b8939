// The change stream: from the slot into the ledger, acknowledged when it is durable there.
#pragma once

#include <optional>
#include <string>

#include "pgwraith/capture/acknowledge.h"
#include "pgwraith/capture/company.h"
#include "pgwraith/capture/receiver.h"
#include "pgwraith/capture/slot.h"
#include "pgwraith/postgres/replication.h"
#include "pgwraith/postgres/sessions.h"
#include "pgwraith/store/store.h"

namespace pgwraith::capture {

// A replication origin that is not ours appeared while the stream left out changes with an origin. Nothing is lost:
// only earlier changes were acknowledged. The next attempt streams everything.
class OriginAppeared : public Error {
  public:
    OriginAppeared();
};

// What the stream works with. All of it belongs to the attempt at a migration or outlives it, and outlives the Capture.
struct Context {
    asio::any_io_executor executor;
    const postgres::Sessions& sessions;
    store::Store& store;
    Company& company;
};

// Two coroutines that share a bounded queue: the reader decodes and answers the server, the writer records and
// syncs. So a slow disk never keeps a keepalive from being answered.
// Thread contract: the io_context's thread.
class Capture {
  public:
    // `made`: the slot, if it is new, with the session that holds it; otherwise nothing.
    // REQUIRES: the ledger has a position (the slot's start at first).
    Capture(Context context, CaptureTarget target, NewSlot made);

    // Reads what the journal knows of the slot and of a TRUNCATE. Call it before everything else.
    Task<void> recall();

    // Streams until cancelled; throws what ended it (PgError, StoreUnavailable, DecodeError). May be run again: it
    // goes on from where the ledger stands.
    Task<void> run();

    // Emits a watermark on `emitter` (a session of its own, not in a transaction) and returns when it has come back
    // and everything that committed before the call is in the ledger (recorded, not necessarily synced).
    // REQUIRES: run() is under way in another coroutine.
    Task<void> watermark(postgres::Connection& emitter);

    // Suspends until something was recorded, or `timeout` passed.
    Task<void> wait_for_records(milliseconds timeout);

    Lsn recorded() const { return recorded_; }
    // For a display: the last position received; what was synced; what the server was told.
    Lsn received() const { return acknowledgement_ ? acknowledgement_->received() : recorded_; }
    Lsn durable() const { return acknowledgement_ ? acknowledgement_->flushed() : recorded_; }
    Lsn acknowledged() const { return told_; }
    // How long the last watermark took to come back, its commit included; nullopt: there was none.
    std::optional<double> watermark_ms() const { return watermark_ms_; }
    // Set while nothing is acknowledged because the server takes our stream for a synchronous standby: why.
    const std::optional<std::string>& unacknowledged() const { return unacknowledged_; }
    std::uint64_t changes_received() const { return receiver_.changes_received(); }
    // The position at which the copy began: a TRUNCATE that committed before it does no harm.
    void set_copied_from(Lsn from) { copied_from_ = from; }
    // A TRUNCATE of the table that makes the copy worthless was recorded.
    bool truncated() const { return truncated_at_ > copied_from_; }
    // A recent 64-bit transaction id, so that the stream's 32-bit ones can be extended.
    void note_xid(Xid xid) { receiver_.note_xid(xid); }

  private:
    Task<Lsn> check_slot();
    Task<void> start_stream(Lsn from, bool leave_out_origins);
    Task<std::optional<postgres::PgError>> try_start(postgres::ReplicationStream& stream, Lsn from,
                                                     std::string options);
    int holder() const { return stream_ ? stream_->backend_pid() : 0; }
    Task<void> stream(Lsn from, bool leave_out_origins, bool watched);
    Task<void> stream_until_current(Lsn from);
    Task<void> end_when_current(TaskGroup& group);
    Task<void> look_around();
    Task<void> watch(bool leave_out_origins);
    Task<void> read_stream();
    Task<void> read_messages();
    Task<void> write_ledger();
    Task<void> gather(Clock::time_point written_at);
    bool worth_a_write();
    bool take_what_came();
    void take(const postgres::ReplicationMessage& message);
    Task<void> send_feedback();

    Context context_;
    CaptureTarget target_;
    std::optional<std::string> unacknowledged_;
    std::unique_ptr<postgres::ReplicationStream> stream_;  // or what holds the slot until there is one
    std::unique_ptr<postgres::Connection> watcher_;        // of the slot and the origins
    std::optional<Clock::time_point> no_others_at_;        // of a new slot
    // Set while the stream leaves out changes with an origin: up to here all of them are ours.
    std::optional<Lsn> known_ours_;
    std::optional<Acknowledgement> acknowledgement_;

    std::string token_prefix_;  // of our watermarks
    Receiver receiver_;
    Batch writing_;           // what the writer has taken; kept for its memory
    bool gathering_ = false;  // the writer waits for more, a while
    bool reply_requested_ = false;
    Lsn slot_start_;  // nothing before it is wanted
    Lsn recorded_;
    Lsn truncated_at_;  // commit LSN of the last TRUNCATE of the table; 0: there was none
    Lsn copied_from_;
    Lsn told_;  // the last flushed position that the server was told
    Clock::time_point told_at_;
    std::uint64_t token_counter_ = 0;
    std::optional<double> watermark_ms_;
    std::size_t taken_ = 0;  // messages since the stream was last waited for; a long one counts as many
    int awaited_ = 0;        // watermarks
    Event hurry_;            // one is awaited from now on
    Event queue_changed_;    // the pending batch grew or was taken
    Event recorded_changed_;
};

}  // namespace pgwraith::capture
