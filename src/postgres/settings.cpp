#include "pgwraith/postgres/settings.h"

#include <fmt/format.h>

#include <array>

#include "pgwraith/base/names.h"

namespace pgwraith::postgres {

namespace {

// PostgreSQL's own settings that change the result or the meaning of an expression, if anything has set them; and
// whatever the database, the role or the connection string sets besides.
constexpr const char* own_sql = R"sql(
SELECT s.name, s.reset_val, s.reset_val IS NOT DISTINCT FROM s.boot_val, false
  FROM pg_settings s
 WHERE s.context = 'user' AND s.name <> ALL ({})
   AND (s.name IN ('TimeZone', 'timezone_abbreviations', 'DateStyle', 'IntervalStyle', 'lc_monetary', 'lc_numeric',
                   'lc_time', 'extra_float_digits', 'bytea_output', 'xmlbinary', 'xmloption', 'array_nulls',
                   'default_text_search_config', 'transform_null_equals', 'backslash_quote', 'search_path',
                   'quote_all_identifiers')
        OR s.source IN ('database', 'user', 'database user', 'client', 'global', 'environment variable'))
)sql";

// Settings with a dot that no loaded library knows are in no list; those of the connection string come with it. (The
// CASE keeps the server from asking for others first, some of which only a superuser may see.)
constexpr const char* custom_sql = R"sql(
SELECT c.name, c.value, c.name = 'role' AND c.value = 'none', c.name <> 'role'
  FROM (SELECT n.name, CASE WHEN n.name = 'role' OR strpos(n.name, '.') > 0 THEN current_setting(n.name, true) END
          FROM (SELECT split_part(one, '=', 1)
                  FROM pg_db_role_setting d, unnest(d.setconfig) AS one
                 WHERE d.setdatabase IN (0, (SELECT oid FROM pg_database
                                              WHERE datname = current_database()))
                   AND d.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
                 UNION SELECT 'role') AS n (name)
         WHERE NOT EXISTS (SELECT FROM pg_settings s WHERE s.name = n.name)) AS c (name, value)
 WHERE c.value IS NOT NULL
)sql";

constexpr const char* escapes_sql =
    "SELECT name, reset_val, reset_val = 'off' FROM pg_settings WHERE name = 'standard_conforming_strings'";

constexpr const char* hidden_sql = R"sql(
WITH path AS (SELECT p.name, p.ord, n.oid
                FROM json_array_elements_text({}) WITH ORDINALITY AS p (name, ord)
                JOIN pg_namespace n ON n.nspname = p.name),
     before AS (SELECT * FROM path WHERE name !~ '^pg_' AND ord < (SELECT ord FROM path WHERE name = 'pg_catalog'))
SELECT o.kind || ' ' || quote_ident(b.name) || '.' || o.name
  FROM before b
  JOIN (SELECT 'function', proname::text, pronamespace FROM pg_proc
        UNION ALL SELECT 'operator', oprname, oprnamespace FROM pg_operator
        UNION ALL SELECT 'type', typname, typnamespace FROM pg_type
        UNION ALL SELECT 'relation', relname, relnamespace FROM pg_class) AS o (kind, name, schema)
    ON o.schema = b.oid
 WHERE EXISTS (SELECT FROM (SELECT 'function', proname::text, pronamespace FROM pg_proc
                            UNION ALL SELECT 'operator', oprname, oprnamespace FROM pg_operator
                            UNION ALL SELECT 'type', typname, typnamespace FROM pg_type
                            UNION ALL SELECT 'relation', relname, relnamespace FROM pg_class)
                        AS c (kind, name, schema)
                WHERE c.schema = 'pg_catalog'::regnamespace AND c.kind = o.kind AND c.name = o.name)
 ORDER BY 1 LIMIT 1
)sql";

// What a connection of ours is given besides protecting_settings().
constexpr std::array<const char*, 8> of_the_connection{
    "application_name",        "client_encoding",      "transaction_timeout", "tcp_keepalives_idle",
    "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout",    "client_connection_check_interval"};

