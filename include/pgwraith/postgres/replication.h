// The streaming part of the replication protocol (PostgreSQL documentation, "Streaming Replication Protocol").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "pgwraith/postgres/connection.h"

namespace pgwraith::postgres {

struct XLogData {
    Lsn start;
    Lsn wal_end;
    std::string_view payload;  // valid until the next call of next()
};

struct Keepalive {
    Lsn wal_end;
    bool reply_requested;
};

using ReplicationMessage = std::variant<XLogData, Keepalive>;

// REQUIRES of every function: `connection` was opened with options.replication.
class ReplicationStream {
  public:
    explicit ReplicationStream(std::unique_ptr<Connection> connection);
    ~ReplicationStream();

    // START_REPLICATION SLOT "slot" LOGICAL from (options); `options` is the inner text of the parentheses.
    Task<void> start(std::string slot, Lsn from, std::string options);
    // Ends the stream (CopyDone): when this returns the slot is free, unless the server took longer than `limit`. What
    // had not been received comes again. The session is of no more use: a walsender that has ended one logical stream
    // ends the next at once.
    Task<void> stop(milliseconds limit);
    int backend_pid() const { return connection_->backend_pid(); }

    // The next message, waiting for it up to `timeout` (nullopt). Throws PgError when the stream ends.
    Task<std::optional<ReplicationMessage>> next(milliseconds timeout);
    // A message that has been read, without waiting; nullopt when there is none.
    std::optional<ReplicationMessage> buffered();
    // Reads once of what has arrived, without waiting; no more than a buffer or, with TLS, a record holds, which may be
    // less than a message. False: little had arrived, and all of it was read.
    bool receive();
    // Lets more come for so long, then takes in what has arrived. Nothing that comes meanwhile wakes us: the server
    // sends each change by itself, and both sides would pay for every one.
    Task<void> gather(std::chrono::microseconds time);
    // The same for a longer time, which ends when `hurry` is notified.
    Task<void> rest(milliseconds time, Event& hurry);

    // Standby status update. The server may discard WAL up to `flushed`. 0: no position is confirmed; the server never
    // takes such a walsender for a synchronous standby.
    Task<void> feedback(Lsn flushed);

  private:
    Task<void> drain();

    std::unique_ptr<Connection> connection_;
    char* buffer_ = nullptr;  // what next() returned a view into
};

}  // namespace pgwraith::postgres
