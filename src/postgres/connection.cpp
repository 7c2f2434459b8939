#include "pgwraith/postgres/connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <mutex>

#include "connection_impl.h"
#include "conninfo.h"
#include "pgwraith/base/background.h"
#include "pgwraith/base/names.h"
#include "pgwraith/postgres/version.h"

namespace pgwraith::postgres {

namespace {

constexpr const char* unreachable_hint =
    "Check `connection` (host, port, database, role) and that the server accepts it; libpq's PG* variables and "
    "~/.pgpass apply.";

constexpr const char* limit_hint =
    "End connections that nobody needs, or raise the limit (ALTER ROLE … CONNECTION LIMIT, ALTER DATABASE … CONNECTION "
    "LIMIT, max_connections).";

// The first thing that a session is asked. Every name in it is qualified: nothing has been set yet.
constexpr const char* identity_sql =
    "SELECT pg_catalog.pg_backend_pid(), pg_catalog.pg_is_in_recovery(), "
    "(SELECT s.system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system() AS s), "
    "CASE WHEN pg_catalog.pg_is_in_recovery() THEN 0 ELSE ('x' || pg_catalog.left(pg_catalog.pg_walfile_name("
    "pg_catalog.pg_current_wal_lsn()), 8))::pg_catalog.bit(32)::pg_catalog.int8 END";

// A function's notice may hold values of rows, as SQL may.
void log_notice(void*, const PGresult* notice) {
    const char* text = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
    if (text != nullptr) spdlog::trace("server: {}", text);
}

// As libpq takes them.
struct Parameters {
    std::string timeout;
    std::vector<const char*> keys;
    std::vector<const char*> values;

    Parameters(const ConnectOptions& options, const std::optional<std::string>& target);
    Parameters(const Parameters&) = delete;
    Parameters& operator=(const Parameters&) = delete;
};

Parameters::Parameters(const ConnectOptions& options, const std::optional<std::string>& target)
    : timeout(std::to_string(std::max<std::int64_t>(2, options.connect_timeout.count() / 1000))) {
    auto add = [&](const char* key, const char* value) {
        keys.push_back(key);
        values.push_back(value);
    };
    // Defaults come before the user's string, which overrides them; what must hold comes after it. A peer that
    // is gone without a word is noticed within half a minute.
    add("connect_timeout", timeout.c_str());
    add("keepalives_idle", "10");
    add("keepalives_interval", "5");
    add("keepalives_count", "3");
    add("tcp_user_timeout", "20000");
    if (target) add("target_session_attrs", target->c_str());
    add("dbname", options.conninfo.c_str());
    add("application_name", options.application_name.c_str());
    add("client_encoding", "UTF8");
    if (options.replication) add("replication", "database");
    add(nullptr, nullptr);
}

struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};

// libpq keeps the SQLSTATE of a refusal to itself, unless it is told before it connects that messages are to consist
// of it. So a server that refuses in a language that is not understood here is asked once more.
std::string ask_for_state(const ConnectOptions& options, const std::optional<std::string>& target) {
    const Parameters parameters(options, target);
    const std::unique_ptr<PGconn, Finish> connection(
        PQconnectStartParams(parameters.keys.data(), parameters.values.data(), 1));
    if (!connection) return {};
    PQsetErrorVerbosity(connection.get(), PQERRORS_SQLSTATE);
    const auto until = Clock::now() + std::chrono::seconds{2};
    auto status = PGRES_POLLING_WRITING;
    while (status == PGRES_POLLING_WRITING || status == PGRES_POLLING_READING) {
        const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now()).count();
        pollfd wait{PQsocket(connection.get()), static_cast<short>(status == PGRES_POLLING_READING ? POLLIN : POLLOUT),
                    0};
        if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0) return {};
        status = PQconnectPoll(connection.get());
    }
    return state_said(PQerrorMessage(connection.get()));
}

// Waits. The state is of a connection that was refused.
std::unique_ptr<PGconn, Finish> connect_blocking(const ConnectOptions& options,
                                                 const std::optional<std::string>& target, std::string& state) {
    const Parameters parameters(options, target);
    std::unique_ptr<PGconn, Finish> connection(PQconnectdbParams(parameters.keys.data(), parameters.values.data(), 1));
    if (PQstatus(connection.get()) == CONNECTION_OK) return connection;
    const std::string message = PQerrorMessage(connection.get());
    state = state_of_refusal(message);
    if (state.empty() && was_said_by_server(message)) state = ask_for_state(options, target);
    if (state != sqlstate::too_many_connections) state.clear();
    return connection;
}

// What a coroutine and the thread that connects for it share. libpq resolves names and reads files meanwhile, and
// nothing can interrupt it: a coroutine that is cancelled leaves the thread to itself.
struct Connecting {
    Connecting(asio::any_io_executor executor, ConnectOptions what)
        : options(std::move(what)), connected(std::move(executor)) {
        if (!options.standby) target = missing_target(options.conninfo);
    }

