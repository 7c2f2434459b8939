#include "expand.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "problems.h"

namespace pgwraith::config {
namespace {

bool is_variable_name(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [letter](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

// `inside` is what stands between the braces.
Expansion value_of(std::string_view inside, const Environment& environment) {
    const auto separator = inside.find(":-");
    const std::string name(inside.substr(0, separator));
    if (!is_variable_name(name)) {
        return {{},
                fmt::format("{} names no environment variable (expected ${{NAME}} or ${{NAME:-default}}; write "
                            "$${{ for a literal ${{)",
                            shown(inside))};
    }
    const auto value = environment(name);
    if (separator != std::string_view::npos) {
        return {value && !value->empty() ? *value : std::string(inside.substr(separator + 2)), {}};
    }
    if (!value) {
        return {{},
                fmt::format("the environment variable {0} is not set (expected it to be, or a default: "
                            "${{{0}:-default}}; write $${{ for a literal ${{)",
                            name)};
    }
    return {*value, {}};
}

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Expansion expand(std::string_view text, const Environment& environment) {
    Expansion result;
    while (!text.empty()) {
        const auto dollar = text.find("${");
        if (dollar == std::string_view::npos) {
            break;
        }
        if (dollar > 0 && text[dollar - 1] == '$') {
            result.text.append(text.substr(0, dollar - 1)).append("${");
            text.remove_prefix(dollar + 2);
            continue;
        }
        const auto brace = text.find('}', dollar);
        if (brace == std::string_view::npos) {
            result.complaint = "the closing brace of ${ is missing (expected ${NAME}; write $${ for a literal ${)";
            return result;
        }
        Expansion part = value_of(text.substr(dollar + 2, brace - dollar - 2), environment);
        if (!part.complaint.empty()) {
            return part;
        }
        result.text.append(text.substr(0, dollar)).append(part.text);
        text.remove_prefix(brace + 1);
    }
    result.text.append(text);
    return result;
}

}  // namespace pgwraith::config
