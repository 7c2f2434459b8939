#include "try_statements.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace pgwraith::shadow {

namespace {

using postgres::Connection;

// Planned for any value of its parameters, as it will be run.
Task<std::optional<postgres::PgError>> plan_only(Connection& connection, std::string sql, std::size_t parameters) {
    std::string arguments = parameters == 0 ? "" : "(NULL";
    for (std::size_t n = 1; n < parameters; ++n) arguments += ", NULL";
    if (parameters > 0) arguments += ")";
    co_return co_await postgres::try_and_undo(
        connection, fmt::format("SET LOCAL plan_cache_mode = force_generic_plan; PREPARE pgwraith_try AS {}; EXPLAIN "
                                "EXECUTE pgwraith_try{}",
                                sql, arguments));
}

std::string purge_sql(const Pair& pair) {
    std::vector<std::string> keys;
    for (const auto& column : pair.mapping.key) {
        keys.push_back(fmt::format("NULL::{} AS k{}", column.live.base_type_sql, keys.size() + 1));
    }
    std::string match;
    for (std::size_t n = 0; n < pair.mapping.key.size(); ++n) {
        const auto& column = pair.mapping.key[n];
        match += fmt::format("{}s.{} {} k.k{}::{}", n == 0 ? "" : " AND ", quote_identifier(column.shadow_name),
                             column.live.equals, n + 1, column.shadow_type_sql);
    }
    return fmt::format("DELETE FROM ONLY {} AS s USING (SELECT {} OFFSET 0) AS k WHERE {}", pair.shadow.sql(),
                       fmt::join(keys, ", "), match);
}

struct Later {
    const char* what;  // that it cannot be done
    std::string sql;
    std::size_t parameters;
};

std::vector<Later> later_statements(const Pair& pair) {
    const auto key = pair.mapping.key.size();
    const ComparedBlocks some{{block_range(1, 2)}, {block_range(0, 1), block_range(2, 3)}};
    std::vector<Later> statements{{"changes cannot be applied to the new table", delete_keys_sql(pair), key},
                                  {"changed rows cannot be read again", insert_keys_sql(pair), key},
                                  {"changed rows cannot be taken out of the new table", purge_sql(pair), 0},
                                  {"the tables cannot be compared", compare_blocks_sql(pair, some, some), 0},
                                  {"rows of the tables cannot be compared", compare_keys_sql(pair, true), key}};
    if (!has_plain_order(pair)) return statements;
    statements.insert(
        statements.end(),
        {{"the tables cannot be compared in ranges of their key", range_end_sql(pair, true), key + 1},
         {"the tables cannot be compared in ranges of their key", compare_range_sql(pair, true, true), 2 * key}});
    return statements;
}

Task<void> deallocate(Connection& connection) {
    const auto left = co_await connection.query("SELECT FROM pg_prepared_statements WHERE name = 'pgwraith_try'");
    if (!left.empty()) co_await connection.script("DEALLOCATE pgwraith_try");
}

// The membership of the publication, for the columns as they are called in the new table.
std::string columns_of(const Pair& pair, const std::vector<std::string>& names) {
    std::vector<std::string> columns;
    for (const auto& column : pair.mapping.columns) {
        const bool member = column.old_name && std::ranges::find(names, *column.old_name) != names.end();
        if (member) columns.push_back(quote_identifier(column.name));
    }
    return columns.empty() ? "" : fmt::format(" ({})", fmt::join(columns, ", "));
}

constexpr std::array writes{"UPDATE", "DELETE"};

std::string publish_sql(const Pair& pair, const std::string& list, const std::string& publish) {
    return fmt::format("CREATE PUBLICATION pgwraith_try FOR TABLE ONLY {}{} WITH (publish = '{}')", pair.shadow.sql(),
                       list, publish);
}

std::string writing_sql(const Pair& pair, const std::string& what) {
    if (what == "DELETE") return fmt::format("DELETE FROM {} WHERE false", pair.shadow.sql());
    return fmt::format("UPDATE {} SET {} = DEFAULT WHERE false", pair.shadow.sql(),
                       quote_identifier(pair.mapping.columns.front().name));
}

}  // namespace

