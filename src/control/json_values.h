// Values of a status as another process answered it: one of another version may lack a key that this one knows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "pgwraith/control/display.h"

namespace pgwraith::control {

inline bool present(const nlohmann::json& status, const char* key) {
    const auto found = status.find(key);
    return found != status.end() && !found->is_null();
}

inline std::uint64_t number(const nlohmann::json& status, const char* key) {
    const auto found = status.find(key);
    return found != status.end() && found->is_number() ? static_cast<std::uint64_t>(std::max(0.0, found->get<double>()))
                                                       : 0;
}

inline std::string text(const nlohmann::json& status, const char* key) {
    const auto found = status.find(key);
    return found != status.end() && found->is_string() ? fit(found->get<std::string>(), 400) : std::string();
}

inline bool yes(const nlohmann::json& status, const char* key) {
    const auto found = status.find(key);
    return found != status.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace pgwraith::control
