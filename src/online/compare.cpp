#include "pgwraith/online/compare.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pgwraith::online {

namespace {

using postgres::Connection;
using postgres::PgError;

constexpr std::uint64_t first_chunk = 128;
constexpr std::uint64_t enough = 1'000;
constexpr std::size_t rows_named = 5;

struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    std::string sql() const {
        return fmt::format("ctid >= '({},0)'::pg_catalog.tid AND ctid < '({},0)'::pg_catalog.tid", begin, end);
    }
};

// What a row's own data makes the server say.
bool is_about_data(const PgError& error) {
    const auto& state = error.sqlstate();
    constexpr std::array<std::string_view, 7> classes{"20", "21", "22", "23", "38", "54", "P0"};
    return std::ranges::any_of(classes, [&](std::string_view one) { return state.starts_with(one); });
}

// By the primary key, or by place.
std::string key_of(const catalog::Table& live) {
    std::vector<std::string> names;
    std::vector<std::string> values;
    for (const auto& index : live.indexes) {
        if (!index.primary) continue;
        for (const int attnum : index.key_attnums) {
            names.push_back(live.column_at(attnum)->name);
            values.push_back(fmt::format("{}::pg_catalog.text", quote_identifier(names.back())));
        }
    }
    if (names.empty()) return "pg_catalog.format('ctid = %s', ctid)";
    return fmt::format("pg_catalog.format('(%s) = (%s)', {}, pg_catalog.concat_ws(', ', {}))",
                       quote_literal(fmt::format("{}", fmt::join(names, ", "))), fmt::join(values, ", "));
}

class Comparison {
  public:
    Comparison(const postgres::Sessions& sessions, throttle::Gate& gate, milliseconds target, catalog::Table live,
               std::string condition, CameTo came_to)
        : sessions_(sessions),
          gate_(gate),
          target_(target),
          live_(std::move(live)),
          condition_(std::move(condition)),
          came_to_(std::move(came_to)),
          key_(key_of(live_)) {}

    Task<Differences> run();

  private:
    Task<std::uint64_t> blocks();
    Task<void> look(Range range);
    Task<void> count(Range range);
    Task<void> narrow_down(Range range);
    Task<void> look_at_rows(std::uint64_t block);
    Task<std::optional<PgError>> refused(std::string where);

    const postgres::Sessions& sessions_;
    throttle::Gate& gate_;
    milliseconds target_;
    catalog::Table live_;
    std::string condition_;  // true for a row that differs
    CameTo came_to_;
    std::string key_;
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
    std::uint64_t total = co_await blocks();
    std::uint64_t chunk = first_chunk;
    Range range;
    while (range.begin < total && found_.different < enough) {
        co_await gate_.pass();
        range.end = std::min(total, range.begin + chunk);
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

Task<void> Comparison::look(Range range) {
    std::optional<PgError> failure;
    try {
        co_await count(range);
    } catch (const PgError& error) {
        if (!is_about_data(error)) throw;
        failure = error;
    }
    if (failure) co_await narrow_down(range);
}

Task<void> Comparison::count(Range range) {
    const auto rows = co_await session_->query(
        fmt::format("SELECT pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE d), "
                    "pg_catalog.array_to_string((pg_catalog.array_agg(k) FILTER (WHERE d))[1:{}], '; ') "
                    "FROM (SELECT ({}) AS d, {} AS k FROM ONLY {} WHERE {}) AS pgwraith_rows",
                    rows_named, condition_, key_, live_.name.sql(), range.sql()));
    found_.rows += rows.uint64(0, 0);
    found_.different += rows.uint64(0, 1);
    if (!rows.is_null(0, 2) && found_.which.size() < rows_named && rows.uint64(0, 1) > 0) {
        found_.which.push_back(rows.str(0, 2));
    }
}

Task<std::optional<PgError>> Comparison::refused(std::string where) {
    std::optional<PgError> failure;
    try {
        co_await session_->query(fmt::format("SELECT pg_catalog.count(*) FILTER (WHERE {}) FROM ONLY {} WHERE {}",
                                             condition_, live_.name.sql(), where));
    } catch (const PgError& error) {
        if (!is_about_data(error)) throw;
        failure = error;
    }
    co_return failure;
}

// To the first block with a row that the server complains about.
Task<void> Comparison::narrow_down(Range range) {
    while (range.end - range.begin > 1) {
        const Range first{range.begin, (range.begin + range.end) / 2};
        if (co_await refused(first.sql())) {
            range.end = first.end;
        } else {
            range.begin = first.end;
        }
    }
    co_await look_at_rows(range.begin);
}

Task<void> Comparison::look_at_rows(std::uint64_t block) {
    const Range range{block, block + 1};
    const auto rows = co_await session_->query(
        fmt::format("SELECT ctid::pg_catalog.text, {} FROM ONLY {} WHERE {}", key_, live_.name.sql(), range.sql()));
    for (int row = 0; row < rows.rows(); ++row) {
        const auto failure =
            co_await refused(fmt::format("ctid = {}::pg_catalog.tid", quote_literal(rows.text(row, 0))));
        if (!failure) continue;
        found_.why = failure->message();
        ++found_.different;
        if (found_.which.size() < rows_named) found_.which.push_back(rows.str(row, 1));
    }
    // Whoever it was may be gone meanwhile; then this is looked at again by the next who asks.
    if (found_.different > 0) found_.different = std::max(found_.different, enough);
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
