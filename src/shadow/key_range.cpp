#include "key_range.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pgwraith::shadow {

namespace {

using plan::MappedKeyColumn;

const std::string& behind(const MappedKeyColumn& column) {
    return column.live.descending ? column.live.less : column.live.greater;
}

const std::string& before(const MappedKeyColumn& column) {
    return column.live.descending ? column.live.greater : column.live.less;
}

const std::string& before_or_equal(const MappedKeyColumn& column) {
    return column.live.descending ? column.live.greater_equal : column.live.less_equal;
}

// ROW(a, b) > ROW(c, d) names one operator for all columns; then one range of the index is all that is read.
bool one_operator_for_all(const std::vector<MappedKeyColumn>& key) {
    const auto& first = key.front();
    return std::ranges::all_of(key, [&](const MappedKeyColumn& column) {
        return behind(column) == behind(first) && before_or_equal(column) == before_or_equal(first) &&
               column.live.descending == first.live.descending;
    });
}

std::vector<std::string> bounds(const KeySide& side, std::size_t from) {
    std::vector<std::string> values;
    for (const auto& column : side.key) {
        values.push_back(fmt::format("${}::{}", from + values.size(), column.live.base_type_sql));
        if (side.shadow && column.shadow_type_sql != column.live.base_type_sql) {
            values.back() += "::" + column.shadow_type_sql;
        }
    }
    return values;
}

std::string condition(const KeySide& side, std::size_t n, const std::string& operation, const std::string& value) {
    return fmt::format("{} {} {}", side.columns[n], operation, value);
}

// Equal up to column n, and there `operation`: for each n such a condition is one range of the index, and together
// they are what the comparison of rows would say.
std::string arm(const KeySide& side, const std::vector<std::string>& values, std::size_t n,
                const std::string& operation) {
    std::string sql;
    for (std::size_t i = 0; i < n; ++i) sql += condition(side, i, side.key[i].live.equals, values[i]) + " AND ";
    return sql + condition(side, n, operation, values[n]);
}

std::vector<std::string> arms_behind(const KeySide& side, const std::vector<std::string>& values) {
    std::vector<std::string> arms;
    for (std::size_t n = 0; n < side.key.size(); ++n) arms.push_back(arm(side, values, n, behind(side.key[n])));
    return arms;
}

std::vector<std::string> arms_up_to(const KeySide& side, const std::vector<std::string>& values) {
    std::vector<std::string> arms;
    for (std::size_t n = 0; n < side.key.size(); ++n) {
        const bool last = n + 1 == side.key.size();
        arms.push_back(arm(side, values, n, last ? before_or_equal(side.key[n]) : before(side.key[n])));
    }
    return arms;
}

std::string rows_where(const KeySide& side, bool lower, bool upper) {
    const auto& first = side.key.front();
    const auto row = fmt::format("ROW({})", fmt::join(side.columns, ", "));
    std::vector<std::string> conditions;
    if (lower) conditions.push_back(fmt::format("{} {} ROW({})", row, behind(first), fmt::join(bounds(side, 1), ", ")));
    if (upper) {
        const auto values = bounds(side, lower ? side.key.size() + 1 : 1);
        conditions.push_back(fmt::format("{} {} ROW({})", row, before_or_equal(first), fmt::join(values, ", ")));
    }
    return fmt::format("{}", fmt::join(conditions, " AND "));
}

// Every pair of arms: one that begins and ends in the same tenant reads no other row of that tenant, and those that
// contradict each other read nothing.
std::string arms_where(const KeySide& side, bool lower, bool upper) {
    std::vector<std::string> from{""}, to{""};
    if (lower) from = arms_behind(side, bounds(side, 1));
    if (upper) to = arms_up_to(side, bounds(side, lower ? side.key.size() + 1 : 1));
    std::vector<std::string> ranges;
    for (const auto& one : from) {
        for (const auto& other : to) {
            ranges.push_back(fmt::format("({}{}{})", one, lower && upper ? " AND " : "", other));
        }
    }
    return fmt::format("({})", fmt::join(ranges, " OR "));
}

}  // namespace

std::string equal_keys(const KeySide& side, const std::vector<std::string>& values) {
    std::vector<std::string> conditions;
    for (std::size_t n = 0; n < side.key.size(); ++n) {
        conditions.push_back(condition(side, n, side.key[n].live.equals, values[n]));
    }
    return fmt::format("{}", fmt::join(conditions, " AND "));
}

std::string range_where(const KeySide& side, bool lower, bool upper) {
    if (!lower && !upper) return "";
    return " WHERE " +
           (one_operator_for_all(side.key) ? rows_where(side, lower, upper) : arms_where(side, lower, upper));
}

std::string key_order(const KeySide& side) {
    std::vector<std::string> order;
    for (std::size_t n = 0; n < side.key.size(); ++n) {
        order.push_back(fmt::format("{} USING {}{}", side.columns[n], before(side.key[n]),
                                    side.key[n].live.nulls_first ? " NULLS FIRST" : ""));
    }
    return fmt::format("{}", fmt::join(order, ", "));
}

std::string nth_key(const KeySide& side, const std::string& from, bool lower) {
    const auto count = fmt::format("${}::bigint", (lower ? side.key.size() : 0) + 1);
    std::vector<std::string> selected, names, order, ranges;
    for (std::size_t n = 0; n < side.key.size(); ++n) {
        selected.push_back(fmt::format("{} AS k{}", side.columns[n], n + 1));
        names.push_back(fmt::format("pgwraith_r.k{0} AS k{0}", n + 1));
        order.push_back(fmt::format("pgwraith_r.k{} USING {}{}", n + 1, before(side.key[n]),
                                    side.key[n].live.nulls_first ? " NULLS FIRST" : ""));
    }
    if (!lower || one_operator_for_all(side.key)) {
        return fmt::format("SELECT {} {}{} ORDER BY {} OFFSET {} LIMIT 1", fmt::join(selected, ", "), from,
                           range_where(side, lower, false), key_order(side), count);
    }
    // An OR would have all that is behind the bound read and sorted: range by range, each no further than needed.
    for (const auto& one : arms_behind(side, bounds(side, 1))) {
        ranges.push_back(fmt::format("(SELECT {} {} WHERE {} ORDER BY {} LIMIT {} + 1)", fmt::join(selected, ", "),
                                     from, one, key_order(side), count));
    }
    return fmt::format("SELECT {} FROM ({}) AS pgwraith_r ORDER BY {} OFFSET {} LIMIT 1", fmt::join(names, ", "),
                       fmt::join(ranges, " UNION ALL "), fmt::join(order, ", "), count);
}

}  // namespace pgwraith::shadow
