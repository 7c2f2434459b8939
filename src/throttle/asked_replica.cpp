#include "pgwraith/throttle/asked_replica.h"

#include <fmt/format.h>
#include <unistd.h>

#include "pgwraith/base/error.h"
#include "pgwraith/postgres/server_name.h"

namespace pgwraith::throttle {

namespace {

// Shorter than the grace for a signal that cannot be read, so that the others' answers are known in time.
constexpr milliseconds patience{2'000};

Error unknown(const std::string& what) { return Error(ErrorKind::stopped, what, ""); }

}  // namespace

std::string replica_name(const std::string& conninfo) {
    return postgres::server_name(conninfo).value_or("(a connection string that libpq does not understand)");
}

AskedReplica::AskedReplica(std::string conninfo) : conninfo_(std::move(conninfo)), name_(replica_name(conninfo_)) {}

Task<Lsn> AskedReplica::ask(postgres::ServerIdentity primary) {
    if (!postgres::server_name(conninfo_)) throw unknown("libpq does not understand the connection string");
    bool answered = false;
    std::exception_ptr failure;
    try {
        answered = co_await within(patience, ask_now(std::move(primary)));
    } catch (...) {
        failure = std::current_exception();
    }
    if (!answered) session_.reset();
    if (failure) std::rethrow_exception(failure);
    if (!answered) throw unknown(fmt::format("no answer within {}", format_duration(patience)));
    co_return replayed_;
}

Task<void> AskedReplica::ask_now(postgres::ServerIdentity primary) {
    if (!session_) {
        postgres::ConnectOptions options;
        options.conninfo = conninfo_;
        options.application_name = fmt::format("pgwraith throttle (pid {})", getpid());
        options.standby = true;
        options.connect_timeout = patience;
        options.settings["statement_timeout"] = "2s";
        options.settings["search_path"] = "pg_catalog";
        auto session = co_await postgres::Connection::open(std::move(options));
        if (session->server().system_identifier != primary.system_identifier) {
            throw unknown("it is no standby of the server that is migrated");
        }
        session->let_finish(patience);
        session_ = std::move(session);
    }
    const auto row = co_await session_->query("SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn()::text");
    if (!row.boolean(0, 0)) throw unknown("it is not a standby (or no longer)");
    if (row.is_null(0, 1)) throw unknown("it has not replayed anything yet");
    replayed_ = Lsn::parse(row.text(0, 1)).value();
}

}  // namespace pgwraith::throttle