Task<void> try_copy(Connection& connection, Pair pair) {
    const auto failure = co_await postgres::try_script(connection, "EXPLAIN " + copy_sql(pair, "false"));
    if (!failure) co_return;
    throw Error(ErrorKind::refused, "the new table cannot be filled from the old one: " + failure->message(),
                "Write how the column is computed from an old row under `values:`, for instance "
                "`values: {column: \"column::text::integer\"}`.");
}

Task<void> require_one_value(Connection& connection, Pair pair) {
    for (const auto& column : pair.mapping.columns) {
        if (column.origin != "values" || !column.expression) continue;
        // A condition is one value of one row: the server takes neither sets nor aggregates nor windows there. It is
        // parsed only.
        const auto failure = co_await postgres::try_and_undo(
            connection, fmt::format("PREPARE pgwraith_try AS SELECT FROM ONLY {} WHERE ({}) IS NULL", pair.live.sql(),
                                    *column.expression));
        co_await deallocate(connection);
        if (!failure) continue;
        throw Error(ErrorKind::refused,
                    fmt::format("values: {}: it is not one value of one row: {}", column.name, failure->message()),
                    "Write one SQL expression over the old row's columns.");
    }
}

Task<void> try_statements(Connection& connection, Pair pair) {
    const auto statements = later_statements(pair);
    for (const auto& later : statements) {
        const auto failure = co_await plan_only(connection, later.sql, later.parameters);
        co_await deallocate(connection);
        if (!failure) continue;
        throw Error(
            ErrorKind::refused, fmt::format("{}: {}", later.what, failure->message()),
            fmt::format("Identify rows by another unique index than that on {} (`key: …` in the configuration); or set "
                        "`verify: off` if only the comparison is what fails.",
                        pair.mapping.key.front().live.name));
    }
}

Task<bool> can_update(Connection& connection, Pair pair) {
    for (const auto& sql : {delete_gone_keys_sql(pair), update_keys_sql(pair)}) {
        const auto failure = co_await plan_only(connection, sql, pair.mapping.key.size());
        co_await deallocate(connection);
        if (!failure) continue;
        if (failure->state_class() != postgres::SqlStateClass::definitive) throw *failure;
        spdlog::debug("changed rows are replaced, not updated: {}", failure->message());
        co_return false;
    }
    co_return true;
}

Task<std::vector<std::string>> try_publications(Connection& connection, Pair pair) {
    const auto rows = co_await connection.query(
        "SELECT p.pubname, p.pubupdate, p.pubdelete, r.prattrs IS NOT NULL, "
        "       coalesce((SELECT array_to_json(array_agg(a.attname))::text FROM pg_attribute a "
        "                  WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[])), '[]') "
        "  FROM pg_publication p LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = $1::oid "
        " WHERE r.oid IS NOT NULL OR p.puballtables OR EXISTS ("
        "   SELECT FROM pg_publication_namespace n JOIN pg_class c ON c.relnamespace = n.pnnspid "
        "    WHERE n.pnpubid = p.oid AND c.oid = $1::oid) ORDER BY 1",
        postgres::params(std::to_string(pair.live_oid)));
    const std::vector<std::string> kinds(writes.begin(), writes.end());
    std::vector<std::string> warnings;
    for (int row = 0; row < rows.rows(); ++row) {
        std::string list;
        if (rows.boolean(row, 3)) {
            list = columns_of(pair, nlohmann::json::parse(rows.text(row, 4)).get<std::vector<std::string>>());
        }
        const std::string publish =
            fmt::format("insert{}{}", rows.boolean(row, 1) ? ", update" : "", rows.boolean(row, 2) ? ", delete" : "");
        std::vector<std::string> failing;
        std::string why;
        for (const auto& what : kinds) {
            const auto failure = co_await postgres::try_and_undo(
                connection, publish_sql(pair, list, publish) + "; EXPLAIN " + writing_sql(pair, what));
            if (!failure) continue;
            failing.push_back(what);
            why = failure->detail().empty() ? failure->message() : failure->detail();
        }
        if (failing.empty()) continue;
        warnings.push_back(fmt::format(
            "after the change {} of {} will fail, as after the plain statement, because the publication {} publishes "
            "them: {}; give the publication the key's columns, or the table a replica identity, at the same time",
            fmt::join(failing, " and "), pair.live.sql(), rows.str(row, 0), why));
    }
    co_return warnings;
}

}  // namespace pgwraith::shadow