    const ConnectOptions options;
    std::optional<std::string> target;  // target_session_attrs
    std::mutex mutex;
    bool abandoned = false;  // under the mutex: the event loop may be gone
    // Of the event loop's thread:
    Event connected;
    bool ended = false;
    std::unique_ptr<PGconn, Finish> connection;
    std::string state;
};

void connect_for(asio::any_io_executor executor, std::shared_ptr<Connecting> shared) {
    std::string state;
    auto connection = connect_blocking(shared->options, shared->target, state);
    const std::lock_guard lock(shared->mutex);
    if (shared->abandoned) return;
    asio::post(executor, [shared, connection = std::move(connection), state = std::move(state)]() mutable {
        shared->connection = std::move(connection);
        shared->state = std::move(state);
        shared->ended = true;
        shared->connected.notify_all();
    });
}

class Abandon {
  public:
    explicit Abandon(Connecting& shared) : shared_(shared) {}
    ~Abandon() {
        const std::lock_guard lock(shared_.mutex);
        shared_.abandoned = true;
    }
    Abandon(const Abandon&) = delete;
    Abandon& operator=(const Abandon&) = delete;

  private:
    Connecting& shared_;
};

// `state`: 53300 when a limit of connections is why there is none.
Task<PGconn*> connect(ConnectOptions options, std::string& state) {
    auto executor = co_await asio::this_coro::executor;
    auto shared = std::make_shared<Connecting>(executor, std::move(options));
    const Abandon on_leaving(*shared);
    in_background([executor, shared] { connect_for(executor, shared); });
    while (!shared->ended) co_await shared->connected.wait();
    state = shared->state;
    co_return shared->connection.release();
}

std::string settings_sql(const std::map<std::string, std::string>& settings) {
    std::string sql;
    for (const auto& [name, value] : settings) {
        // search_path is a list of identifiers, already in SQL form: as one literal it would be one schema's name.
        sql += "SET " + name + " = " + (name == "search_path" ? value : quote_literal(value)) + ";";
    }
    return sql;
}

// libpq was told a process id when it connected. A server's own is its backend's; a pooler makes one up, and hands our
// settings and advisory locks to others.
Task<ServerIdentity> identify(Connection& connection) {
    std::optional<Result> row;
    bool denied = false;
    try {
        row.emplace(co_await connection.script(identity_sql));
    } catch (const PgError& error) {
        if (!error.is(sqlstate::insufficient_privilege)) throw;
        denied = true;
    }
    if (denied) {
        throw Error(ErrorKind::refused, "our role may not ask the server which one it is (pg_control_system())",
                    "GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO that role.");
    }
    if (row->int64(0, 0) != connection.backend_pid()) {
        throw Error(ErrorKind::refused,
                    fmt::format("a connection pooler or proxy answers at {}, not the server itself (PgBouncer, pgcat, "
                                "Odyssey, RDS Proxy …): session settings, advisory locks and replication do not work "
                                "through it",
                                connection.address()),
                    "Nothing was set in its session. Let `connection` name the server itself, past the pooler.");
    }
    ServerIdentity identity{row->str(0, 2), static_cast<std::uint32_t>(row->uint64(0, 3)), row->boolean(0, 1)};
    co_return identity;
}

// So that the server notices within half a minute that our host is gone, and lets go of what the session holds. Not
// every server platform knows all of them.
constexpr const char* optional_settings =
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; "
    "SET tcp_user_timeout = '20s'; SET client_connection_check_interval = '5s'";

}  // namespace

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::~Connection() = default;

Task<std::unique_ptr<Connection>> Connection::open(ConnectOptions options) {
    auto executor = co_await asio::this_coro::executor;
    std::string state;
    PGconn* raw = co_await connect(options, state);
    if (PQstatus(raw) != CONNECTION_OK) {
        const auto message = in_one_line(PQerrorMessage(raw));
        PQfinish(raw);
        const char* hint = state.empty() ? unreachable_hint : limit_hint;
        throw PgError(std::move(state), "could not connect to the server: " + message, "", hint);
    }
    PQsetNoticeReceiver(raw, log_notice, nullptr);
    PQsetnonblocking(raw, 1);
    std::unique_ptr<Connection> connection(new Connection(std::make_unique<Impl>(executor, raw)));
    connection->server_ = co_await identify(*connection);
    if (!options.settings.empty()) {
        if (PQserverVersion(raw) >= since::transaction_timeout) options.settings["transaction_timeout"] = "0";
        co_await connection->script(settings_sql(options.settings));
    }
    try {
        co_await connection->script(optional_settings);
    } catch (const PgError& error) {
        if (error.connection_lost()) throw;
        spdlog::debug("{}", error.message());
    }
    co_return connection;
}

bool Connection::is_open() const {
    return impl_->connection != nullptr && !impl_->broken && PQstatus(impl_->connection) == CONNECTION_OK;
}

bool Connection::in_transaction() const {
    return impl_->connection != nullptr && PQtransactionStatus(impl_->connection) == PQTRANS_INTRANS;
}

