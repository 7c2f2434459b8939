#include "pgwraith/postgres/sessions.h"

#include <fmt/format.h>
#include <unistd.h>

namespace pgwraith::postgres {

namespace {

std::string host_name() {
    char name[256] = {};
    return gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

}  // namespace

Sessions::Sessions(std::string conninfo, std::string search_path, Pool& pool)
    : conninfo_(std::move(conninfo)), search_path_(std::move(search_path)), pool_(pool) {}

Task<std::unique_ptr<Connection>> Sessions::open(std::string purpose) const {
    ConnectOptions options;
    options.conninfo = conninfo_;
    options.application_name = fmt::format("pgwraith {} (pid {} on {})", purpose, getpid(), host_name());
    options.settings = session_settings(search_path_);
    co_return co_await Connection::open(std::move(options));
}

std::string Sessions::stream_name() const {
    return fmt::format("pgwraith stream (pid {} on {})", getpid(), host_name());
}

Task<std::unique_ptr<Connection>> Sessions::open_replication() const {
    ConnectOptions options;
    options.conninfo = conninfo_;
    options.application_name = stream_name();
    options.replication = true;
    options.settings = session_settings(search_path_);
    // The copy's own chunks are decoded too, several at a time: they must not spill to the server's disk.
    options.settings["logical_decoding_work_mem"] = "256MB";
    options.settings["lock_timeout"] =
        "0";  // creating a slot waits for transactions as for a lock, without holding one
    co_return co_await Connection::open(std::move(options));
}

}  // namespace pgwraith::postgres
