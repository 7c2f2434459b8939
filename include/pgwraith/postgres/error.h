// What the server (or the way to it) said no to, with its SQLSTATE, sorted into three classes.
#pragma once

#include <string>

#include "pgwraith/base/error.h"

namespace pgwraith::postgres {

enum class SqlStateClass {
    transient,   // the connection, the server's state, a lock, a conflict: the same again may work
    definitive,  // the data or the statement: the same again fails the same way; an operator must act
    ours,        // a statement that we generated is wrong: a bug in this program
};

// Appendix A of the PostgreSQL documentation, sorted. An empty state means that the connection failed; a state that is
// not in the appendix was raised by a function of the user's.
SqlStateClass classify(std::string_view sqlstate);

// Whether messages may hold values of rows (`log.row_values`). Off by default; one value for the process, set at its
// start.
void show_row_values(bool shown);
bool row_values_shown();

// The server's message without values of rows: a quoted value becomes "…", and a detail keeps only the key's columns.
// Pure.
std::string without_values(std::string_view sqlstate, std::string message);
std::string detail_without_values(std::string_view sqlstate, const std::string& detail);

// The message is what without_values() leaves of the server's, unless row_values_shown(). `kind()` follows the class:
// transient and definitive are `stopped`, ours is `internal`.
class PgError : public Error {
  public:
    PgError(std::string sqlstate, std::string message, std::string detail = {}, std::string hint = {},
            std::string constraint = {}, std::string context = {});

    const std::string& sqlstate() const { return sqlstate_; }  // five characters, empty: connection failure
    const std::string& said() const { return said_; }  // without detail and SQLSTATE, with the function it was in
    // As the server sent it, with rows' values: for the program, not for a message.
    const std::string& detail() const { return detail_; }
    const std::string& constraint() const { return constraint_; }  // that was violated, also a unique index; or empty
    // Where it was raised: the functions under way, innermost first; may hold values of rows.
    const std::string& context() const { return context_; }
    SqlStateClass state_class() const { return classify(sqlstate_); }
    bool is(std::string_view sqlstate) const { return sqlstate_ == sqlstate; }
    // The connection is gone: the outcome of the statement that was running is unknown.
    bool connection_lost() const;
    // A lock was not granted in time, or given to somebody else who waited for one of ours.
    bool lock_refused() const;

  private:
    std::string sqlstate_;
    std::string said_;
    std::string detail_;
    std::string constraint_;
    std::string context_;
};

namespace sqlstate {
inline constexpr std::string_view unique_violation = "23505";
inline constexpr std::string_view foreign_key_violation = "23503";
inline constexpr std::string_view check_violation = "23514";
inline constexpr std::string_view exclusion_violation = "23P01";
inline constexpr std::string_view lock_not_available = "55P03";
inline constexpr std::string_view query_canceled = "57014";
inline constexpr std::string_view undefined_object = "42704";
inline constexpr std::string_view undefined_column = "42703";
inline constexpr std::string_view undefined_table = "42P01";
inline constexpr std::string_view duplicate_object = "42710";
inline constexpr std::string_view object_in_use = "55006";
inline constexpr std::string_view serialization_failure = "40001";
inline constexpr std::string_view deadlock_detected = "40P01";
inline constexpr std::string_view too_many_connections = "53300";
inline constexpr std::string_view character_not_in_repertoire = "22021";
inline constexpr std::string_view idle_in_transaction_session_timeout = "25P03";
inline constexpr std::string_view transaction_timeout = "25P04";
inline constexpr std::string_view dependent_objects_still_exist = "2BP01";
inline constexpr std::string_view insufficient_privilege = "42501";
inline constexpr std::string_view undefined_function = "42883";
inline constexpr std::string_view invalid_object_definition = "42P17";
inline constexpr std::string_view invalid_table_definition = "42P16";
inline constexpr std::string_view invalid_column_reference = "42P10";
inline constexpr std::string_view feature_not_supported = "0A000";
inline constexpr std::string_view invalid_schema_name = "3F000";
inline constexpr std::string_view configuration_limit_exceeded = "53400";
inline constexpr std::string_view object_not_in_prerequisite_state = "55000";
inline constexpr std::string_view cannot_connect_now = "57P03";
inline constexpr std::string_view undefined_file = "58P01";
inline constexpr std::string_view internal_error = "XX000";
}  // namespace sqlstate

}  // namespace pgwraith::postgres
