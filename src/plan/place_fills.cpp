#include "place_fills.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "pgwraith/base/error.h"

namespace pgwraith::plan {

namespace {

using Statements = std::vector<std::vector<Draft>>;

Part fill_part(const std::string& column, const std::string& expression, int line) {
    Part part;
    part.kind = PartKind::fill;
    part.summary = fmt::format("fill column {}", column);
    part.line = line;
    part.columns = {column};
    part.expression = expression;
    return part;
}

bool is_about(const Part& part, const std::string& column) {
    return std::ranges::find(part.columns, column) != part.columns.end();
}

// The draft in which a column comes that is called `name` at the end; nullptr: it stands already. `name` becomes what
// it is called there, or in the live table.
Draft* find_added(Statements& statements, std::string& name) {
    for (auto drafts = statements.rbegin(); drafts != statements.rend(); ++drafts) {
        for (auto draft = drafts->rbegin(); draft != drafts->rend(); ++draft) {
            const Part& part = draft->part;
            if (part.kind == PartKind::rename_column && part.new_name == name) name = part.columns.front();
            if (part.kind == PartKind::add_column && part.columns.front() == name) return &*draft;
        }
    }
    return nullptr;
}

// The bare column, its default, what fills it, NOT NULL.
void fill_added(std::vector<Draft>& drafts, std::size_t at, const std::string& expression) {
    const Draft plain = drafts[at];
    std::vector<Draft> instead = plain.when_filled;
    Draft fill{Pass::fill, fill_part(plain.part.columns.front(), expression, plain.part.line), plain.command};
    instead.push_back(std::move(fill));
    const auto place = drafts.begin() + static_cast<std::ptrdiff_t>(at);
    drafts.insert(drafts.erase(place), instead.begin(), instead.end());
    std::ranges::stable_sort(drafts, {}, &Draft::pass);
}

void fill_added(Statements& statements, const Draft* added, const std::string& expression) {
    for (auto& drafts : statements) {
        for (std::size_t at = 0; at < drafts.size(); ++at) {
            if (&drafts[at] == added) return fill_added(drafts, at, expression);
        }
    }
}

bool needs_it_filled(const Part& part) {
    switch (part.kind) {
        case PartKind::set_not_null:
        case PartKind::add_check:
        case PartKind::add_foreign_key:
        case PartKind::add_unique:
        case PartKind::add_primary_key:
        case PartKind::add_exclusion:
        case PartKind::create_index:
        case PartKind::rename_column:
        case PartKind::drop_column:
        case PartKind::alter_type:
            return true;
        default:
            return false;
    }
}

// A column that stands already: behind the default that new rows get, before whatever needs or moves it.
void fill_standing(std::vector<Part>& parts, const std::string& column, const std::string& expression) {
    Part fill = fill_part(column, expression, 0);
    fill.standing = true;
    const auto read = columns_read(expression);
    const auto touches = [&](const Part& part) {
        if (!needs_it_filled(part)) return false;
        const bool gone = part.kind == PartKind::drop_column || part.kind == PartKind::rename_column ||
                          part.kind == PartKind::alter_type;
        return is_about(part, column) || (gone && std::ranges::find(read, part.columns.front()) != read.end());
    };
    if (std::ranges::find(read, column) != read.end() && !keeps_what_is_there(expression, column)) {
        fill.only_shadow = fmt::format("the new value of {} is computed from its old one, in every row", column);
    }
    const bool retyped = std::ranges::any_of(
        parts, [&](const Part& part) { return part.kind == PartKind::alter_type && is_about(part, column); });
    if (retyped) fill.only_shadow = fmt::format("column {} gets another type and another value", column);
    auto place = std::ranges::find_if(parts, touches);
    auto index = place - parts.begin();
    const auto sets = [&](const Part& part) { return part.kind == PartKind::set_default && is_about(part, column); };
    // Behind a rename it would be another name: such a default stays where it is.
    const auto renamed = std::ranges::find_if(
        parts, [&](const Part& part) { return part.kind == PartKind::rename_column && is_about(part, column); });
    const auto last_default = std::find_if(place, renamed < place ? place : renamed, sets);
    if (last_default != parts.end() && last_default != renamed) {
        std::rotate(place, last_default, last_default + 1);
        ++index;
    }
    parts.insert(parts.begin() + index, std::move(fill));
}

// What the expression reads must be there, as it was, when the column is filled.
void keep_what_it_reads(std::vector<Part>& parts, std::size_t at) {
    const std::string filled = parts[at].columns.front();
    const auto read = columns_read(*parts[at].expression);
    const auto reads = [&](const Part& part) {
        return !part.columns.empty() && std::ranges::find(read, part.columns.front()) != read.end();
    };
    for (std::size_t i = at; i-- > 0;) {
        const Part& part = parts[i];
        if (!reads(part)) continue;
        const std::string column = part.columns.front();
        if (part.kind == PartKind::rename_column) {
            parts[at].only_shadow =
                fmt::format("what fills {} reads {}, which is called {} by then", filled, column, part.new_name);
        } else if (part.kind == PartKind::alter_type) {
            parts[at].only_shadow =
                fmt::format("what fills {} reads {}, which has another type by then", filled, column);
        } else if (part.kind == PartKind::drop_column) {
            const bool again =
                std::any_of(parts.begin() + static_cast<std::ptrdiff_t>(i), parts.end(), [&](const Part& later) {
                    return (later.kind == PartKind::add_column && later.columns.front() == column) ||
                           (later.kind == PartKind::rename_column && later.new_name == column);
                });
            if (again) {
                parts[at].only_shadow = fmt::format(
                    "what fills {} reads the old {}, and the name is given to another column", filled, column);
                continue;
            }
            const auto begin = parts.begin();
            std::rotate(begin + static_cast<std::ptrdiff_t>(i), begin + static_cast<std::ptrdiff_t>(i) + 1,
                        begin + static_cast<std::ptrdiff_t>(at) + 1);
            --at;
        }
    }
}

// `values` are computed from the old row. What another fill has put there would be read otherwise, at least by a later
// pass.
void leave_readers_of_fills_to_the_shadow(std::vector<Part>& parts) {
    for (Part& part : parts) {
        if (part.kind != PartKind::fill || !part.only_shadow.empty()) continue;
        const auto read = columns_read(*part.expression);
        for (const Part& other : parts) {
            if (other.kind != PartKind::fill || &other == &part) continue;
            const std::string& column = other.columns.front();
            if (std::ranges::find(read, column) == read.end()) continue;
            part.only_shadow = fmt::format(
                "what fills {} reads {}, which is filled as well: it is computed from the "
                "old row",
                part.columns.front(), column);
        }
    }
}

// Whether a part is about what the other one is about; two fills may read the same.
bool meets(const Part& part, const Part& other) {
    std::set<std::string> columns(part.columns.begin(), part.columns.end());
    if (!part.new_name.empty()) columns.insert(part.new_name);
    const auto is_mine = [&](const std::string& column) { return columns.contains(column); };
    if (std::ranges::any_of(other.columns, is_mine)) return true;
    return other.kind == PartKind::fill && std::ranges::any_of(columns_read(*other.expression), is_mine);
}

// Whether its place beside a fill of other columns is of no matter.
bool is_about_its_columns_only(const Part& part) {
    switch (part.kind) {
        case PartKind::add_column:
        case PartKind::set_default:
        case PartKind::drop_default:
        case PartKind::set_not_null:
        case PartKind::add_check:
        case PartKind::add_foreign_key:
        case PartKind::add_unique:
        case PartKind::add_primary_key:
        case PartKind::create_index:
        case PartKind::set_statistics:
        case PartKind::set_column_options:
        case PartKind::fill:
            return !part.columns.empty();
        case PartKind::comment:
            return true;
        default:
            return false;
    }
}

bool may_change_places(const Part& one, const Part& other) {
    if (!is_about_its_columns_only(one) || !is_about_its_columns_only(other)) return false;
    // Columns stand in the order in which they came.
    if (one.kind == PartKind::add_column && other.kind == PartKind::add_column) return false;
    return !meets(one, other) && !meets(other, one);
}

// The fill at `at` goes behind the one that ends at `last`, which begins at `first`: what it needs of the parts in
// between goes before both, the rest behind. Whether that could be done.
bool join_fill(std::vector<Part>& parts, std::size_t first, std::size_t last, std::size_t at) {
    std::vector<Part> before;
    std::vector<Part> behind;
    const auto passes = [](const std::vector<Part>& all, const Part& part) {
        return std::ranges::all_of(all, [&](const Part& one) { return may_change_places(one, part); });
    };
    const std::vector<Part> fills(parts.begin() + static_cast<std::ptrdiff_t>(first),
                                  parts.begin() + static_cast<std::ptrdiff_t>(last) + 1);
    if (!passes(fills, parts[at])) return false;
    for (std::size_t i = at; --i > last;) {
        const Part& part = parts[i];
        if (may_change_places(part, parts[at]) && passes(before, part)) {
            behind.insert(behind.begin(), part);
        } else if (passes(fills, part)) {
            before.insert(before.begin(), part);
        } else {
            return false;
        }
    }
    std::vector<Part> together = std::move(before);
    together.insert(together.end(), fills.begin(), fills.end());
    together.push_back(parts[at]);
    together.insert(together.end(), behind.begin(), behind.end());
    std::ranges::move(together, parts.begin() + static_cast<std::ptrdiff_t>(first));
    return true;
}

// Fills that stand side by side write each row once.
void join_fills(std::vector<Part>& parts) {
    std::optional<std::size_t> first;
    std::size_t last = 0;
    for (std::size_t at = 0; at < parts.size(); ++at) {
        if (parts[at].kind != PartKind::fill) continue;
        if (first && (at == last + 1 || join_fill(parts, *first, last, at))) {
            // Where it stands now: what it needed stands before the first.
            while (parts[*first].kind != PartKind::fill) ++*first;
            last = *first;
            while (last + 1 < parts.size() && parts[last + 1].kind == PartKind::fill) ++last;
        } else {
            first = last = at;
        }
    }
}

}  // namespace

std::vector<Part> place_fills(Statements statements, const std::map<std::string, std::string>& values,
                              const std::set<std::string>& computed_defaults) {
    std::vector<std::pair<std::string, std::string>> standing;
    for (const auto& [name, text] : values) {
        const auto expression = check_expression(text, fmt::format("values: {}", name));
        std::string column = name;
        if (const Draft* added = find_added(statements, column)) {
            fill_added(statements, added, expression);
        } else {
            standing.emplace_back(column, expression);
        }
    }
    for (auto& drafts : statements) {
        for (std::size_t at = 0; at < drafts.size(); ++at) {
            const Draft& draft = drafts[at];
            const bool computed = draft.part.kind == PartKind::add_column && draft.part.expression &&
                                  computed_defaults.contains(draft.part.columns.front());
            if (!computed) continue;
            const std::string expression = *draft.part.expression;
            fill_added(drafts, at, expression);
        }
    }
    std::vector<Part> parts;
    for (auto& drafts : statements) {
        for (auto& draft : drafts) parts.push_back(std::move(draft.part));
    }
    for (const auto& [column, expression] : standing) fill_standing(parts, column, expression);
    for (std::size_t at = 0; at < parts.size(); ++at) {
        if (parts[at].kind == PartKind::fill && !parts[at].standing) keep_what_it_reads(parts, at);
    }
    leave_readers_of_fills_to_the_shadow(parts);
    join_fills(parts);
    return parts;
}

}  // namespace pgwraith::plan
