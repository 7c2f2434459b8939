// One session with the server: libpq in non-blocking mode under Asio coroutines.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pgwraith/base/async.h"
#include "pgwraith/base/lsn.h"
#include "pgwraith/postgres/error.h"
#include "pgwraith/postgres/result.h"

namespace pgwraith::postgres {

// Which server a session is with, as the server itself said when the session began.
struct ServerIdentity {
    std::string system_identifier;  // of the cluster
    std::uint32_t timeline = 0;     // of its WAL; 0 while in recovery
    bool in_recovery = false;

    bool operator==(const ServerIdentity&) const = default;
};

// How to reach the server. Values that libpq finds elsewhere (PG*, ~/.pgpass, services) apply as always.
struct ConnectOptions {
    std::string conninfo;  // URI or key=value, from the configuration
    std::string application_name = "pgwraith";
    bool replication = false;  // a walsender for logical replication instead of a backend
    bool standby = false;      // whichever of its servers answers will do; otherwise the primary is meant
    milliseconds connect_timeout{10'000};
    // SET on the session right after connecting, over whatever the role or the database has as default.
    std::map<std::string, std::string> settings;
};

using Param = std::optional<std::string>;  // nullopt is NULL

// params(a, b): a braced list in an awaited call makes g++ 12 fail.
template <typename... Values>
std::vector<Param> params(Values&&... values) {
    std::vector<Param> list;
    list.reserve(sizeof...(values));
    (list.emplace_back(std::forward<Values>(values)), ...);
    return list;
}

// Thread contract: one coroutine at a time, on the io_context's thread. A second operation while one is under
// way is a bug and throws Error(internal).
// After a PgError with connection_lost(), or a cancellation, the session is unusable: is_open() is false.
class Connection {
  public:
    // Throws Error(refused) when a pooler answers instead of a server: nothing was set in its session then.
    static Task<std::unique_ptr<Connection>> open(ConnectOptions options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    bool is_open() const;
    int backend_pid() const;
    bool in_transaction() const;
    int server_version() const;  // 150020
    const ServerIdentity& server() const { return server_; }
    std::string address() const;  // "db.internal:5432", for messages

    // One statement with parameters as text; types are inferred unless cast in the SQL.
    Task<Result> query(std::string sql, std::vector<Param> params = {});
    // Several statements separated by ';', simple protocol; the last result. Also for replication commands.
    Task<Result> script(std::string sql);
    // The same with the result of each statement.
    Task<std::vector<Result>> scripts(std::string sql);

    // COPY … FROM STDIN (text format). `next` returns the next piece of copy data, empty at the end.
    Task<std::uint64_t> copy_in(std::string sql, std::function<Task<std::string>()> next);

    // Ends the session; a statement that still runs on the server is asked to stop.
    void close();
    // From here on a statement that runs when the session is closed has so long to end by itself: for short ones, whose
    // cancellation would be an error in the server's log.
    void let_finish(milliseconds patience);

    // For the replication stream (capture) only.
    struct Impl;
    Impl& impl() { return *impl_; }

  private:
    explicit Connection(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
    ServerIdentity server_;
};

// ROLLBACK if the session still lives; never throws, except on cancellation. For the way out of a failure:
// a coroutine cannot await in a catch block, so keep the exception, roll back, then rethrow.
Task<void> rollback_quietly(Connection& connection);

// script() that returns the server's error instead of throwing it. A transient error (a lost connection, a lock that
// was not granted) is thrown: it says nothing about the statement.
Task<std::optional<PgError>> try_script(Connection& connection, std::string sql);
// The same, and all that the statement did is undone. REQUIRES: a transaction.
Task<std::optional<PgError>> try_and_undo(Connection& connection, std::string sql);

// What `work` returns; what it did between `begin` and `undo` ("SAVEPOINT s", "ROLLBACK TO SAVEPOINT s") is undone,
// whether it failed or not.
template <typename T>
Task<T> undone(Connection& connection, std::string begin, std::string undo, Task<T> work) {
    co_await connection.script(begin);
    std::optional<T> result;
    std::exception_ptr failure;
    try {
        result = co_await std::move(work);
    } catch (...) {
        failure = std::current_exception();
    }
    if (!is_cancellation(failure) && connection.is_open()) co_await connection.script(undo);
    if (failure) std::rethrow_exception(failure);
    co_return *std::move(result);
}

// The same within the transaction that the session is in, or else in one of its own.
template <typename T>
Task<T> undone(Connection& connection, Task<T> work) {
    std::string begin = "BEGIN";
    std::string undo = "ROLLBACK";
    if (connection.in_transaction()) {
        begin = "SAVEPOINT pgwraith_undone";
        undo = "ROLLBACK TO SAVEPOINT pgwraith_undone; RELEASE SAVEPOINT pgwraith_undone";
    }
    co_return co_await undone(connection, begin, undo, std::move(work));
}

// pg_current_snapshot(): in a REPEATABLE READ transaction that of all its statements.
Task<Snapshot> current_snapshot(Connection& connection);

// An SQL array literal, '{"a","b",NULL}', to be cast by the statement: $1::int[].
std::string array_literal(const std::vector<std::string_view>& elements);

}  // namespace pgwraith::postgres
