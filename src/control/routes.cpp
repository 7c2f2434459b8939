#include "pgwraith/control/routes.h"

#include <fmt/format.h>

#include "pgwraith/base/error.h"
#include "pgwraith/control/health.h"
#include "pgwraith/control/moment.h"

namespace pgwraith::control {

using nlohmann::json;

namespace {

constexpr const char* known_paths =
    "there are GET /status, GET /metrics, GET /healthz, GET /readyz, POST /pause, POST /resume, POST /verify, "
    "POST /cutover, POST /postpone, POST /abort and POST /set";

Reply message(unsigned status, const std::string& sentence) { return {status, json_text({{"message", sentence}})}; }

// The method of each path; nullptr when there is no such path.
const char* method_of(std::string_view path) {
    for (const char* known : {"/status", "/metrics", "/healthz", "/readyz"}) {
        if (path == known) return "GET";
    }
    for (const char* known : {"/pause", "/resume", "/verify", "/cutover", "/postpone", "/abort", "/set"}) {
        if (path == known) return "POST";
    }
    return nullptr;
}

}  // namespace

Reply error_reply(unsigned status, const std::string& error, const std::string& hint) {
    return {status, json_text({{"error", error}, {"hint", hint}})};
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

Task<Reply> Routes::answer(std::string_view method, std::string_view target, std::string_view body) {
    auto reply = handle(method, target, body);
    const auto path = target.substr(0, target.find('?'));
    // A swap that is asked for at once needs no record: a later process that does not know of it waits.
    const bool for_later = path == "/postpone" || (path == "/cutover" && !body.empty());
    if (reply.status / 100 != 2 || !for_later) co_return reply;
    std::string failure;
    try {
        co_await commands_.keep_wish();
    } catch (const Error& error) {
        failure = error.message();
    }
    if (failure.empty()) co_return reply;
    co_return error_reply(409, "this process goes by it, but it could not be recorded: " + failure,
                          "A later process would not know of it: say it again when that is mended.");
}

json Routes::status() {
    const auto& progress = commands_.progress();
    auto status = status_json(progress, commands_.settings(), percent_.update(progress), Clock::now());
    if (end_) status["end"] = end_json(*end_);
    return status;
}

Reply Routes::dispatch(std::string_view path, std::string_view body) {
    const auto& progress = commands_.progress();
    if (path == "/status") return {200, json_text(status())};
    if (path == "/metrics") {
        const double percent = percent_.update(progress);
        scrapes_.come(Clock::now());
        return {200, metrics_text(progress, commands_.settings(), percent, Moments::now()) + process_metrics_text(),
                "text/plain; version=0.0.4; charset=utf-8"};
    }
    // Whoever reads this lives. A server that is away does not make another process of it any better.
    if (path == "/healthz") return message(200, "alive, in phase " + std::string(phase_name(progress.phase)));
    if (path == "/readyz") {
        const auto found = readiness(progress);
        if (found.ready) return message(200, found.why);
        return error_reply(503, found.why, "the process goes on trying; its log says more");
    }
    if (path == "/pause") return message(200, commands_.pause());
    if (path == "/resume") return message(200, commands_.resume());
    if (path == "/verify") return message(202, commands_.request_verify());
    if (path == "/cutover") return cutover(body);
    if (path == "/postpone") return message(200, commands_.postpone());
    if (path == "/abort") return message(202, commands_.request_abort());
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
    return message(200, commands_.set(*key, *value));
}

}  // namespace pgwraith::control