std::string names_literal() {
    std::vector<std::string> names(of_the_connection.begin(), of_the_connection.end());
    for (const auto& [name, value] : protecting_settings()) names.push_back(name);
    const std::vector<std::string_view> views(names.begin(), names.end());
    return quote_literal(array_literal(views)) + "::text[]";
}

// Reads with nothing but pg_catalog in the path, for the time of this statement.
Task<Result> read(Connection& connection, std::string sql) {
    co_return co_await connection.script("SELECT pg_catalog.set_config('search_path', 'pg_catalog', true);" + sql);
}

void add(std::vector<RowSetting>& settings, const Result& rows) {
    for (int row = 0; row < rows.rows(); ++row) {
        settings.push_back({rows.str(row, 0), rows.str(row, 1), rows.boolean(row, 2), rows.boolean(row, 3)});
    }
}

}  // namespace

Settings protecting_settings() {
    return {
        {"standard_conforming_strings", "on"},
        {"statement_timeout", "0"},
        {"lock_timeout", "5s"},
        {"idle_in_transaction_session_timeout", "0"},
        {"idle_session_timeout", "0"},
        {"default_transaction_read_only", "off"},
        {"default_transaction_isolation", "read committed"},
        {"default_transaction_deferrable", "off"},
        {"synchronous_commit", "local"},
        {"row_security", "off"},
    };
}

Settings fixed_forms() {
    return {
        {"DateStyle", "ISO, YMD"},   {"IntervalStyle", "postgres"}, {"TimeZone", "UTC"},
        {"extra_float_digits", "3"}, {"bytea_output", "hex"},       {"quote_all_identifiers", "off"},
    };
}

std::string fixed_forms_condition() {
    std::string condition;
    for (const auto& [name, value] : fixed_forms()) {
        condition += fmt::format("{}pg_catalog.set_config({}, {}, true) IS NOT NULL", condition.empty() ? "" : " AND ",
                                 quote_literal(name), quote_literal(value));
    }
    return condition;
}

Task<std::vector<RowSetting>> read_row_settings(Connection& connection) {
    std::vector<RowSetting> settings;
    add(settings, co_await read(connection, fmt::format(own_sql, names_literal())));
    add(settings, co_await read(connection, custom_sql));
    // Recorded, but never in force: see plan::with_escape_strings().
    const auto escapes = co_await read(connection, escapes_sql);
    if (escapes.boolean(0, 2)) settings.push_back({escapes.str(0, 0), escapes.str(0, 1)});
    co_return settings;
}

Task<void> apply_row_settings(Connection& connection, Settings recorded) {
    for (const auto& [name, value] : protecting_settings()) recorded.erase(name);
    std::vector<std::string_view> names, values;
    for (const auto& [name, value] : recorded) {
        names.push_back(name);
        values.push_back(value);
    }
    std::optional<PgError> failure;
    try {
        co_await connection.query(
            "SELECT set_config(n, v, false) FROM unnest($1::text[], $2::text[]) AS k (n, v) "
            "WHERE current_setting(n, true) IS DISTINCT FROM v",
            params(array_literal(names), array_literal(values)));
    } catch (const PgError& error) {
        if (!error.is(sqlstate::insufficient_privilege) && !error.sqlstate().starts_with("22")) throw;
        failure = error;
    }
    if (!failure) co_return;
    throw Error(ErrorKind::stopped,
                fmt::format("a setting of the database or the role has changed since the migration began, and our role "
                            "may not set it back: {}",
                            failure->message()),
                "Rows would be computed differently from now on. Set it back (ALTER DATABASE … SET, ALTER ROLE … SET), "
                "then run the same command again.");
}

Task<std::string> path_in_words(Connection& connection) {
    auto path = co_await connection.script("SELECT pg_catalog.current_setting('search_path')");
    co_return path.str(0, 0).empty() ? "empty" : path.str(0, 0);
}

Task<std::string> hidden_built_in(Connection& connection) {
    const auto schemas =
        co_await connection.script("SELECT pg_catalog.array_to_json(pg_catalog.current_schemas(true))::text");
    const auto found = co_await read(connection, fmt::format(hidden_sql, quote_literal(schemas.str(0, 0))));
    std::string name;
    if (!found.empty()) name = found.str(0, 0);
    co_return name;
}

}  // namespace pgwraith::postgres
