#include "fill_comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>

#include "pgwraith/postgres/error.h"

namespace pgwraith::online {

namespace {

constexpr std::uint32_t blocks_each = 64;

// As texts: json has no operator that compares it.
std::string compare_sql(const FillText& text, const std::vector<std::string>& types,
                        const std::vector<std::size_t>& columns, transfer::BlockRange range) {
    std::vector<std::string> counts{"pg_catalog.count(*)"};
    for (const std::size_t place : columns) {
        const auto& column = text.columns.at(place);
        const auto wanted = fmt::format("(({}\n)::{})::pg_catalog.text", column.expression, types.at(place));
        const auto is = quote_identifier(column.column) + "::pg_catalog.text";
        counts.push_back(fmt::format("pg_catalog.count(*) FILTER (WHERE {} IS NOT DISTINCT FROM {})", is, wanted));
        counts.push_back(fmt::format("coalesce(pg_catalog.bool_and({0} IS NOT DISTINCT FROM {0}), true)", wanted));
    }
    return fmt::format("SELECT {} FROM ONLY {} WHERE {}", fmt::join(counts, ", "), text.table.sql(),
                       range_condition(range));
}

Task<std::vector<std::string>> types_of(postgres::Connection& connection, Oid table, FillText text) {
    std::vector<std::string> types;
    for (const auto& column : text.columns) {
        const auto type = co_await connection.query(
            "SELECT pg_catalog.format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid "
            "AND attname = $2",
            postgres::params(std::to_string(table), column.column));
        types.push_back(type.str(0, 0));
    }
    co_return types;
}

}  // namespace

std::vector<transfer::BlockRange> spread_ranges(std::uint32_t blocks, std::uint32_t each) {
    const std::uint32_t count = (blocks + each - 1) / each;
    std::vector<transfer::BlockRange> ranges;
    ranges.reserve(count);
    // 0, 1/2, 1/4, 3/4, 1/8 …: the bits of a counter in reverse.
    const auto bits = static_cast<int>(std::bit_width(count));
    for (std::uint64_t number = 0; number < (std::uint64_t{1} << bits); ++number) {
        std::uint64_t place = 0;
        for (int bit = 0; bit < bits; ++bit) place |= ((number >> bit) & 1U) << (bits - 1 - bit);
        if (place >= count) continue;
        const auto begin = static_cast<std::uint32_t>(place) * each;
        ranges.push_back({begin, std::min(blocks, begin + each)});
    }
    return ranges;
}

Task<FillComparison> compare_filled(const postgres::Sessions& sessions, throttle::Gate& gate, Oid table, FillText text,
                                    milliseconds limit, std::function<void(const std::string&)> say) {
    FillComparison found;
    found.agree.resize(text.columns.size());
    found.repeatable.resize(text.columns.size(), true);
    auto connection = co_await sessions.open_for_rows("fill check");
    const auto types = co_await types_of(*connection, table, text);
    const auto size = co_await connection->query(
        "SELECT pg_catalog.pg_relation_size($1::oid) / pg_catalog.current_setting('block_size')::int",
        postgres::params(std::to_string(table)));
    const auto ranges = spread_ranges(static_cast<std::uint32_t>(size.uint64(0, 0)), blocks_each);
    const auto until = Clock::now() + limit;
    std::size_t done = 0;
    for (; done < ranges.size() && Clock::now() < until; ++done) {
        co_await gate.pass();
        std::vector<std::size_t> columns;
        for (std::size_t i = 0; i < text.columns.size(); ++i) {
            if (found.repeatable[i]) columns.push_back(i);
        }
        if (columns.empty()) break;
        std::optional<postgres::PgError> failure;
        try {
            const auto row = co_await connection->script(compare_sql(text, types, columns, ranges[done]));
            found.rows += row.uint64(0, 0);
            for (std::size_t i = 0; i < columns.size(); ++i) {
                const auto place = static_cast<int>(2 * i);
                found.agree[columns[i]] += row.uint64(0, place + 1);
                if (!row.boolean(0, place + 2)) found.repeatable[columns[i]] = false;
            }
        } catch (const postgres::PgError& error) {
            if (error.connection_lost()) throw;
            failure = error;
        }
        if (failure) spdlog::info("rows that were filled could not be compared: {}", failure->message());
        if (failure) break;
        say(fmt::format("comparing: {} of {} ranges", format_count(done + 1), format_count(ranges.size())));
    }
    found.complete = done == ranges.size();
    co_return found;
}

}  // namespace pgwraith::online
