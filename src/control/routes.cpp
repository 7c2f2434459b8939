#include "pgwraith/control/routes.h"

#include <fmt/format.h>

#include "pgwraith/base/error.h"
#include "pgwraith/control/moment.h"

namespace pgwraith::control {

using nlohmann::json;

namespace {

constexpr const char* known_paths =
    "there are GET /status, GET /metrics, POST /pause, POST /resume, POST /verify, POST /cutover, POST "
    "/postpone, POST /abort and POST /set";

// Text may come from the server in an encoding that is not UTF-8: an answer is worth more than a strict one.
std::string dumped(const json& document) { return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n"; }

Reply message(unsigned status, const std::string& sentence) { return {status, dumped({{"message", sentence}})}; }

// The method of each path; nullptr when there is no such path.
const char* method_of(std::string_view path) {
    if (path == "/status" || path == "/metrics") return "GET";
    for (const char* known : {"/pause", "/resume", "/verify", "/cutover", "/postpone", "/abort", "/set"}) {
        if (path == known) return "POST";
    }
    return nullptr;
}

}  // namespace

Reply error_reply(unsigned status, const std::string& error, const std::string& hint) {
    return {status, dumped({{"error", error}, {"hint", hint}})};
}

Reply Routes::handle(std::string_view method, std::string_view target, std::string_view body) {
    const std::string_view path = target.substr(0, target.find('?'));
    const char* expected = method_of(path);
    if (expected == nullptr) return error_reply(404, fmt::format("there is nothing at {}", path), known_paths);
    if (method != expected) {
        Reply reply = error_reply(405, fmt::format("{} does not take {}", path, method),
                                  fmt::format("use {} {}", expected, path));
        reply.allow = expected;
        return reply;
    }
    try {
        return dispatch(path, body);
    } catch (const Error& error) {
        return error_reply(error.kind() == ErrorKind::usage ? 400 : 409, error.message(), error.hint());
    } catch (const std::exception& error) {
        return error_reply(500, error.what(), "this is a bug in pgwraith; its log may say more");
    }
}

Reply Routes::dispatch(std::string_view path, std::string_view body) {
    const auto& progress = commands_.progress();
    if (path == "/status") {
        const double percent = percent_.update(progress);
        return {200, dumped(status_json(progress, commands_.settings(), percent, Clock::now()))};
    }
    if (path == "/metrics") {
        const double percent = percent_.update(progress);
        return {200, metrics_text(progress, commands_.settings(), percent, Clock::now()),
                "text/plain; version=0.0.4; charset=utf-8"};
    }
    if (progress.phase == migration::Phase::done) {
        return error_reply(409, "the migration is done: the tables are already swapped", "");
    }
    if (path == "/pause") {
        commands_.pause();
        return message(200, "paused: the copy waits, changes are still received");
    }
    if (path == "/resume") {
        commands_.resume();
        return message(200, "resumed");
    }
    if (path == "/verify") return message(202, commands_.request_verify());
    if (path == "/cutover") return cutover(body);
    if (path == "/postpone") return message(200, commands_.postpone());
    if (path == "/abort") {
        commands_.request_abort();
        return message(202, "aborting: everything that the migration made is dropped");
    }
    return set(body);
}

// Without a body: at once.
Reply Routes::cutover(std::string_view body) {
    if (body.empty()) return message(202, commands_.request_cutover(std::nullopt));
    const json request = json::parse(body, nullptr, false);
    if (!request.is_object() || !request.contains("at") || !request.at("at").is_string()) {
        return error_reply(400, "the body is not what /cutover takes",
                           R"(send nothing, or JSON such as {"at": "2026-11-28T02:00:00Z"})");
    }
    const auto text = request.at("at").get<std::string>();
    const auto at = parse_moment(text);
    if (!at) return error_reply(400, fmt::format("{} is not a moment", text), moment_hint);
    return message(202, commands_.request_cutover(*at));
}

Reply Routes::set(std::string_view body) {
    const json request = json::parse(body, nullptr, false);
    const auto text = [&](const char* name) -> std::optional<std::string> {
        if (!request.is_object() || !request.contains(name)) return std::nullopt;
        const json& value = request.at(name);
        if (value.is_string()) return value.get<std::string>();
        // A bare number is what somebody with curl writes for a number of workers.
        if (value.is_number()) return value.dump();
        return std::nullopt;
    };
    const auto key = text("key");
    const auto value = text("value");
    if (!key || !value) {
        return error_reply(400, "the body is not what /set takes",
                           R"(send JSON such as {"key": "copy.chunk_target", "value": "200ms"})");
    }
    commands_.set(*key, *value);
    return message(200, fmt::format("{} is now {}", *key, *value));
}

}  // namespace pgwraith::control
