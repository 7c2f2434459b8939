#include "event.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace pgwraith::web {

std::string event_text(std::string_view name, const nlohmann::json& data) {
    // JSON without an indentation has no line break, which would end the event.
    const auto text = data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return fmt::format("event: {}\ndata: {}\n\n", name, text);
}

std::string chunk_text(std::string_view body) { return fmt::format("{:x}\r\n{}\r\n", body.size(), body); }

}  // namespace pgwraith::web
