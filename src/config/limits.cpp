// Limits that may be off, and other values of the throttle.
#include <fmt/format.h>

#include "field.h"
#include "pgwraith/base/error.h"
#include "problems.h"

namespace pgwraith::config {

namespace {

constexpr const char* off = "off";

// A duration or a size; which one it is, its unit tells.
Complaint read_lag(const std::string& text, LagLimit& limit) {
    if (const auto time = parse_duration(text)) {
        if (limit.time) return "names two durations";
        if (*time < milliseconds{1'000}) return fmt::format("{} is out of range", text);
        limit.time = time;
        return {};
    }
    const auto bytes = parse_size(text);
    if (!bytes) return fmt::format("{} is neither a duration nor a size", shown(text));
    if (limit.bytes) return "names two sizes";
    if (*bytes < 1024ULL * 1024) return fmt::format("{} is out of range", text);
    limit.bytes = bytes;
    return {};
}

}  // namespace

std::string in_words(const Hours& value) { return in_words(value.text()); }

std::string in_words(const LatencyLimit& value) {
    if (value.automatic) return "auto";
    return in_words(value.fixed);
}

std::string in_words(const LagLimit& value) {
    if (value.off()) return off;
    const auto time = value.time ? in_words(*value.time) : "";
    const auto bytes = value.bytes ? in_words(*value.bytes) : "";
    return time + (value.time && value.bytes ? ", " : "") + bytes;
}

Field switched_off_by(Field plain, std::function<void(Settings&)> switch_off) {
    plain.expected += ", or off";
    auto set = [plain = plain.set, switch_off = std::move(switch_off)](Settings& settings, const std::string& name,
                                                                       const std::string& text) -> Complaint {
        if (text != off) return plain(settings, name, text);
        switch_off(settings);
        return {};
    };
    plain.set = std::move(set);
    return plain;
}

Field latency_limit(std::string key, Changes changes, Place<LatencyLimit> place, milliseconds min, milliseconds max) {
    auto fixed = [place](Settings& settings) -> milliseconds& {
        auto& limit = place(settings);
        limit.automatic = false;
        return limit.fixed.emplace();
    };
    auto field = switched_off_by(duration(std::move(key), changes, fixed, min, max), [place](Settings& settings) {
        place(settings) = {false, std::nullopt};
    });
    field.expected += ", or auto";
    auto set = [plain = field.set, place](Settings& settings, const std::string& name,
                                          const std::string& text) -> Complaint {
        if (text != "auto") return plain(settings, name, text);
        place(settings) = {};
        return {};
    };
    field.set = std::move(set);
    return bound(std::move(field), place);
}

Field lag_limit(std::string key, Changes changes, Place<LagLimit> place) {
    auto set = [place](Settings& settings, const std::string&, const std::string& text) -> Complaint {
        LagLimit limit;
        if (text != off) {
            for (std::size_t begin = 0; begin <= text.size();) {
                const auto end = std::min(text.find(',', begin), text.size());
                if (Complaint complaint = read_lag(std::string(trimmed(text.substr(begin, end - begin))), limit);
                    !complaint.empty()) {
                    return complaint;
                }
                begin = end + 1;
            }
        }
        place(settings) = limit;
        return {};
    };
    return bound(
        Field{std::move(key), changes,
              "a duration from 1s on, a size from 1MiB on, or both with a comma between them, or off", std::move(set)},
        place);
}

Field hours(std::string key, Changes changes, Place<Hours> place) {
    auto set = [place](Settings& settings, const std::string&, const std::string& text) -> Complaint {
        try {
            place(settings) = Hours::parse(text);
            return {};
        } catch (const Error& error) {
            return error.message();
        }
    };
    return bound(Field{std::move(key), changes,
                       "days, times and a time zone, such as Sat 02:00-05:00 Europe/Berlin or Mon-Fri 22:00-06:00, Sat "
                       "00:00-24:00 UTC; or nothing",
                       std::move(set)},
                 place);
}

Field file(std::string key, Changes changes, Place<std::filesystem::path> place) {
    auto set = [place](Settings& settings, const std::string&, const std::string& text) {
        place(settings) =
            text.empty() ? std::filesystem::path() : (settings.file.parent_path() / text).lexically_normal();
        return Complaint{};
    };
    return bound(Field{std::move(key), changes, "a path, relative to this file, or nothing", std::move(set)}, place);
}

}  // namespace pgwraith::config
