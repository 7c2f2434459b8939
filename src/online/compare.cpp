#include "pgwraith/online/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fill_statements.h"
#include "offending_rows.h"
#include "pgwraith/postgres/data_error.h"

namespace pgwraith::online {

namespace {

using postgres::Connection;
using postgres::PgError;
using transfer::BlockRange;

constexpr std::uint64_t first_chunk = 128;
constexpr std::uint64_t enough = 1'000;

class Comparison {
  public:
    Comparison(const postgres::Sessions& sessions, throttle::Gate& gate, milliseconds target, catalog::Table live,
               std::string condition, CameTo came_to)
        : sessions_(sessions),
          gate_(gate),
          target_(target),
          live_(std::move(live)),
          condition_(std::move(condition)),
          came_to_(std::move(came_to)) {}

    Task<Differences> run();

  private:
    Task<std::uint64_t> blocks();
    Task<void> look(BlockRange range);
    Task<void> count(BlockRange range);
    Task<void> name_offending(BlockRange range);
    Task<std::optional<PgError>> refused(std::string rows);

    const postgres::Sessions& sessions_;
    throttle::Gate& gate_;
    milliseconds target_;
    catalog::Table live_;
    std::string condition_;  // true for a row that differs
    CameTo came_to_;
    std::string name_;  // of a row, as SQL
    std::unique_ptr<Connection> session_;
    Differences found_;
};

Task<std::uint64_t> Comparison::blocks() {
    const auto size = co_await session_->query(
        "SELECT pg_catalog.pg_relation_size($1::oid) / pg_catalog.current_setting('block_size')::bigint",
        postgres::params(std::to_string(live_.oid)));
    co_return size.uint64(0, 0);
}

Task<Differences> Comparison::run() {
    session_ = co_await sessions_.open_for_rows("compare");
    name_ = co_await row_name_sql(*session_, live_.oid);
    std::uint64_t total = co_await blocks();
    std::uint64_t chunk = first_chunk;
    BlockRange range;
    while (range.begin < total && found_.different < enough) {
        co_await gate_.pass();
        range.end = static_cast<std::uint32_t>(std::min(total, range.begin + chunk));
        const auto started = Clock::now();
        co_await look(range);
        const auto took = std::max(1.0, ms_since(started));
        const double fitting =
            static_cast<double>(range.end - range.begin) * static_cast<double>(target_.count()) / took;
        chunk = static_cast<std::uint64_t>(std::clamp(fitting, 1.0, static_cast<double>(chunk) * 2));
        range.begin = range.end;
        if (range.begin >= total) total = co_await blocks();
        came_to_(range.begin, total);
    }
    co_return found_;
}

Task<void> Comparison::look(BlockRange range) {
    std::optional<PgError> failure;
    try {
        co_await count(range);
    } catch (const PgError& error) {
        if (!postgres::is_data_error(error)) throw;
        failure = error;
    }
    if (failure) co_await name_offending(range);
}

Task<void> Comparison::count(BlockRange range) {
    const auto rows = co_await session_->query(
        fmt::format("SELECT pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE d), "
                    "pg_catalog.array_to_string((pg_catalog.array_agg(k) FILTER (WHERE d))[1:{}], '; ') "
                    "FROM (SELECT ({}) AS d, {} AS k FROM ONLY {} WHERE {}) AS pgwraith_rows",
                    rows_named, condition_, name_, live_.name.sql(), range_condition(range)));
    found_.rows += rows.uint64(0, 0);
    found_.different += rows.uint64(0, 1);
    if (!rows.is_null(0, 2) && found_.which.size() < rows_named && rows.uint64(0, 1) > 0) {
        found_.which.push_back(rows.str(0, 2));
    }
}

Task<std::optional<PgError>> Comparison::refused(std::string rows) {
    std::optional<PgError> failure;
    try {
        co_await session_->query(fmt::format("SELECT pg_catalog.count(*) FILTER (WHERE {}) FROM ONLY {} WHERE {}",
                                             condition_, live_.name.sql(), rows));
    } catch (const PgError& error) {
        if (!postgres::is_data_error(error)) throw;
        failure = error;
    }
    co_return failure;
}

Task<void> Comparison::name_offending(BlockRange range) {
    const auto attempt = [this](std::string rows) { return refused(std::move(rows)); };
    auto rows = co_await find_offending(*session_, live_.oid, live_.name, range, attempt);
    if (rows.names.empty()) {  // corrected meanwhile
        co_await count(range);
        co_return;
    }
    found_.why = rows.why;
    found_.different = std::max(found_.different + rows.names.size(), enough);
    for (auto& name : rows.names) {
        if (found_.which.size() < rows_named) found_.which.push_back(std::move(name));
    }
}

}  // namespace

Task<Differences> compare_columns(const postgres::Sessions& sessions, throttle::Gate& gate, milliseconds chunk_target,
                                  catalog::Table live, Expansion expansion, CameTo came_to) {
    std::vector<std::string> conditions;
    for (const auto& column : expansion.columns) conditions.push_back(agrees(column));
    Comparison comparison(sessions, gate, chunk_target, std::move(live),
                          fmt::format("NOT ({})", fmt::join(conditions, " AND ")), std::move(came_to));
    co_return co_await comparison.run();
}

// Whatever the expressions give is no difference: they are only to be computed.
Task<Differences> find_not_computable(const postgres::Sessions& sessions, throttle::Gate& gate,
                                      milliseconds chunk_target, catalog::Table live, Expansion expansion,
                                      std::vector<std::string> columns, CameTo came_to) {
    std::vector<std::string> values;
    std::string too_long;
    for (const auto& column : expansion.columns) {
        if (std::ranges::find(columns, column.name) == columns.end()) continue;
        values.push_back(fmt::format("({})::{}", over_row(column.up), column.type));
        // A cast would cut what an assignment refuses.
        const bool has_length = column.type.starts_with("character") || column.type.starts_with("bit");
        if (!has_length || !column.up.cast.empty()) continue;
        too_long += fmt::format(
            " OR pg_catalog.rtrim(({0})::{1}::pg_catalog.text, ' ') <> pg_catalog.rtrim(({0})::pg_catalog.text, ' ')",
            over_row(column.up), column.type);
    }
    Differences none;
    if (values.empty()) co_return none;
    Comparison comparison(sessions, gate, chunk_target, std::move(live),
                          fmt::format("pg_catalog.num_nulls({}) < 0{}", fmt::join(values, ", "), too_long),
                          std::move(came_to));
    co_return co_await comparison.run();
}

std::string in_words(const Differences& differences, const std::string& table, const std::string& what) {
    auto text = fmt::format(
        "{} of {} {}, among them {}",
        !differences.why.empty() ? "rows"
        : differences.different == 1
            ? "1 row"
            : format_count(differences.different) + (differences.different >= enough ? " rows or more" : " rows"),
        table, what, fmt::join(differences.which, "; "));
    if (!differences.why.empty()) text += ": " + differences.why;
    return text;
}

}  // namespace pgwraith::online
