#include "pgwraith/capture/capture.h"

#include <fmt/format.h>

#include <random>

#include "pgwraith/base/faults.h"
#include "pgwraith/base/names.h"
#include "pgwraith/capture/documents.h"
#include "pgwraith/capture/origin.h"
#include "pgwraith/capture/slot.h"
#include "pgwraith/catalog/company.h"
#include "pgwraith/store/key.h"

namespace pgwraith::capture {

namespace {

// More than this waiting for the disk: stop reading, the server waits for us (and keeps the WAL). What is being
// written, and RocksDB's copies of it, are as large again.
constexpr std::size_t queue_limit = 2u << 20;
// The server sends every change as a packet of its own, and to wake up for each costs more than to read it. So after
// what has come was read, the next is let come for a time: for a longer one while nobody waits for the stream, for a
// moment while so much comes that the server would fill its socket and stand still, and for a while after that.
constexpr milliseconds unhurried{10};
constexpr std::chrono::microseconds let_come{250};
constexpr milliseconds stays_busy{5};
// In `let_come`, in messages; a long one counts as many.
constexpr double much = 4;
constexpr std::size_t bytes_as_one_message = 400;
// Before others have their turn.
constexpr int reads_at_once = 64;
// For the same reason a write takes what has come in this time, unless it is enough, or somebody waits for it.
constexpr milliseconds gathering_time{5};
// When so much comes in that time, the stream has a backlog: then more is gathered. Keys that are recorded together in
// their order cost the ledger less the closer they lie.
constexpr std::size_t backlog_from = 16u << 10;
constexpr milliseconds gathering_backlog{100};
constexpr std::size_t enough_to_write = 1u << 20;
constexpr milliseconds idle_wait{500};
// The slot may lag this much behind what is durable; each sync is an fsync.
constexpr milliseconds sync_interval{200};
constexpr milliseconds feedback_interval{200};
constexpr milliseconds feedback_at_least{5'000};

// How long the server may take to end a stream of which another one follows in the same session.
constexpr milliseconds stream_ends{2'000};
// The watcher's queries are short: cancelled they would be errors in the server's log.
constexpr milliseconds query_ends{500};

bool is_much(std::size_t messages, Clock::duration in) {
    using Seconds = std::chrono::duration<double>;
    return static_cast<double>(messages) * Seconds(let_come) >= much * Seconds(std::max<Clock::duration>(in, let_come));
}

// Somebody waits for the stream: it is read as soon as something comes.
class Awaited {
  public:
    Awaited(int& count, Event& hurry) : count_(count) {
        ++count_;
        hurry.notify_all();
    }
    ~Awaited() { --count_; }
    Awaited(const Awaited&) = delete;
    Awaited& operator=(const Awaited&) = delete;

  private:
    int& count_;
};

}  // namespace

OriginAppeared::OriginAppeared()
    : Error(ErrorKind::stopped, "a replication origin of somebody else appeared: the stream must carry everything now",
            "Run the same command again.") {}

Capture::Capture(Context context, CaptureTarget target, NewSlot made)
    : context_(context),
      target_(std::move(target)),
      stream_(std::move(made.holder)),
      no_others_at_(made.no_others_at),
      token_prefix_(fmt::format("{:08x}", std::random_device{}())),
      receiver_(target_, token_prefix_),
      hurry_(context.executor),
      queue_changed_(context.executor),
      recorded_changed_(context.executor) {}

Task<void> Capture::recall() {
    const auto truncated = co_await context_.store.journal().get<Truncated>();
    if (truncated) truncated_at_ = truncated->commit;
    const auto slot = co_await context_.store.journal().get<SlotStart>();
    if (slot) slot_start_ = slot->start;
}

Task<void> Capture::run() {
    auto position = co_await context_.store.ledger().position();
    ensure(position.has_value(), "the ledger has a position before the stream starts");
    recorded_ = *position;
    watcher_ = co_await context_.sessions.open("capture");
    watcher_->let_finish(query_ends);
    co_await look_around();
    // From where the slot stands, not from where the ledger ends: if origins were left out, what lies between is not
    // known to be complete. A server that crashed may have put the slot back to before its start.
    auto stands = co_await check_slot();
    auto from = std::max(stands, slot_start_);
    auto leave_out = co_await may_leave_out_origins(*watcher_);
    if (leave_out && !looked_lately(std::exchange(no_others_at_, std::nullopt), Clock::now())) {
        // Who knows which origins there were while nobody looked: up to now everything.
        co_await stream_until_current(from);
        co_await check_slot();
        from = recorded_;
    }
    co_await stream(from, leave_out, true);
}

Task<void> Capture::stream_until_current(Lsn from) {
    TaskGroup group(co_await asio::this_coro::executor);
    // (Unwatched: the watcher is needed afterwards, and a session that is cancelled in a query is of no more use.)
    group.spawn(stream(from, false, false));
    group.spawn(end_when_current(group));
    co_await group.join();
}

Task<void> Capture::end_when_current(TaskGroup& group) {
    auto emitter = co_await context_.sessions.open("watermark");
    co_await watermark(*emitter);
    group.cancel();
}

// A walsender streams once. The next one is there before the last one ends, so that the slot is unused for no longer
// than the server takes for the two commands: cluster managers drop slots that are not in use.
Task<void> Capture::start_stream(Lsn from, bool leave_out_origins) {
    std::unique_ptr<postgres::ReplicationStream> next;
    try {
        next = std::make_unique<postgres::ReplicationStream>(co_await context_.sessions.open_replication());
    } catch (const postgres::PgError& error) {
        if (!stream_) throw;
        spdlog::debug("no second walsender: {}", error.message());
    }
    const bool hands_over = stream_ != nullptr;
    const auto ended = Clock::now();
    if (stream_) co_await stream_->stop(stream_ends);
    stream_.reset();
    if (!next) next = std::make_unique<postgres::ReplicationStream>(co_await context_.sessions.open_replication());
    stream_ = std::move(next);
    const auto options = stream_options(target_.publication, leave_out_origins);
    auto failure = co_await try_start(*stream_, from, options);
    if (failure && failure->is(postgres::sqlstate::object_in_use)) {
        co_await free_slot(*watcher_, target_.slot, stream_->backend_pid());
        failure = co_await try_start(*stream_, from, options);
    }
    if (!failure && hands_over) {
        spdlog::debug("from one walsender to the next the slot was unused for {:.1f} ms at most", ms_since(ended));
    }
    if (!failure) co_return;
    if (failure->is(postgres::sqlstate::undefined_object)) throw slot_gone(target_.slot);
    throw postgres::PgError(*failure);
}

Task<std::optional<postgres::PgError>> Capture::try_start(postgres::ReplicationStream& stream, Lsn from,
                                                          std::string options) {
    std::optional<postgres::PgError> failure;
    try {
        co_await stream.start(target_.slot, from, options);
    } catch (const postgres::PgError& error) {
        failure = error;
    }
    co_return failure;
}

Task<void> Capture::stream(Lsn from, bool leave_out_origins, bool watched) {
    // What was recorded before and not synced counts as durable from here on.
    co_await context_.store.ledger().sync();
    receiver_.begin();
    gathering_ = false;
    told_ = Lsn{};
    // What is sent again may put an older transaction of a key in the place of a newer one: until that one has come
    // again too, nothing beyond is acknowledged.
    recorded_ = from;
    acknowledgement_.emplace(from);
    known_ours_.reset();
    if (leave_out_origins) known_ours_ = from;
    co_await start_stream(from, leave_out_origins);
    spdlog::debug("the stream starts at {}{}", from.text(), leave_out_origins ? ", without our own writes" : "");
    TaskGroup group(co_await asio::this_coro::executor);
    group.spawn(read_stream());
    group.spawn(write_ledger());
    if (watched) group.spawn(watch(leave_out_origins));
    co_await group.join();
}

// The position is read before the catalog: a session that committed before it with an origin shows there.
Task<void> Capture::watch(bool leave_out_origins) {
    bool foreign = false;
    while (!foreign) {
        if (leave_out_origins) {
            auto position = co_await watcher_->query("SELECT pg_current_wal_insert_lsn()::text");
            foreign = co_await foreign_origins(*watcher_);
            if (!foreign) known_ours_ = Lsn::parse(position.text(0, 0)).value();
        }
        co_await look_around();
        if (!foreign) co_await sleep_for(origins_looked_at_every);
    }
    throw OriginAppeared();
}

// A walsender that acknowledges no position is no synchronous standby, whatever the setting says: so none is told for
// as long as it names us, which only the pattern * does.
Task<void> Capture::look_around() {
    const auto names = co_await context_.company.look(*watcher_, target_.table);
    const bool counts = catalog::counts_as_synchronous(names, context_.sessions.stream_name());
    if (counts == unacknowledged_.has_value()) co_return;
    unacknowledged_.reset();
    if (counts) {
        unacknowledged_ = fmt::format(
            "synchronous_standby_names is {}, which makes our change stream a synchronous standby: nothing is "
            "acknowledged until it names the standbys one by one, and the slot keeps the WAL meanwhile",
            quote_literal(names));
        spdlog::warn("{}", *unacknowledged_);
    }
    reply_requested_ = true;
}

Task<Lsn> Capture::check_slot() {
    auto& connection = *watcher_;
    auto xids = co_await connection.query("SELECT pg_snapshot_xmax(pg_current_snapshot())::text");
    receiver_.note_xid(xids.uint64(0, 0));

    // We hold the migration's lock, so the slot's user is the walsender of a process, or of a stream, that is gone.
    auto slot = co_await free_slot(connection, target_.slot, holder());
    if (!slot) throw slot_gone(target_.slot);
    if (slot->wal_status == "lost") throw slot_lost(target_.slot, slot->invalidation);
    if (slot->confirmed_flush > recorded_) {
        throw Error(ErrorKind::stopped,
                    fmt::format("the replication slot {} was advanced to {} by somebody else; the ledger ends at {}",
                                target_.slot, slot->confirmed_flush.text(), recorded_.text()),
                    "Only a new start helps: `pgwraith abort`, then `pgwraith run`.");
    }
    co_return slot->confirmed_flush;
}

Task<void> Capture::read_stream() {
    try {
        co_await read_messages();
    } catch (const postgres::PgError& error) {
        if (tells_of_removed_wal(error)) throw slot_without_wal(target_.slot, error);
        throw;
    }
}

Task<void> Capture::read_messages() {
    auto taken_at = Clock::now();
    Clock::time_point busy_until;
    for (;;) {
        const bool all = take_what_came();
        if (!receiver_.pending().empty() && (!gathering_ || worth_a_write())) queue_changed_.notify_all();
        co_await send_feedback();
        while (receiver_.pending().changes.bytes() > queue_limit) {
            co_await queue_changed_.wait_for(idle_wait);
            co_await send_feedback();
        }
        const auto now = Clock::now();
        const auto passed = now - std::exchange(taken_at, now);
        if (!all || is_much(taken_, passed)) busy_until = now + stays_busy;
        const bool more_comes = std::exchange(taken_, 0) > 0;
        if (!all || (more_comes && now < busy_until)) {
            co_await stream_->gather(let_come);
            continue;
        }
        if (more_comes && awaited_ == 0) {
            co_await stream_->rest(unhurried, hurry_);
            continue;
        }
        auto message = co_await stream_->next(idle_wait);
        if (message) take(*message);
    }
}

// False: there is more, but no room in the queue, or others must have their turn. (One read brings no more than libpq's
// buffer takes, with TLS a single message.)
bool Capture::take_what_came() {
    bool more = true;
    for (int reads = 0; reads < reads_at_once; ++reads) {
        while (receiver_.pending().changes.bytes() <= queue_limit) {
            auto message = stream_->buffered();
            if (!message) break;
            take(*message);
        }
        if (receiver_.pending().changes.bytes() > queue_limit) return false;
        if (!more) return true;
        more = stream_->receive();
    }
    return false;
}

void Capture::take(const postgres::ReplicationMessage& message) {
    ++taken_;
    if (const auto* data = std::get_if<postgres::XLogData>(&message)) {
        taken_ += data->payload.size() / bytes_as_one_message;
        receiver_.take(decode(data->payload), *acknowledgement_);
        return;
    }
    const auto& keepalive = std::get<postgres::Keepalive>(message);
    reply_requested_ |= keepalive.reply_requested;
    receiver_.keepalive(keepalive.wal_end, *acknowledgement_);
}

Task<void> Capture::write_ledger() {
    auto synced_at = Clock::now();
    Clock::time_point written_at;
    auto& batch = writing_;
    for (;;) {
        if (receiver_.pending().empty() && !acknowledgement_->sync_pending())
            co_await queue_changed_.wait_for(idle_wait);
        co_await gather(written_at);
        batch.clear();
        std::swap(batch, receiver_.pending());
        queue_changed_.notify_all();
        if (!batch.empty()) {
            written_at = Clock::now();
            std::optional<Lsn> position;
            if (batch.position) position = batch.position;
            // The mutation on a slow disk: the gap that it opens is wide enough to die in.
            if (broken_on_purpose("early_ack")) co_await sleep_for(milliseconds{100});
            // Before the position moves beyond it: a TRUNCATE must not be forgotten.
            const Truncated truncated{batch.truncated};
            if (truncated.commit > truncated_at_) co_await context_.store.journal().put(truncated);
            fault_point("capture.before_record");
            co_await context_.store.ledger().add_changes(batch.changes, position);
            fault_point("capture.recorded");
            truncated_at_ = std::max(truncated_at_, batch.truncated);
            if (batch.position) {
                acknowledgement_->recorded(batch.position);
                recorded_ = std::max(recorded_, batch.position);
            }
            recorded_changed_.notify_all();
        }
        auto since_sync = Clock::now() - synced_at;
        if (acknowledgement_->sync_pending() && since_sync >= sync_interval) {
            auto recorded = acknowledgement_->recorded();
            fault_point("capture.before_sync");
            co_await context_.store.ledger().sync();
            fault_point("capture.synced");
            acknowledgement_->synced(recorded);
            synced_at = Clock::now();
        } else if (batch.empty()) {
            co_await queue_changed_.wait_for(sync_interval);
        }
    }
}

bool Capture::worth_a_write() {
    const auto& pending = receiver_.pending();
    return pending.awaited || pending.changes.bytes() >= enough_to_write;
}

// Suspends until what is pending is worth a write: a lone change at once, many together.
Task<void> Capture::gather(Clock::time_point written_at) {
    gathering_ = true;
    while (!receiver_.pending().empty() && !worth_a_write()) {
        const bool backlog = receiver_.pending().changes.bytes() >= backlog_from;
        const auto until = written_at + (backlog ? gathering_backlog : gathering_time);
        const auto rest = std::chrono::ceil<milliseconds>(until - Clock::now());
        if (rest <= milliseconds{0}) break;
        co_await queue_changed_.wait_for(rest);
    }
    gathering_ = false;
}

Task<void> Capture::send_feedback() {
    auto flushed = acknowledgement_->flushed();
    if (known_ours_) flushed = std::min(flushed, *known_ours_);
    if (broken_on_purpose("early_ack")) flushed = acknowledgement_->received();
    if (unacknowledged_) flushed = Lsn{};
    auto since = Clock::now() - told_at_;
    bool due = (flushed > told_ && since >= feedback_interval) || since >= feedback_at_least || reply_requested_;
    if (!due) co_return;
    reply_requested_ = false;
    told_ = flushed;
    told_at_ = Clock::now();
    fault_point("capture.before_feedback");
    co_await stream_->feedback(flushed);
    fault_point("capture.feedback");
}

Task<void> Capture::watermark(postgres::Connection& emitter) {
    const Awaited awaited(awaited_, hurry_);
    const auto emitted = Clock::now();
    auto token = fmt::format("{}-{}", token_prefix_, ++token_counter_);
    // Transactional, in a transaction of its own: its commit flushes the WAL, which a bare message does not before
    // PostgreSQL 17.
    co_await emitter.query("SELECT pg_logical_emit_message(true, $1, $2)", postgres::params(target_.slot, token));
    if (known_ours_) {
        auto foreign = co_await foreign_origins(emitter);
        if (foreign) throw OriginAppeared();
    }
    for (;;) {
        if (receiver_.came_back(token, recorded_)) break;
        co_await recorded_changed_.wait();
    }
    watermark_ms_ = ms_since(emitted);
}

Task<void> Capture::wait_for_records(milliseconds timeout) { co_await recorded_changed_.wait_for(timeout); }

}  // namespace pgwraith::capture
