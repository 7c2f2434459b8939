#include "pgwraith/control/log_line.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pgwraith/control/display.h"

namespace pgwraith::control {

namespace {

using std::chrono::system_clock;

constexpr std::size_t any_width = 1'000'000;

int millisecond_of(system_clock::time_point at) {
    const auto since = std::chrono::duration_cast<milliseconds>(at.time_since_epoch()).count();
    return static_cast<int>(((since % 1'000) + 1'000) % 1'000);
}

std::string utc(system_clock::time_point at) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(system_clock::to_time_t(at)), millisecond_of(at));
}

// Nothing in it can play with a terminal or pass for another line.
std::string lines_of(const std::string& message, const char* indent) {
    std::string out;
    for (std::size_t begin = 0; begin <= message.size();) {
        const auto end = std::min(message.find('\n', begin), message.size());
        if (begin > 0) out += std::string("\n") + indent;
        out += fit(std::string_view(message).substr(begin, end - begin), any_width);
        begin = end + 1;
    }
    return out;
}

}  // namespace

std::string text_line(const LogLine& line) {
    std::string out = utc(line.at) + " " + line.level;
    if (!line.table.empty()) out += " " + fit(line.table, any_width);
    if (!line.phase.empty()) out += " " + line.phase;
    return out + ": " + lines_of(line.message, "    ") + "\n";
}

std::string terminal_line(const LogLine& line) {
    return fmt::format("{:%H:%M:%S}.{:03} {}: {}\n", fmt::localtime(system_clock::to_time_t(line.at)),
                       millisecond_of(line.at), line.level, lines_of(line.message, "    "));
}

std::string json_line(const LogLine& line) {
    const auto or_null = [](const std::string& text) {
        return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
    };
    nlohmann::ordered_json document;
    document["time"] = utc(line.at);
    document["level"] = line.level;
    document["table"] = or_null(line.table);
    document["phase"] = or_null(line.phase);
    document["message"] = line.message;
    for (const auto& [name, value] : line.fields) document[name] = value;
    return document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Error completed(const Error& error) {
    if (!error.hint().empty()) return error;
    switch (error.kind()) {
        case ErrorKind::usage:
            return {error.kind(), error.message(), "Nothing was touched. Correct it, then run the same command again."};
        case ErrorKind::refused:
            return {error.kind(), error.message(), "Nothing was changed."};
        case ErrorKind::internal:
            return {error.kind(), error.message(),
                    "This is a bug in pgwraith; please report it with the log. The state is kept: the same command "
                    "carries on, `pgwraith abort` drops everything."};
        case ErrorKind::aborted:
            return {error.kind(), error.message(), "Nothing is left to be done."};
        case ErrorKind::stopped:
        case ErrorKind::unknown_outcome:
            break;
    }
    return error;
}

LogLine last_line(const Error& error, system_clock::time_point now) {
    LogLine line{now, "error", "", "", error.message()};
    line.fields = {{"hint", error.hint()}, {"exit_status", std::to_string(exit_status(error.kind()))}};
    return line;
}

}  // namespace pgwraith::control
