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

// Raised by PL/pgSQL's RAISE within an expression, in whatever words, which may quote the row: the outermost function
// under way has parameters. (That of a trigger or event trigger has none; what this raises is meant for us.)
bool raised_over_a_row(const std::string& context) {
    constexpr std::string_view function = "PL/pgSQL function ";
    if (context.substr(0, context.find('\n')).find(" at RAISE") == std::string::npos) return false;
    const auto outermost = context.rfind(function);
    if (outermost == std::string::npos) return false;
    const auto name = outermost + function.size();
    const auto parameters = std::string_view(context).substr(name, context.find(" line ", name) - name);
    return parameters.ends_with(')') && !parameters.ends_with("()");  // neither: a DO block
}

// Where it was raised, if that was inside of a user's function: "PL/pgSQL function f(text) line 1 at RETURN".
std::string with_place(const std::string& message, const std::string& context) {
    for (std::size_t begin = 0; begin < context.size();) {
        const auto end = std::min(context.find('\n', begin), context.size());
        const auto line = context.substr(begin, end - begin);
        if (line.starts_with("PL/pgSQL function ") || line.starts_with("SQL function ")) {
            return fmt::format("{}, in {}", message, line);
        }
        begin = end + 1;
    }
    return message;
}

// A user's function may write a row's values into any of its words.
bool hides_words(const std::string& context) { return !row_values_shown() && raised_over_a_row(context); }

// What may be said of it, and where it was.
std::string said_of(std::string_view sqlstate, std::string message, const std::string& context) {
    if (!row_values_shown()) {
        message = hides_words(context) ? "an error was raised (log.row_values: true shows its words)"
                                       : without_values(sqlstate, std::move(message));
    }
    return with_place(message, context);
}

std::string compose(std::string_view sqlstate, std::string message, std::string detail, const std::string& context) {
    message = said_of(sqlstate, std::move(message), context);
    if (!row_values_shown()) detail = hides_words(context) ? "" : detail_without_values(sqlstate, detail);
    if (!detail.empty()) message += fmt::format(" ({})", detail);
    if (!sqlstate.empty()) message += fmt::format(" [SQLSTATE {}]", sqlstate);
    return message;
}

}  // namespace

void show_row_values(bool values) { shown() = values; }
bool row_values_shown() { return shown(); }

namespace {

// invalid byte sequence for encoding "UTF8": 0xe9 0x20 0x73
std::string without_bytes(const std::string& message) {
    std::string said;
    for (std::size_t at = 0; at < message.size();) {
        const auto bytes = std::min(message.find("0x", at), message.size());
        said += message.substr(at, bytes - at);
        at = bytes;
        while (message.compare(at, 2, "0x") == 0) at = std::min(message.find(' ', at), message.size() - 1) + 1;
        if (at > bytes) said += at < message.size() ? "… " : "…";
    }
    return said;
}

}  // namespace

std::string without_values(std::string_view sqlstate, std::string message) {
    if (!sqlstate.starts_with("22")) return message;
    // What these two quote is an encoding.
    if (sqlstate == "22021" || sqlstate == "22P05") return without_bytes(message);
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
    // Of the classes below, what time does not cure: 40002 a constraint; 53400 a limit that is set (temp_file_limit,
    // max_replication_slots); 58P01 … 58P03 a file that is not there (a function's library, WAL that was removed);
    // XX001, XX002 data or an index on the server's disk is damaged.
    if (starts_with_any(sqlstate, {"40002", "53400", "58P0", "XX001", "XX002"})) return SqlStateClass::definitive;
    // 08 connection (08P01 among them: poolers say it of a lost server), 40 rollback (serialization, deadlock), 53
    // resources (somebody makes room on the disk), 57 operator intervention (shutdown, cancel), 58 system error outside
    // PostgreSQL, 72 snapshot too old, 55006/55P03 object in use or locked, 25006 a server that is read-only for now,
    // 25P02/25P03/25P04 our transaction was ended by a timeout.
    if (starts_with_any(sqlstate,
                        {"08", "40", "53", "57", "58", "72", "55006", "55P03", "25006", "25P02", "25P03", "25P04"})) {
        return SqlStateClass::transient;
    }
    // What only a defective statement of ours can raise; a user's expression was tried before anything began. 03 a
    // statement before the other is complete, 0B and 25 transactions, 24, 34, 26, 3B cursors, statements, savepoints.
    if (starts_with_any(sqlstate, {"03", "0B", "24", "25", "26", "34", "3B", "42601", "XX"})) {
        return SqlStateClass::ours;
    }
    // The rest: 01, 02 warnings raised as errors, 09, 0A not supported, 0F, 0L, 0P, 0Z, 20 CASE, 21 cardinality, 22
    // data, 23 constraints, 27, 28 authorization, 2B, 2D, 2F, 38, 39 functions, 3D, 3F no such database or schema, 42
    // names and rights, 44 WITH CHECK, 54 too long or too many, 55 state, F0, HV foreign data, P0 PL/pgSQL.
    return SqlStateClass::definitive;
}

PgError::PgError(std::string sqlstate, std::string message, std::string detail, std::string hint,
                 std::string constraint, std::string context)
    : Error(kind_of(sqlstate), compose(sqlstate, message, detail, context),
            hides_words(context) ? std::string() : std::move(hint)),
      sqlstate_(sqlstate),
      said_(said_of(sqlstate_, std::move(message), context)),
      detail_(std::move(detail)),
      constraint_(std::move(constraint)),
      context_(std::move(context)) {}

bool PgError::connection_lost() const {
    // 57P01 … 57P04: the server ends sessions; 25P03: ours was idle too long.
    return sqlstate_.empty() ||
           starts_with_any(sqlstate_, {"08", "57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04"});
}

bool PgError::lock_refused() const { return is(sqlstate::lock_not_available) || is(sqlstate::deadlock_detected); }

}  // namespace pgwraith::postgres
