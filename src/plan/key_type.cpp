#include "key_type.h"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

namespace pgwraith::plan {

namespace {

struct Type {
    std::string base;         // without the modifiers
    std::vector<int> limits;  // the modifiers: length, precision and scale, digits of a second
    bool known = true;        // false: modifiers that are no numbers
};

// "timestamp(3) with time zone" -> "timestamp with time zone", {3}
Type split(const std::string& text) {
    Type type;
    const std::size_t open = text.find('(');
    const std::size_t close = text.find(')', open == std::string::npos ? 0 : open);
    if (open == std::string::npos || close == std::string::npos || text.find('"') != std::string::npos) {
        type.base = text;
        return type;
    }
    type.base = text.substr(0, open) + text.substr(close + 1);
    const char* at = text.data() + open + 1;
    const char* const end = text.data() + close;
    while (at < end) {
        int limit = 0;
        const auto [next, error] = std::from_chars(at, end, limit);
        if (error != std::errc{}) {
            type.known = false;
            return type;
        }
        type.limits.push_back(limit);
        at = next < end ? next + 1 : next;
    }
    return type;
}

std::optional<int> integer_digits(const std::string& base) {
    if (base == "smallint") return 5;
    if (base == "integer") return 10;
    if (base == "bigint") return 19;
    return std::nullopt;
}

int scale(const Type& numeric) { return numeric.limits.size() > 1 ? numeric.limits[1] : 0; }

// A number column's overflow is an error when it is copied; what must not happen is rounding.
bool keeps_number(const Type& from, const Type& to) {
    const auto from_digits = integer_digits(from.base);
    const auto to_digits = integer_digits(to.base);
    if (from_digits && to_digits) return *to_digits >= *from_digits;
    if (to.base != "numeric") return false;
    if (to.limits.empty()) return true;
    if (from_digits) return scale(to) >= 0;
    return !from.limits.empty() && scale(to) >= scale(from);
}

// Lengths and digits of seconds may only grow: shortening cuts blanks and rounds without an error.
bool keeps_limit(const Type& from, const Type& to) {
    if (to.limits.empty()) return true;
    return !from.limits.empty() && to.limits[0] >= from.limits[0];
}

bool is_one_of(const std::string& base, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), base) != names.end();
}

}  // namespace

bool keeps_key(const std::string& from, const std::string& to) {
    if (from == to) return true;
    const Type old_type = split(from);
    const Type new_type = split(to);
    if (!old_type.known || !new_type.known) return false;
    if (integer_digits(old_type.base) || old_type.base == "numeric") return keeps_number(old_type, new_type);
    if (is_one_of(old_type.base, {"character varying", "text"}) &&
        is_one_of(new_type.base, {"character varying", "text"})) {
        return keeps_limit(old_type, new_type);
    }
    const bool limited =
        is_one_of(old_type.base, {"character", "bit varying", "timestamp without time zone", "timestamp with time zone",
                                  "time without time zone", "time with time zone"});
    return limited && old_type.base == new_type.base && keeps_limit(old_type, new_type);
}

}  // namespace pgwraith::plan
