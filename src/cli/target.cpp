#include "target.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "interrupt.h"
#include "pgwraith/config/control.h"
#include "pgwraith/control/status.h"
#include "pgwraith/web/remote.h"

namespace pgwraith::cli {

namespace {

constexpr milliseconds afar{500};
constexpr const char* token_variable = "PGWRAITH_TOKEN";

void end_if_interrupted() {
    if (const int status = interruption()) throw Interrupted{status, true};
}

web::Url url_of(const std::string& text) {
    if (const auto url = web::parse_url(text)) return *url;
    const bool secret = text.find('@') != std::string::npos;
    throw Error(ErrorKind::usage,
                secret ? std::string("--url: it has a user or a password, which no URL of a process has")
                       : fmt::format("--url: '{}' is not scheme, host and port", text),
                "for example: --url https://db-jobs.internal:8443");
}

// The first line.
std::string token_in(const std::filesystem::path& file) {
    errno = 0;
    std::ifstream in(file);
    std::string line;
    if (!in || !std::getline(in, line)) {
        const auto why = errno != 0 ? std::generic_category().message(errno) : std::string("it is empty");
        throw Error(ErrorKind::usage, fmt::format("--token-file: {} cannot be read: {}", file.string(), why),
                    "Its first line must be the token of `control.token`.");
    }
    line.erase(line.find_last_not_of(" \t\r") + 1);
    return line;
}

std::string token_of(const Options& options) {
    const char* variable = std::getenv(token_variable);
    const bool from_file = !options.token_file.empty();
    if (!from_file && (variable == nullptr || *variable == '\0')) return "";
    std::string token = from_file ? token_in(options.token_file) : std::string(variable);
    if (config::usable_token(token)) return token;
    throw Error(ErrorKind::usage,
                fmt::format("the token in {} is too short, or has a blank or an odd character in it",
                            from_file ? options.token_file.string() : std::string(token_variable)),
                "It must be the one of `control.token`: 16 printable characters or more.");
}

}  // namespace

Target::Target(config::Settings settings)
    : settings_(std::move(settings)), client_(std::make_unique<control::SocketClient>(settings_->state_dir)) {
    client_->while_waiting(end_if_interrupted);
}

Target::Target(const Options& options)
    : client_(
          std::make_unique<web::RemoteClient>(web::Remote{url_of(options.url), token_of(options), options.authority})) {
    client_->while_waiting(end_if_interrupted);
}

std::string Target::table(const nlohmann::json& status) const {
    if (settings_) return control::display_name(settings_->table);
    return status.value("table", std::string("the table"));
}

milliseconds Target::poll_interval(milliseconds nearby) const { return settings_ ? nearby : afar; }

Error Target::not_running(const control::NotRunning& why) const {
    if (settings_) return cli::not_running(*settings_);
    return why;
}

std::optional<Error> failed_end(const nlohmann::json& status) {
    const auto end = status.find("end");
    if (end == status.end() || !end->is_object() || end->value("outcome", "") == "done") return std::nullopt;
    const int code = end->value("exit_status", exit_status(ErrorKind::stopped));
    auto kind = ErrorKind::stopped;
    for (const auto known : {ErrorKind::aborted, ErrorKind::unknown_outcome}) {
        if (code == exit_status(known)) kind = known;
    }
    return Error(kind, end->value("message", std::string()), end->value("hint", std::string()));
}

}  // namespace pgwraith::cli