int Connection::backend_pid() const { return impl_->connection == nullptr ? 0 : PQbackendPID(impl_->connection); }
int Connection::server_version() const { return impl_->connection == nullptr ? 0 : PQserverVersion(impl_->connection); }

std::string Connection::address() const {
    if (impl_->connection == nullptr) return "unknown";
    const char* host = PQhost(impl_->connection);
    const char* port = PQport(impl_->connection);
    return fmt::format("{}:{}", host == nullptr ? "" : host, port == nullptr ? "" : port);
}

void Connection::close() { impl_->close(); }
void Connection::let_finish(milliseconds patience) { impl_->ending.patience = patience; }

namespace {

// The tail that query() and script() share: the answers to what was just sent.
Task<std::vector<Result>> answers(Connection::Impl& impl, int sent) {
    Operation operation(impl);
    if (sent == 0) impl.throw_lost("sending");
    co_await impl.flush();
    std::exception_ptr failure;
    std::vector<Result> results;
    try {
        results = co_await impl.collect_all();
    } catch (const PgError& error) {
        if (impl.broken) throw;
        failure = std::current_exception();
    }
    operation.finished();
    if (failure) std::rethrow_exception(failure);
    co_return results;
}

Task<Result> last_answer(Connection::Impl& impl, int sent) {
    auto results = co_await answers(impl, sent);
    co_return std::move(results.back());
}

}  // namespace

Task<Result> Connection::query(std::string sql, std::vector<Param> params) {
    impl_->check_open();
    ensure(!impl_->busy, "one operation at a time on a connection");
    std::vector<const char*> values;
    values.reserve(params.size());
    for (const auto& param : params) values.push_back(param ? param->c_str() : nullptr);
    int sent = PQsendQueryParams(impl_->connection, sql.c_str(), static_cast<int>(values.size()), nullptr,
                                 values.data(), nullptr, nullptr, 0);
    spdlog::trace("pid {}: {}", backend_pid(), sql);
    co_return co_await last_answer(*impl_, sent);
}

Task<Result> Connection::script(std::string sql) {
    impl_->check_open();
    ensure(!impl_->busy, "one operation at a time on a connection");
    spdlog::trace("pid {}: {}", backend_pid(), sql);
    int sent = PQsendQuery(impl_->connection, sql.c_str());
    co_return co_await last_answer(*impl_, sent);
}

Task<std::vector<Result>> Connection::scripts(std::string sql) {
    impl_->check_open();
    ensure(!impl_->busy, "one operation at a time on a connection");
    spdlog::trace("pid {}: {}", backend_pid(), sql);
    int sent = PQsendQuery(impl_->connection, sql.c_str());
    co_return co_await answers(*impl_, sent);
}

Task<std::uint64_t> Connection::copy_in(std::string sql, std::function<Task<std::string>()> next) {
    impl_->check_open();
    int sent = PQsendQuery(impl_->connection, sql.c_str());
    Operation operation(*impl_);
    if (sent == 0) impl_->throw_lost("sending");
    co_await impl_->flush();
    std::exception_ptr failure;
    std::optional<Result> result;
    try {
        co_await impl_->collect();  // COPY IN, or the error that refuses it
        for (auto piece = co_await next(); !piece.empty(); piece = co_await next()) {
            while (PQputCopyData(impl_->connection, piece.data(), static_cast<int>(piece.size())) == 0) {
                co_await impl_->flush();
            }
            co_await impl_->flush();
        }
        while (PQputCopyEnd(impl_->connection, nullptr) == 0) co_await impl_->flush();
        co_await impl_->flush();
        result.emplace(co_await impl_->collect());
    } catch (const PgError& error) {
        if (impl_->broken) throw;
        failure = std::current_exception();
    }
    operation.finished();
    if (failure) std::rethrow_exception(failure);
    co_return result->affected();
}

Task<void> rollback_quietly(Connection& connection) {
    if (!connection.is_open()) co_return;
    try {
        co_await connection.script("ROLLBACK");
    } catch (const PgError& error) {
        spdlog::debug("rollback: {}", error.message());
    }
}

Task<std::optional<PgError>> try_script(Connection& connection, std::string sql) {
    std::optional<PgError> failure;
    try {
        co_await connection.script(std::move(sql));
    } catch (const PgError& error) {
        if (error.state_class() == SqlStateClass::transient) throw;
        failure = error;
    }
    co_return failure;
}

Task<std::optional<PgError>> try_and_undo(Connection& connection, std::string sql) {
    co_await connection.script("SAVEPOINT pgwraith_try");
    auto failure = co_await try_script(connection, std::move(sql));
    co_await connection.script("ROLLBACK TO SAVEPOINT pgwraith_try");
    co_return failure;
}

std::string array_literal(const std::vector<std::string_view>& elements) {
    std::string literal = "{";
    for (const auto& element : elements) {
        if (literal.size() > 1) literal += ',';
        literal += '"';
        for (char c : element) {
            if (c == '"' || c == '\\') literal += '\\';
            literal += c;
        }
        literal += '"';
    }
    literal += '}';
    return literal;
}

}  // namespace pgwraith::postgres
