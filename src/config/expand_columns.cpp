// The setting `expand`: new columns beside old ones.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "field.h"
#include "problems.h"

namespace pgwraith::config {
namespace {

constexpr const char* expected_of_a_column =
    "new columns, each with `from: old_column` (and `type`, if it changes) or with `up` and `down`";

ExpandColumn& column_named(std::vector<ExpandColumn>& columns, const std::string& name) {
    const auto found = std::ranges::find(columns, name, &ExpandColumn::name);
    if (found != columns.end()) return *found;
    columns.push_back({name, "", "", "", {}});
    return columns.back();
}

// `keys` lead from the column to the text.
Complaint set_part(ExpandColumn& column, const std::vector<std::string>& keys, const std::string& text) {
    static const std::vector<std::string> known{"from", "type", "up", "down"};
    if (keys.empty()) return fmt::format("is a single value (expected a mapping with {})", fmt::join(known, ", "));
    const std::string& key = keys.front();
    if (std::ranges::find(known, key) == known.end()) {
        const std::string near = nearest(key, known);
        return fmt::format("unknown key{} (expected one of {})", near.empty() ? "" : ", did you mean " + near + "?",
                           fmt::join(known, ", "));
    }
    if (key == "down") {
        if (keys.size() != 2) return "is a single value (expected a mapping: an SQL expression for each old column)";
        if (keys.back().empty()) return "the column's name is empty (expected an old column)";
        if (is_blank(text)) return "is empty (expected an SQL expression over the new columns)";
        column.down[keys.back()] = text;
        return {};
    }
    if (keys.size() != 1) return "is a mapping (expected a text)";
    if (is_blank(text)) return "is empty (expected a text)";
    (key == "from" ? column.from : key == "type" ? column.type : column.up) = text;
    return {};
}

std::string contradiction_of(const ExpandColumn& column) {
    if (!column.from.empty() && (!column.up.empty() || !column.down.empty())) {
        return "has `from` beside `up` or `down` (expected `from`, or `up` and `down`)";
    }
    if (column.from.empty() && column.up.empty()) return "has neither `from` nor `up` (expected one of them)";
    if (!column.up.empty() && column.down.empty()) {
        return "has `up` and no `down` (expected what the old columns get when the new version of the application "
               "writes this one)";
    }
    if (column.from == column.name || column.down.contains(column.name)) {
        return "is to replace itself (expected another column)";
    }
    return {};
}

// Each old column has one source, so that it does not matter which of two new columns was written last.
void find_rivals(const Settings& settings, std::vector<Contradiction>& found) {
    std::map<std::string, std::pair<std::string, std::string>> sources;  // old column -> expression, new column
    for (const auto& column : settings.expand) {
        auto down = column.down;
        if (!column.from.empty()) down[column.from] = column.name;
        for (const auto& [old, expression] : down) {
            const auto [known, is_new] = sources.emplace(old, std::pair(expression, column.name));
            if (is_new || known->second.first == expression) continue;
            found.push_back({{"expand." + column.name, "expand"},
                             fmt::format("{} and {} give the old column {} different values (expected the same "
                                         "expression for it in all of them)",
                                         shown(known->second.second), shown(column.name), shown(old))});
        }
    }
}

}  // namespace

Field expand_columns(std::string key, Changes changes, Place<std::vector<ExpandColumn>> place) {
    auto set_inside = [place](Settings& settings, const std::vector<std::string>& path,
                              const std::string& text) -> Complaint {
        if (path.front().empty()) return "the new column's name is empty";
        ExpandColumn& column = column_named(place(settings), path.front());
        return set_part(column, {path.begin() + 1, path.end()}, text);
    };
    auto set = [](Settings&, const std::string&, const std::string&) { return Complaint("cannot be set so"); };
    return bound(Field{std::move(key), changes, expected_of_a_column, set, Shape::tree, std::move(set_inside)}, place);
}

std::vector<Contradiction> expand_contradictions(const Settings& settings) {
    std::vector<Contradiction> found;
    if (settings.expand.empty()) return found;
    const std::string alone =
        "(expected `expand` alone: what else is to change is a migration of its own, before it "
        "or after `pgwraith contract`)";
    if (!is_blank(settings.sql)) found.push_back({{"expand"}, "stands beside `sql` " + alone});
    if (!settings.values.empty()) found.push_back({{"expand"}, "stands beside `values` " + alone});
    if (settings.strategy == Strategy::shadow) {
        found.push_back(
            {{"strategy", "expand"},
             "a shadow table cannot keep two versions of a column (expected auto or direct with `expand`)"});
    }
    for (const auto& column : settings.expand) {
        if (auto what = contradiction_of(column); !what.empty()) {
            found.push_back({{"expand." + column.name, "expand"}, std::move(what)});
        }
    }
    find_rivals(settings, found);
    return found;
}

}  // namespace pgwraith::config
