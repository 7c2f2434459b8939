#include "conninfo.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <memory>

#include "pgwraith/base/error.h"
#include "pgwraith/postgres/error.h"
#include "pgwraith/postgres/server_name.h"

namespace pgwraith::postgres {

namespace {

struct FreeOptions {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// What the string says, otherwise the environment.
std::string option(const PQconninfoOption* options, const std::string& keyword) {
    for (const auto* at = options; at != nullptr && at->keyword != nullptr; ++at) {
        if (keyword != at->keyword) continue;
        if (at->val != nullptr) return at->val;
        const char* value = at->envvar == nullptr ? nullptr : std::getenv(at->envvar);
        return value == nullptr ? "" : value;
    }
    return "";
}

}  // namespace

std::optional<std::string> missing_target(const std::string& conninfo) {
    // A plain database's name is no string of options, and what is broken libpq will say better: both say nothing here.
    std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(conninfo.c_str(), nullptr));
    if (!options) options.reset(PQconninfoParse("", nullptr));
    const auto target = option(options.get(), "target_session_attrs");
    if (target == "standby" || target == "read-only" || target == "prefer-standby") {
        throw Error(ErrorKind::usage,
                    fmt::format("the connection asks for a standby (target_session_attrs={})", target),
                    "Only the primary can be migrated: say target_session_attrs=primary, or leave it out.");
    }
    if (!target.empty()) return std::nullopt;
    for (const char* list : {"host", "hostaddr", "port"}) {
        if (option(options.get(), list).find(',') != std::string::npos) return "primary";
    }
    return std::nullopt;
}

std::optional<std::string> server_name(const std::string& conninfo) {
    const bool is_options = conninfo.find('=') != std::string::npos || conninfo.find("://") != std::string::npos;
    const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(conninfo.c_str(), nullptr));
    if (!options || !is_options) return std::nullopt;
    auto host = option(options.get(), "host");
    if (host.empty()) host = option(options.get(), "hostaddr");
    if (host.empty()) host = option(options.get(), "service");
    const auto port = option(options.get(), "port");
    if (host.empty()) host = "localhost";
    return port.empty() ? host : host + ":" + port;
}

std::string state_of_refusal(const std::string& message) {
    for (const char* limit :
         {"too many connections for role", "too many connections for database", "too many clients already",
          "remaining connection slots are reserved", "number of requested standby connections exceeds"}) {
        if (message.find(limit) != std::string::npos) return std::string(sqlstate::too_many_connections);
    }
    return "";
}

std::string in_one_line(const std::string& message) {
    std::string said;
    for (std::size_t begin = 0; begin < message.size();) {
        const auto end = std::min(message.find('\n', begin), message.size());
        const auto line = message.substr(begin, end - begin);
        // "Is the server running on that host and accepting TCP/IP connections?"
        const bool question = line.starts_with('\t') && line.ends_with('?');
        const auto text = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
        if (!question && !text.empty()) said += (said.empty() ? "" : "; ") + text;
        begin = end + 1;
    }
    return said;
}

bool was_said_by_server(const std::string& message) { return message.find(":  ") != std::string::npos; }

std::string state_said(const std::string& message) {
    constexpr std::size_t length = 5;
    const auto at = message.rfind(":  ");
    if (at == std::string::npos || message.size() < at + 3 + length) return {};
    const auto state = message.substr(at + 3, length);
    const bool like_one =
        std::ranges::all_of(state, [](unsigned char c) { return std::isdigit(c) != 0 || std::isupper(c) != 0; });
    return like_one ? state : "";
}

}  // namespace pgwraith::postgres
