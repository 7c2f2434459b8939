#include "pgwraith/postgres/error.h"

#include <fmt/format.h>

namespace pgwraith::postgres {

namespace {

bool starts_with_any(std::string_view state, std::initializer_list<std::string_view> prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view p) { return state.starts_with(p); });
}

ErrorKind kind_of(std::string_view sqlstate) {
    return classify(sqlstate) == SqlStateClass::ours ? ErrorKind::internal : ErrorKind::stopped;
}

bool& shown() {
    static bool values = false;
    return values;
}

// 22: values that do not fit. 23: constraints; what these quote in the message are names.
bool about_values(std::string_view sqlstate) { return starts_with_any(sqlstate, {"22", "23"}); }

std::string compose(std::string_view sqlstate, std::string message, std::string detail) {
    if (!row_values_shown()) {
        message = without_values(sqlstate, std::move(message));
        detail = detail_without_values(sqlstate, detail);
    }
    if (!detail.empty()) message += fmt::format(" ({})", detail);
    if (!sqlstate.empty()) message += fmt::format(" [SQLSTATE {}]", sqlstate);
    return message;
}

}  // namespace

void show_row_values(bool values) { shown() = values; }
bool row_values_shown() { return shown(); }

std::string without_values(std::string_view sqlstate, std::string message) {
    if (!sqlstate.starts_with("22")) return message;
    // A value may hold quotes of its own: from the first to the last. (Names that a few messages quote go with it.)
    const auto first = message.find('"');
    const auto last = message.rfind('"');
    if (first == std::string::npos || last == first) return message;
    return message.substr(0, first + 1) + "…" + message.substr(last);
}

std::string detail_without_values(std::string_view sqlstate, const std::string& detail) {
    if (!about_values(sqlstate)) return detail;
    // Key (mail)=(x@example.org) is duplicated.
    const auto values = detail.find(")=(");
    return detail.starts_with("Key (") && values != std::string::npos ? detail.substr(0, values + 1) : "";
}

SqlStateClass classify(std::string_view sqlstate) {
    if (sqlstate.empty()) return SqlStateClass::transient;
    // 08 connection, 40 rollback (serialization, deadlock), 53 resources, 57 operator intervention (shutdown,
    // cancel), 58 system error outside PostgreSQL, 55006/55P03 object in use or locked,
    // 25P02/25P03/25P04 our transaction was ended by a timeout. 08P01 is among them: poolers say it of a lost server.
    if (starts_with_any(sqlstate, {"08", "40", "53", "57", "58", "55006", "55P03", "25P0", "25006"})) {
        return SqlStateClass::transient;
    }
    // What only a defective statement of ours can raise; a user's expression was tried before anything began.
    if (starts_with_any(sqlstate, {"42601", "26000", "34000", "24000", "25001", "25000", "3B001", "XX"})) {
        return SqlStateClass::ours;
    }
    return SqlStateClass::definitive;
}

PgError::PgError(std::string sqlstate, std::string message, std::string detail, std::string hint,
                 std::string constraint)
    : Error(kind_of(sqlstate), compose(sqlstate, std::move(message), std::move(detail)), std::move(hint)),
      sqlstate_(std::move(sqlstate)),
      constraint_(std::move(constraint)) {}

bool PgError::connection_lost() const {
    // 57P01 … 57P04: the server ends sessions; 25P03: ours was idle too long.
    return sqlstate_.empty() ||
           starts_with_any(sqlstate_, {"08", "57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04"});
}

}  // namespace pgwraith::postgres
