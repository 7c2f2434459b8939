#include "failing_index.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "failing_rows.h"
#include "pgwraith/base/units.h"
#include "pgwraith/plan/server_text.h"
#include "pgwraith/postgres/data_error.h"
#include "pgwraith/postgres/version.h"

namespace pgwraith::transfer {

namespace {

using postgres::Connection;
using postgres::PgError;

constexpr std::uint32_t blocks_at_once = 1'024;
constexpr milliseconds patience{60'000};  // then the error is worth more than the rows

// The statement that failed, for another table, and without what makes rows depend on each other.
std::string for_copy(std::string statement, const shadow::Pair& pair, const QualifiedName& copy) {
    const auto alter = "ALTER TABLE " + pair.shadow.sql() + " ";
    if (const auto at = statement.find(alter); at != std::string::npos) {
        return statement.replace(at, alter.size(), "ALTER TABLE " + copy.sql() + " ");
    }
    constexpr std::string_view unique = "CREATE UNIQUE INDEX";
    if (const auto at = statement.find(unique); at != std::string::npos) {
        statement.replace(at, unique.size(), "CREATE INDEX");
    }
    return plan::on_table(statement, copy.sql());
}

// Rows of the shadow into an empty table that has just this index. All of it is undone.
Task<bool> takes(Connection& connection, const shadow::Pair& pair, const std::string& statement, std::string where) {
    const QualifiedName copy{pair.shadow.schema, fmt::format("pgwraith_index_{}", pair.shadow_oid)};
    co_await connection.script(
        fmt::format("BEGIN; SET LOCAL default_tablespace = ''; CREATE UNLOGGED TABLE {0} (LIKE {1}) USING heap; "
                    "ALTER TABLE {0} NO FORCE ROW LEVEL SECURITY; {2}",
                    copy.sql(), pair.shadow.sql(), for_copy(statement, pair, copy)));
    std::optional<PgError> failure;
    try {
        co_await connection.script(
            fmt::format("INSERT INTO {} SELECT * FROM ONLY {} WHERE {}", copy.sql(), pair.shadow.sql(), where));
    } catch (const PgError& error) {
        failure = error;
    }
    if (failure && failure->state_class() == postgres::SqlStateClass::transient) throw *failure;
    co_await connection.script("ROLLBACK");
    co_return !failure || failure->is(postgres::sqlstate::unique_violation) ||
        failure->is(postgres::sqlstate::exclusion_violation);
}

std::string shadow_key_sql(const shadow::Pair& pair) {
    std::string key;
    for (const auto& column : pair.mapping.key) {
        key += fmt::format(", format('%s=%s', {}, {})", quote_literal(column.live.name),
                           quote_identifier(column.shadow_name));
    }
    return "concat_ws(', '" + key + ")";
}

Task<void> try_rows(Connection& connection, const shadow::Pair& pair, const std::string& statement, BlockRange block,
                    std::vector<std::string>& found, std::size_t limit) {
    auto rows =
        co_await connection.query(fmt::format("SELECT ctid::text, {} FROM ONLY {} WHERE {}", shadow_key_sql(pair),
                                              pair.shadow.sql(), shadow::block_range(block.begin, block.end)));
    for (int row = 0; row < rows.rows() && found.size() < limit; ++row) {
        const bool fits =
            co_await takes(connection, pair, statement, fmt::format("ctid = '{}'::tid", rows.text(row, 0)));
        if (!fits) found.push_back(rows.str(row, 1));
    }
}

Task<std::vector<std::string>> find_rows(Connection& connection, shadow::Pair pair, std::string statement,
                                         std::size_t limit) {
    std::vector<std::string> found;
    const auto size =
        co_await connection.query("SELECT (pg_relation_size($1::oid) / current_setting('block_size')::int)::bigint",
                                  postgres::params(std::to_string(pair.shadow_oid)));
    const auto blocks = static_cast<std::uint32_t>(size.uint64(0, 0));
    const auto give_up = Clock::now() + patience;
    for (std::uint32_t begin = 0; begin < blocks && found.empty() && Clock::now() < give_up; begin += blocks_at_once) {
        std::vector<BlockRange> open{{begin, std::min(blocks, begin + blocks_at_once)}};
        while (!open.empty() && found.size() < limit && Clock::now() < give_up) {
            const auto part = open.back();
            open.pop_back();
            const bool fits = co_await takes(connection, pair, statement, shadow::block_range(part.begin, part.end));
            if (fits) continue;
            if (part.end - part.begin == 1) {
                co_await try_rows(connection, pair, statement, part, found, limit);
                continue;
            }
            const auto middle = part.begin + (part.end - part.begin) / 2;
            open.push_back({middle, part.end});
            open.push_back({part.begin, middle});
        }
    }
    co_return found;
}

}  // namespace

Task<Error> index_refused(const postgres::Sessions& sessions, shadow::Pair pair, std::string name,
                          std::string statement, PgError error, std::size_t limit) {
    auto connection = co_await sessions.open_for_rows("diagnosis");
    const auto what = fmt::format("{} cannot be built on the new table of {}", name, pair.live.sql());
    if (!postgres::is_data_error(error)) {
        auto path = co_await postgres::path_in_words(*connection);
        if (connection->server_version() >= postgres::since::safe_search_path) path = "pg_catalog, pg_temp";
        Error said(ErrorKind::stopped, fmt::format("{}: {}{}", what, error.message(), in_force(error, path)),
                   error.is(postgres::sqlstate::configuration_limit_exceeded)
                       ? "Raise that limit for our role (ALTER ROLE … "
                         "SET temp_file_limit, as a superuser) or build.maintenance_work_mem, then "
                         "run the same command again."
                       : "Fix the cause and run the same command "
                         "again; it goes on with this index.");
        co_return said;
    }
    std::vector<std::string> rows;
    try {
        rows = co_await find_rows(*connection, pair, statement, limit);
    } catch (const PgError& other) {
        if (other.state_class() == postgres::SqlStateClass::transient) throw;
        spdlog::debug("looking for the rows: {}", other.message());
    }
    // (Not the detail: it names a row by its place in the shadow.)
    Error said(ErrorKind::stopped,
               fmt::format("{}: {} ({})", what, error.said(),
                           rows.empty() ? std::string("which rows are the cause was not found within a minute")
                                        : fmt::format("rows with {}", fmt::join(rows, "; "))),
               fmt::format("Fix the rows and run the same command again, or `pgwraith abort` and "
                           "give the index another definition.{}{}",
                           error.hint().empty() ? "" : " The server says: ", error.hint()));
    co_return said;
}

}  // namespace pgwraith::transfer
