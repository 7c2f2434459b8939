// Comments, storage parameters, statistics targets and the like that somebody changes while the migration runs. The
// shadow was made with those of the beginning.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "carriers.h"
#include "carry_settings.h"
#include "pgwraith/base/names.h"
#include "pgwraith/shadow/flags.h"

namespace pgwraith::carry {

namespace {

using Subject = std::pair<std::string, std::string>;  // about and name, as in a Fact
using Values = std::map<Subject, std::string>;

Values taken_along(const catalog::Definition& definition) {
    Values values;
    for (const auto& fact : definition) {
        if (catalog::is_taken_along(fact)) values[{fact.about, fact.name}] = fact.definition;
    }
    return values;
}

std::optional<std::string> value_of(const Values& values, const Subject& subject) {
    const auto found = values.find(subject);
    if (found == values.end()) return std::nullopt;
    return found->second;
}

std::string literal_or_null(const std::optional<std::string>& text) { return text ? quote_literal(*text) : "NULL"; }

using Options = std::vector<shadow::StorageParameter>;

// "a='1', b='it''s'"
Options options_in(const std::string& list) {
    Options options;
    for (std::size_t at = 0; at < list.size(); at += 2) {
        const auto equals = list.find("='", at);
        if (equals == std::string::npos) break;
        shadow::StorageParameter option{list.substr(at, equals - at), ""};
        for (at = equals + 2; at < list.size(); ++at) {
            if (list[at] == '\'' && list.compare(at, 2, "''") != 0) break;
            if (list[at] == '\'') ++at;
            option.value += list[at];
        }
        options.push_back(std::move(option));
        ++at;  // to the comma
    }
    return options;
}

std::string names_of(const Options& options) {
    std::vector<std::string> names;
    for (const auto& option : options) names.push_back(option.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

// ALTER TABLE t ALTER COLUMN c, ALTER INDEX i: with the list of before taken back and that of now set.
void set_options(const std::string& what, const std::optional<std::string>& before,
                 const std::optional<std::string>& now, std::vector<std::string>& sql) {
    if (before) sql.push_back(fmt::format("{} RESET ({})", what, names_of(options_in(*before))));
    if (now) sql.push_back(fmt::format("{} SET ({})", what, *now));
}

// "1 300 2 100": column and target, by turns
void set_targets(const std::string& index, const std::optional<std::string>& before,
                 const std::optional<std::string>& now, std::vector<std::string>& sql) {
    std::map<std::string, std::string> targets;
    auto read = [&](const std::optional<std::string>& list, bool set) {
        std::string text = list.value_or("") + " ";
        std::vector<std::string> words;
        for (std::size_t at = 0, end = 0; (end = text.find(' ', at)) != std::string::npos; at = end + 1) {
            if (end > at) words.push_back(text.substr(at, end - at));
        }
        for (std::size_t i = 0; i + 1 < words.size(); i += 2) targets[words[i]] = set ? words[i + 1] : "-1";
    };
    read(before, false);
    read(now, true);
    for (const auto& [column, target] : targets) {
        sql.push_back(fmt::format("ALTER INDEX {} ALTER COLUMN {} SET STATISTICS {}", index, column, target));
    }
}

std::string storage_word(const std::string& letter) {
    static const std::map<std::string, std::string> words{
        {"p", "PLAIN"}, {"m", "MAIN"}, {"e", "EXTERNAL"}, {"x", "EXTENDED"}};
    return words.at(letter);
}

struct Change {
    std::string about;
    std::string name;  // in the new table
    std::optional<std::string> before;
    std::optional<std::string> now;
};

void of_column(const QualifiedName& table, const Change& change, std::vector<std::string>& sql) {
    const auto column = quote_identifier(change.name);
    const auto alter = fmt::format("ALTER TABLE {} ALTER COLUMN {}", table.sql(), column);
    if (change.about == "comment of column") {
        sql.push_back(fmt::format("COMMENT ON COLUMN {}.{} IS {}", table.sql(), column, literal_or_null(change.now)));
    } else if (change.about == "statistics target of column") {
        sql.push_back(fmt::format("{} SET STATISTICS {}", alter, change.now.value_or("-1")));
    } else if (change.about == "storage of column" && change.now) {
        sql.push_back(fmt::format("{} SET STORAGE {}", alter, storage_word(*change.now)));
    } else if (change.about == "compression of column") {
        const std::string method = !change.now ? "default" : *change.now == "p" ? "pglz" : "lz4";
        sql.push_back(fmt::format("{} SET COMPRESSION {}", alter, method));
    } else if (change.about == "options of column") {
        set_options(alter, change.before, change.now, sql);
    }
}

void of_index(const QualifiedName& table, const Change& change, std::vector<std::string>& sql) {
    const auto index = QualifiedName{table.schema, change.name}.sql();
    if (change.about == "comment of index") {
        sql.push_back(fmt::format("COMMENT ON INDEX {} IS {}", index, literal_or_null(change.now)));
    } else if (change.about == "parameters of index") {
        set_options("ALTER INDEX " + index, change.before, change.now, sql);
    } else {
        set_targets(index, change.before, change.now, sql);
    }
}

// Named with their schemas already.
void of_others(const Change& change, std::vector<std::string>& sql) {
    static constexpr std::string_view key = "table constraint ";
    if (change.about == "comment of extended statistics") {
        sql.push_back(fmt::format("COMMENT ON STATISTICS {} IS {}", change.name, literal_or_null(change.now)));
    } else if (change.about == "statistics target of extended statistics") {
        sql.push_back(fmt::format("ALTER STATISTICS {} SET STATISTICS {}", change.name, change.now.value_or("-1")));
    } else if (change.about == "comment of sequence") {
        sql.push_back(fmt::format("COMMENT ON SEQUENCE {} IS {}", change.name, literal_or_null(change.now)));
    } else if (change.about == "comment of foreign key to the table" && change.name.starts_with(key)) {
        // "table constraint k on s.t"
        sql.push_back(
            fmt::format("COMMENT ON CONSTRAINT {} IS {}", change.name.substr(key.size()), literal_or_null(change.now)));
    }
}

void of_table(const QualifiedName& table, const Change& change, std::vector<std::string>& sql) {
    const auto comment = literal_or_null(change.now);
    if (change.about == "comment") {
        sql.push_back(fmt::format("COMMENT ON TABLE {} IS {}", table.sql(), comment));
    } else if (change.about == "comment of the row type") {
        sql.push_back(fmt::format("COMMENT ON TYPE {} IS {}", table.sql(), comment));
    } else if (change.about == "comment of the array of rows") {
        sql.push_back(fmt::format("COMMENT ON TYPE {}[] IS {}", table.sql(), comment));
    } else if (change.about == "CLUSTER mark") {
        const auto what =
            change.now ? "CLUSTER ON " + quote_identifier(*change.now) : std::string{"SET WITHOUT CLUSTER"};
        sql.push_back(fmt::format("ALTER TABLE {} {}", table.sql(), what));
    }
}

// What the new table has. Some of its constraints are not on the shadow yet.
std::optional<std::string> name_in_new_table(const CarryContext& context, const Subject& subject,
                                             const catalog::Definition& shadow, const std::set<std::string>& at_swap,
                                             const shadow::Blueprint& blueprint) {
    const auto& about = subject.first;
    auto name = subject.second;
    if (about.ends_with(" of index")) name = shadow::name_now(blueprint.renamed_indexes, name);
    if (about == "comment of constraint") name = shadow::name_now(blueprint.renamed_constraints, name);
    auto there = [&](std::string_view kind, const std::string& wanted) {
        return std::ranges::any_of(shadow, [&](const catalog::Fact& f) { return f.about == kind && f.name == wanted; });
    };
    // Whatever schema it is in until the swap.
    auto named_there = [&](std::string_view kind) {
        const auto unqualified = name.substr(name.rfind('.') + 1);
        return std::ranges::any_of(shadow, [&](const catalog::Fact& f) {
            return f.about == kind && f.name.substr(f.name.rfind('.') + 1) == unqualified;
        });
    };
    if (about.ends_with(" of column")) return new_column_name(context.pair, name);
    if (about.ends_with(" of index") && !there("index", name)) return std::nullopt;
    if (about == "comment of constraint" && !there("constraint", name) && !at_swap.contains(name)) return std::nullopt;
    if (about == "comment of sequence" && !named_there("sequence")) return std::nullopt;
    if (about.ends_with(" of extended statistics") && !named_there("extended statistics")) return std::nullopt;
    return name;
}

// The order is part of what a dump says. As if the user's statements were run on the table as it is now: what they do
// not touch stays where it is, what they set comes last.
void set_storage_parameters(const CarryContext& context, const Values& before, const Values& now,
                            const shadow::Blueprint& blueprint, std::vector<std::string>& sql) {
    const auto set_by_user = [&](const std::string& name) {
        return shadow::is_changed(blueprint.flags, "storage parameter", name);
    };
    bool changed = false;
    for (const auto* values : {&before, &now}) {
        for (const auto& [subject, value] : *values) {
            if (subject.first != "storage parameter" || set_by_user(subject.second)) continue;
            changed = changed || value_of(before, subject) != value_of(now, subject);
        }
    }
    if (!changed) return;
    std::vector<std::string> wanted;
    const auto want = [&](const shadow::StorageParameter& one) {
        wanted.push_back(fmt::format("{} = {}", one.name, quote_literal(one.value)));
    };
    for (const auto& one : options_in(context.live.storage_parameters)) {
        if (!set_by_user(one.name)) want(one);
    }
    for (const auto& one : blueprint.storage_parameters) {
        if (set_by_user(one.name)) want(one);
    }
    std::vector<std::string> parts;
    if (!blueprint.storage_parameters.empty()) {
        parts.push_back(fmt::format("RESET ({})", names_of(blueprint.storage_parameters)));
    }
    if (!wanted.empty()) parts.push_back(fmt::format("SET ({})", fmt::join(wanted, ", ")));
    sql.push_back(fmt::format("ALTER TABLE {} {}", context.live.name.sql(), fmt::join(parts, ", ")));
}

}  // namespace

std::vector<std::string> settings_sql(const CarryContext& context, const catalog::Definition& shadow,
                                      const shadow::Blueprint& blueprint, const std::set<std::string>& at_swap) {
    const Values before = taken_along(context.start);
    const Values now = taken_along(context.now);
    const Values made = taken_along(shadow);
    std::set<Subject> subjects;
    for (const auto& [subject, value] : before) subjects.insert(subject);
    for (const auto& [subject, value] : now) subjects.insert(subject);
    std::vector<std::string> sql;
    for (const auto& subject : subjects) {
        const auto name = name_in_new_table(context, subject, shadow, at_swap, blueprint);
        if (!name) continue;
        Change change{subject.first, *name, value_of(before, subject), value_of(now, subject)};
        if (change.about == "CLUSTER mark") {
            for (auto* index : {&change.before, &change.now}) {
                if (*index) *index = shadow::name_now(blueprint.renamed_indexes, **index);
            }
        }
        if (change.before == change.now) continue;
        if (change.about == "options of column" && change.now) {
            const auto* column = context.live.column(subject.second);
            if (column != nullptr) change.now = column->options;  // in their order
        }
        const bool of_shadow = change.about.ends_with(" of column") || change.about.ends_with(" of index") ||
                               change.about == "comment" || change.about == "CLUSTER mark";
        if (of_shadow && value_of(made, {change.about, change.name}) != change.before) continue;  // by the user's SQL
        if (change.about.ends_with(" of column")) {
            of_column(context.live.name, change, sql);
        } else if (change.about.ends_with(" of index")) {
            of_index(context.live.name, change, sql);
        } else if (change.about == "comment of constraint") {
            sql.push_back(fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", quote_identifier(change.name),
                                      context.live.name.sql(), literal_or_null(change.now)));
        } else {
            of_table(context.live.name, change, sql);
            of_others(change, sql);
        }
    }
    set_storage_parameters(context, before, now, blueprint, sql);
    return sql;
}

Task<Carried> carry_settings(postgres::Connection& connection, CarryContext context, shadow::Blueprint blueprint,
                             std::set<std::string> at_swap) {
    Carried carried;
    if (catalog::changes(context.start, context.now).taken_along.empty()) co_return carried;
    const auto shadow = co_await catalog::read_definition(connection, context.pair.shadow_oid);
    carried.after_move = settings_sql(context, shadow, blueprint, at_swap);
    co_return carried;
}

}  // namespace pgwraith::carry
