// The state of one session, shared by Connection and ReplicationStream.
#pragma once

#include <libpq-fe.h>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "end_session.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::postgres {

struct Connection::Impl {
    Impl(asio::any_io_executor ex, PGconn* c);
    ~Impl();

    PGconn* connection;
    asio::any_io_executor executor;
    // A duplicate: libpq closes its own descriptor whenever it likes, Asio must not see that.
    std::shared_ptr<asio::posix::stream_descriptor> socket;
    int unwatched = -1;         // its descriptor while the event loop does not know it
    bool busy = false;          // an operation is under way
    Clock::time_point asked{};  // the server has been at what it is asked since then, or a little less
    bool broken = false;        // lost, or cancelled in the middle of something
    Ending ending;              // how, when something is still under way

    void close();
    void check_open() const;
    [[noreturn]] void throw_lost(const std::string& doing);

    // What comes wakes nobody until somebody waits for it again. REQUIRES: nobody does.
    void look_away();
    void look();

    // Waits until the socket is readable. False when the timeout ended the wait.
    Task<bool> wait_readable(std::optional<milliseconds> timeout = std::nullopt);
    Task<void> wait_writable();

    // Sends what libpq has buffered.
    Task<void> flush();
    // Suspends until PQgetResult would not block.
    Task<void> until_result();
    // The results of what was sent, up to the end (or to a COPY, which is the last one then): one at least. Throws the
    // first error.
    Task<std::vector<Result>> collect_all();
    Task<Result> collect();  // the last of them
    // The next result without COPY handling: nullptr at the end.
    Task<PGresult*> next_result();

    std::shared_ptr<PGcancel> cancel_handle() const;
};

// Marks the session busy for a scope; leaving it by an exception that is no server error breaks the session.
class Operation {
  public:
    explicit Operation(Connection::Impl& impl);
    ~Operation();
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;
    void finished() { finished_ = true; }  // the protocol is in step again

  private:
    Connection::Impl& impl_;
    bool finished_ = false;
};

// `asked`: since when the server has been at it.
PgError error_from(const PGresult* result, std::optional<Clock::time_point> asked = std::nullopt);

}  // namespace pgwraith::postgres
