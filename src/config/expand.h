// `${NAME}` and `${NAME:-default}` in a value.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pgwraith::config {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

std::optional<std::string> process_environment(const std::string& name);

struct Expansion {
    std::string text;
    std::string complaint;  // empty when all went well
};

// A default is taken when the variable is unset or empty, as in a shell, and is not expanded itself. `$${` is a
// literal `${`. Every other `$` stays as it is: SQL has dollar quotes and parameters.
Expansion expand(std::string_view text, const Environment& environment);

}  // namespace pgwraith::config
