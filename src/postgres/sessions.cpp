#include "pgwraith/postgres/sessions.h"

#include <fmt/format.h>
#include <unistd.h>

namespace pgwraith::postgres {

namespace {

std::string host_name() {
    char name[256] = {};
    return gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

// Why a session with `here` is none with `expected`.
std::string difference(const ServerIdentity& here, const ServerIdentity& expected) {
    if (here.system_identifier != expected.system_identifier) return "is another server";
    if (here.in_recovery) return "is a standby, or still recovers";
    return fmt::format("is on timeline {}, no longer on {}: a standby was promoted", here.timeline, expected.timeline);
}

}  // namespace

// Which role we are is the same in all of them, and so is how money is written.
Settings Sessions::kept_of(std::initializer_list<const char*> names) const {
    Settings some;
    for (const auto* name : names) {
        if (auto found = kept_.find(name); found != kept_.end()) some.insert(*found);
    }
    return some;
}

Task<std::unique_ptr<Connection>> Sessions::open_with(std::string purpose, Settings settings, Settings kept) const {
    ConnectOptions options;
    options.conninfo = conninfo_;
    options.application_name = fmt::format("pgwraith {} (pid {} on {})", purpose, getpid(), host_name());
    options.settings = std::move(settings);
    auto connection = co_await open_checked(std::move(options));
    if (!kept.empty()) co_await apply_row_settings(*connection, std::move(kept));
    co_return connection;
}

Task<std::unique_ptr<Connection>> Sessions::open(std::string purpose) const {
    auto settings = protecting_settings();
    settings.merge(fixed_forms());
    settings["search_path"] = "pg_catalog";
    auto kept = kept_of({"role", "lc_monetary"});
    co_return co_await open_with(std::move(purpose), std::move(settings), std::move(kept));
}

Task<std::unique_ptr<Connection>> Sessions::open_for_rows(std::string purpose) const {
    auto settings = protecting_settings();
    if (kept_.contains("search_path")) settings["search_path"] = "pg_catalog";  // until the kept one is in force
    co_return co_await open_with(std::move(purpose), std::move(settings), kept_);
}

Task<std::unique_ptr<Connection>> Sessions::open_checked(ConnectOptions options) const {
    auto connection = co_await Connection::open(std::move(options));
    if (!server_) server_ = connection->server();
    if (connection->server() != *server_) {
        throw PgError("", fmt::format("the server that answered at {} {}", connection->address(),
                                      difference(connection->server(), *server_)));
    }
    co_return connection;
}

std::string Sessions::stream_name() const {
    return fmt::format("pgwraith stream (pid {} on {})", getpid(), host_name());
}

Task<std::unique_ptr<Connection>> Sessions::open_replication() const {
    ConnectOptions options;
    options.conninfo = conninfo_;
    options.application_name = stream_name();
    options.replication = true;
    options.settings = protecting_settings();
    options.settings.merge(fixed_forms());
    options.settings["search_path"] = "pg_catalog";
    // A walsender takes no statement with parameters, in which the others are given this.
    options.settings.merge(kept_of({"lc_monetary"}));
    // The copy's own chunks are decoded too, several at a time: they must not spill to the server's disk.
    options.settings["logical_decoding_work_mem"] = "256MB";
    options.settings["lock_timeout"] =
        "0";  // creating a slot waits for transactions as for a lock, without holding one
    co_return co_await open_checked(std::move(options));
}

}  // namespace pgwraith::postgres
