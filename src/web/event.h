// A server-sent event as text (https://html.spec.whatwg.org/multipage/server-sent-events.html). Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace pgwraith::web {

std::string event_text(std::string_view name, const nlohmann::json& data);

// One piece of a body that is sent in chunks; empty: the last one.
std::string chunk_text(std::string_view body);

}  // namespace pgwraith::web
