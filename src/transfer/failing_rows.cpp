#include "failing_rows.h"
#include "pgwraith/transfer/keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pgwraith/plan/server_text.h"
#include "pgwraith/postgres/data_error.h"

namespace pgwraith::transfer {

namespace {

// True when the statement goes through; whatever it did is undone.
Task<bool> passes(postgres::Connection& connection, std::string sql, std::vector<postgres::Param> params) {
    co_await connection.script("SAVEPOINT pgwraith_try");
    bool passed = true;
    try {
        co_await connection.query(std::move(sql), std::move(params));
    } catch (const postgres::PgError& error) {
        if (!postgres::is_data_error(error)) throw;
        passed = false;
    }
    co_await connection.script("ROLLBACK TO SAVEPOINT pgwraith_try");
    co_return passed;
}

Task<bool> passes(postgres::Connection& connection, std::string sql) {
    std::vector<postgres::Param> none;
    return passes(connection, std::move(sql), std::move(none));
}

// id=1, region=eu: the key columns of a live row, as SQL.
std::string key_text_sql(const shadow::Pair& pair) {
    std::string key;
    for (const auto& column : pair.mapping.key) {
        key += fmt::format("{}format('%s=%s', {}, {})", key.empty() ? "" : ", ", quote_literal(column.live.name),
                           quote_identifier(column.live.name));
    }
    return "concat_ws(', ', " + key + ")";
}

// Row by row within one block.
Task<void> try_block(postgres::Connection& connection, const shadow::Pair& pair, std::uint32_t block, std::size_t limit,
                     std::vector<std::string>& found) {
    auto rows = co_await connection.query(fmt::format("SELECT ctid::text, {} FROM ONLY {} WHERE {}", key_text_sql(pair),
                                                      pair.live.sql(), shadow::block_range(block, block + 1)));
    for (int row = 0; row < rows.rows() && found.size() < limit; ++row) {
        auto where = fmt::format("ctid = '{}'::tid", rows.text(row, 0));
        if (!co_await passes(connection, shadow::copy_sql(pair, where))) found.push_back(rows.str(row, 1));
    }
}

// How the server says the parts of a unique index, and its condition, over the columns of the new table.
struct IndexWords {
    std::vector<std::string> parts;
    std::string condition = "true";
    bool nulls_distinct = true;
};

// An empty table that has it is asked; all of it is undone.
Task<std::optional<IndexWords>> read_words(postgres::Connection& connection, const shadow::Pair& pair,
                                           std::string create_sql) {
    const QualifiedName copy{pair.shadow.schema + "_try", pair.shadow.name};  // the index may stand under its name
    std::optional<IndexWords> words;
    try {
        co_await connection.script(fmt::format("BEGIN; CREATE SCHEMA {}; CREATE TABLE {} (LIKE {}); {}",
                                               quote_identifier(copy.schema), copy.sql(), pair.shadow.sql(),
                                               plan::on_table(create_sql, copy.sql())));
        const auto parts = co_await connection.query(
            "SELECT pg_get_indexdef(i.indexrelid, n, false), coalesce(pg_get_expr(i.indpred, i.indrelid), 'true'), "
            "i.indnullsnotdistinct FROM pg_index i, generate_series(1, i.indnkeyatts) AS n "
            "WHERE i.indrelid = $1::regclass ORDER BY n",
            postgres::params(copy.sql()));
        words.emplace();
        for (int row = 0; row < parts.rows(); ++row) {
            words->parts.push_back("(" + parts.str(row, 0) + ")");
            words->condition = parts.str(row, 1);
            words->nulls_distinct = !parts.boolean(row, 2);
        }
    } catch (const postgres::PgError& error) {
        if (error.state_class() == postgres::SqlStateClass::transient) throw;
        spdlog::debug("looking for duplicates: {}", error.message());
        words.reset();
    }
    co_await postgres::rollback_quietly(connection);
    co_return words;
}

// As duplicates_sql(), for an index on expressions or with a condition.
std::string duplicates_in_words_sql(const shadow::Pair& pair, const IndexWords& words, std::size_t limit) {
    std::string values;
    for (const auto& column : pair.mapping.columns) {
        if (!column.verify_expression) continue;
        values += fmt::format(", {} AS {}", *column.verify_expression, quote_identifier(column.name));
    }
    std::string condition = "(" + words.condition + ")";
    for (const auto& part : words.parts) {
        if (words.nulls_distinct) condition += " AND " + part + " IS NOT NULL";
    }
    return fmt::format(
        "SELECT array_to_string((array_agg(pgwraith_key))[1:5], ' and ') FROM (SELECT {} AS pgwraith_key{} FROM ONLY "
        "{}) AS pgwraith_rows WHERE {} GROUP BY {} HAVING count(*) > 1 LIMIT {}",
        key_text_sql(pair), values, pair.live.sql(), condition, fmt::join(words.parts, ", "), limit);
}

// nullopt: it cannot be looked for.
Task<std::optional<std::vector<std::string>>> find_duplicates(postgres::Connection& connection, shadow::Pair pair,
                                                              shadow::IndexPlan index, std::size_t limit) {
    auto sql = duplicates_sql(pair, index.key_columns, limit);
    const bool by_expressions = sql.empty() && index.create_sql.find("CREATE UNIQUE INDEX") != std::string::npos;
    if (by_expressions) {
        const auto words = co_await read_words(connection, pair, index.create_sql);
        if (words && !words->parts.empty()) sql = duplicates_in_words_sql(pair, *words, limit);
    }
    std::optional<std::vector<std::string>> found;
    if (sql.empty()) co_return found;
    try {
        const auto rows = co_await connection.query(sql);
        found.emplace();
        for (int row = 0; row < rows.rows(); ++row) found->push_back(rows.str(row, 0));
    } catch (const postgres::PgError& error) {
        if (error.state_class() == postgres::SqlStateClass::transient) throw;
        spdlog::debug("looking for duplicates: {}", error.message());
    }
    co_return found;
}

DataRefused refused(const shadow::Pair& pair, const postgres::PgError& error, const std::string& which) {
    return {fmt::format("data of {} does not fit the new table: {} ({})", pair.live.sql(), error.message(), which),
            "Fix the rows, or give the column an expression under `values:` (then "
            "`pgwraith abort` first), and run the same command again.",
            error.is(postgres::sqlstate::check_violation) ? error.constraint() : std::string{}, which};
}

}  // namespace

std::string duplicates_sql(const shadow::Pair& pair, const std::vector<std::string>& columns, std::size_t limit) {
    std::string values, groups;
    for (const auto& name : columns) {
        auto column = std::find_if(pair.mapping.columns.begin(), pair.mapping.columns.end(),
                                   [&](const plan::MappedColumn& c) { return c.name == name; });
        if (column == pair.mapping.columns.end() || !column->verify_expression) return {};
        auto alias = quote_identifier("new " + name);
        values += fmt::format(", {} AS {}", *column->verify_expression, alias);
        groups += (groups.empty() ? "" : ", ") + alias;
    }
    if (groups.empty()) return {};
    return fmt::format(
        "SELECT array_to_string((array_agg(pgwraith_key))[1:5], ' and ') FROM (SELECT {} AS pgwraith_key{} FROM ONLY "
        "{}) "
        "AS pgwraith_rows GROUP BY {} HAVING count(*) > 1 LIMIT {}",
        key_text_sql(pair), values, pair.live.sql(), groups, limit);
}

std::string in_force(const postgres::PgError& error, const std::string& search_path) {
    const bool about_a_name = error.sqlstate().starts_with("42") || error.sqlstate().starts_with("3F");
    return about_a_name ? fmt::format("; the search_path in force is {}", search_path) : "";
}

Task<Error> expressions_refused(const postgres::Sessions& sessions, shadow::Pair pair, postgres::PgError error) {
    auto connection = co_await sessions.open_for_rows("diagnosis");
    const auto path = co_await postgres::path_in_words(*connection);
    Error said(ErrorKind::stopped,
               fmt::format("the rows of {} cannot be brought to the new table: {}{}", pair.live.sql(), error.message(),
                           in_force(error, path)),
               "Fix the cause and run the same command again, "
               "or `pgwraith abort`.");
    co_return said;
}

Task<std::vector<std::string>> find_failing_rows(postgres::Connection& connection, shadow::Pair pair, BlockRange range,
                                                 std::size_t limit) {
    std::vector<std::string> found;
    co_await connection.script("BEGIN ISOLATION LEVEL REPEATABLE READ");
    std::vector<BlockRange> open{range};
    while (!open.empty() && found.size() < limit) {
        auto part = open.back();
        open.pop_back();
        if (co_await passes(connection, shadow::copy_sql(pair, shadow::block_range(part.begin, part.end)))) continue;
        if (part.end - part.begin == 1) {
            co_await try_block(connection, pair, part.begin, limit, found);
            continue;
        }
        auto middle = part.begin + (part.end - part.begin) / 2;
        open.push_back({middle, part.end});
        open.push_back({part.begin, middle});
    }
    co_await postgres::rollback_quietly(connection);
    co_return found;
}

Task<std::vector<std::string>> find_failing_keys(postgres::Connection& connection, shadow::Pair pair,
                                                 std::vector<std::string> keys, std::size_t limit) {
    std::vector<std::string> found;
    co_await connection.script("BEGIN ISOLATION LEVEL REPEATABLE READ");
    co_await connection.query(shadow::delete_keys_sql(pair), key_params(pair, keys));
    std::vector<std::vector<std::string>> open{std::move(keys)};
    while (!open.empty() && found.size() < limit) {
        auto part = std::move(open.back());
        open.pop_back();
        if (part.empty()) continue;
        if (co_await passes(connection, shadow::insert_keys_sql(pair), key_params(pair, part))) continue;
        if (part.size() == 1) {
            found.push_back(describe_key(pair, part.front()));
            continue;
        }
        auto middle = part.begin() + static_cast<std::ptrdiff_t>(part.size() / 2);
        open.emplace_back(middle, part.end());
        open.emplace_back(part.begin(), middle);
    }
    co_await postgres::rollback_quietly(connection);
    co_return found;
}

Task<Error> duplicates_refused(const postgres::Sessions& sessions, shadow::Pair pair, shadow::Blueprint blueprint,
                               postgres::PgError error, std::size_t limit) {
    std::optional<std::vector<std::string>> found;
    const auto index = std::ranges::find(blueprint.indexes, error.constraint(), &shadow::IndexPlan::name);
    if (index != blueprint.indexes.end()) {
        auto connection = co_await sessions.open_for_rows("diagnosis");
        found = co_await find_duplicates(*connection, pair, *index, limit);
    }
    if (!found) co_return refused(pair, error, "which rows these are is not looked for");
    co_return data_refused(pair, error, *found);
}

DataRefused::DataRefused(std::string what, std::string hint, std::string check, std::string rows)
    : Error(ErrorKind::stopped, std::move(what), std::move(hint)), check_(std::move(check)), rows_(std::move(rows)) {}

DataRefused data_refused(const shadow::Pair& pair, const postgres::PgError& error,
                         const std::vector<std::string>& rows) {
    auto which =
        rows.empty() ? std::string("the rows are no longer there") : fmt::format("rows with {}", fmt::join(rows, "; "));
    return refused(pair, error, which);
}

}  // namespace pgwraith::transfer
