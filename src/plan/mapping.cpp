#include "pgwraith/plan/mapping.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "key_type.h"
#include "pgwraith/base/error.h"
#include "pgwraith/base/names.h"

namespace pgwraith::plan {

namespace {

using catalog::Column;
using catalog::Table;

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
    throw Error(ErrorKind::refused, what, hint);
}

// The cast, and the new column's collation by name: two columns' own collations would clash when compared.
std::string cast(const std::string& expression, const Column& column) {
    const std::string typed = fmt::format("({})::{}", expression, column.type_sql);
    return column.collation_sql.empty() ? typed : fmt::format("{} COLLATE {}", typed, column.collation_sql);
}

// Types that are not PostgreSQL's own come with their schema: they may be domains with a default of their own.
bool is_user_type(const Column& column) { return column.type_sql.find('.') != std::string::npos; }

// A literal such as 'now' means another moment each time it is read.
bool is_of_time(const Column& column) {
    return column.base_type_sql.starts_with("time") || column.base_type_sql.starts_with("date");
}

// 'orders'::regclass in a row means the table by its OID: the old one's is the new one's there, as after an ALTER
// TABLE.
std::string about_the_new(const std::string& expression, const Column& column, const Table& live, const Table& shadow) {
    const bool array = column.base_type_sql == "regclass[]";
    const std::string list =
        array ? fmt::format("({})::regclass[]", expression) : fmt::format("ARRAY[({})::regclass]", expression);
    const std::string replaced =
        fmt::format("array_replace({}, '{}'::regclass, '{}'::regclass)", list, live.oid, shadow.oid);
    return array ? replaced : fmt::format("({})[1]", replaced);
}

class Mapper {
  public:
    Mapper(const Table& live, const Table& shadow, const UserSql& sql, const std::map<std::string, std::string>& values)
        : live_(live), shadow_(shadow), sql_(sql), values_(values) {}

    Mapping map(const catalog::Key& key);

  private:
    const Column* old_of(const Column& column) const;
    const Column* new_of(const Column& old) const;
    void check_values() const;
    MappedColumn map_column(const Column& column) const;
    void map_value(const Column& column, const std::string& expression, MappedColumn& mapped) const;
    void map_old(const Column& old, const Column& column, MappedColumn& mapped) const;
    void map_added(const Column& column, MappedColumn& mapped) const;
    void map_added_default(const Column& column, const std::string& expression, MappedColumn& mapped) const;
    MappedKeyColumn map_key_column(const catalog::KeyColumn& part) const;

    const Table& live_;
    const Table& shadow_;
    const UserSql& sql_;
    const std::map<std::string, std::string>& values_;
    std::set<int> key_columns_;  // of the live table
};

// The shadow was made without the live table's holes: its attribute numbers count the live columns.
const Column* Mapper::old_of(const Column& column) const {
    const auto index = static_cast<std::size_t>(column.attnum - 1);
    return index < live_.columns.size() ? &live_.columns[index] : nullptr;
}

const Column* Mapper::new_of(const Column& old) const {
    return shadow_.column_at(static_cast<int>(&old - live_.columns.data()) + 1);
}

void Mapper::check_values() const {
    for (const auto& [name, expression] : values_) {
        if (shadow_.column(name) != nullptr) continue;
        const auto renamed = sql_.renamed_columns.find(name);
        refuse(fmt::format("values: {} is no column of the new table", name),
               renamed != sql_.renamed_columns.end()
                   ? fmt::format("It is called {} there.", renamed->second)
                   : "Name a column as it is after the statements under `sql`, or remove the entry.");
    }
}

void Mapper::map_value(const Column& column, const std::string& expression, MappedColumn& mapped) const {
    if (column.generated != catalog::Generated::none) {
        refuse(fmt::format("values: {} is a generated column, which PostgreSQL computes itself", column.name),
               "Remove the entry, or make it a plain column.");
    }
    const std::string checked = check_expression(expression, fmt::format("values: {}", column.name));
    mapped.expression = fmt::format("({})", checked);
    mapped.verify_expression = cast(checked, column);
    mapped.origin = "values";
}

void Mapper::map_old(const Column& old, const Column& column, MappedColumn& mapped) const {
    const std::string name = quote_identifier(old.name);
    const auto expression = sql_.using_expressions.find(column.name);
    // A key column keeps its value, so that its own cast says nothing that the change of type does not.
    const bool plain_key = key_columns_.contains(old.attnum) && sql_.own_casts.contains(column.name);
    if (expression != sql_.using_expressions.end() && !plain_key) {
        mapped.expression = fmt::format("({})", expression->second);
        mapped.verify_expression = cast(expression->second, column);
        mapped.origin = "USING";
        return;
    }
    const bool same = old.type_sql == column.type_sql && old.collation_sql == column.collation_sql;
    mapped.expression = name;
    mapped.verify_expression = same ? name : cast(name, column);
    mapped.origin = same ? "same" : "cast";
}

void Mapper::map_added_default(const Column& column, const std::string& expression, MappedColumn& mapped) const {
    mapped.origin = "default";
    if (!sql_.superseded_defaults.contains(column.name) && column.default_sql) {
        // As the server understood it: 'now' has become a moment, functions are qualified.
        if (!column.default_immutable) return;
        mapped.expression = fmt::format("({})", *column.default_sql);
        mapped.verify_expression = cast(*column.default_sql, column);
        return;
    }
    // To the type without its modifier: a bare literal has no type of its own, and a value that is too long must fail
    // rather than be cut.
    mapped.expression = fmt::format("({})::{}", expression, column.base_type_sql);
    if (sql_.constant_defaults.contains(column.name) && !is_of_time(column) && !is_user_type(column)) {
        mapped.verify_expression = cast(expression, column);
    }
}

void Mapper::map_added(const Column& column, MappedColumn& mapped) const {
    const std::string hint =
        fmt::format("Give it a DEFAULT in ADD COLUMN, or write its expression under `values`: {}.", column.name);
    const auto added = sql_.added_defaults.find(column.name);
    if (added != sql_.added_defaults.end()) return map_added_default(column, added->second, mapped);
    const bool serial = sql_.added_serials.contains(column.name);
    if (serial && (!column.default_sql || sql_.superseded_defaults.contains(column.name))) {
        refuse(fmt::format("column {} is added as serial and then gets another default or none", column.name), hint);
    }
    mapped.origin = "default";
    if (serial || column.identity != catalog::IdentityColumn::none) return;
    if (column.not_null) {
        refuse(fmt::format("column {} is NOT NULL, and nothing says what existing rows get", column.name), hint);
    }
    // A default that was set later is for new rows only.
    if (column.default_sql) mapped.expression = fmt::format("NULL::{}", column.base_type_sql);
    if (column.default_sql || !is_user_type(column)) mapped.verify_expression = cast("NULL", column);
}

MappedColumn Mapper::map_column(const Column& column) const {
    MappedColumn mapped;
    mapped.name = column.name;
    mapped.type_sql = column.type_sql;
    const Column* old = old_of(column);
    if (old != nullptr) mapped.old_name = old->name;
    const auto value = values_.find(column.name);
    if (value != values_.end()) {
        map_value(column, value->second, mapped);
    } else if (column.generated != catalog::Generated::none) {
        mapped.origin = "generated";
    } else if (old != nullptr) {
        map_old(*old, column, mapped);
    } else {
        map_added(column, mapped);
    }
    if (column.base_type_sql != "regclass" && column.base_type_sql != "regclass[]") return mapped;
    if (old != nullptr && key_columns_.contains(old->attnum)) return mapped;
    for (auto* expression : {&mapped.expression, &mapped.verify_expression}) {
        if (*expression) *expression = about_the_new(**expression, column, live_, shadow_);
    }
    return mapped;
}

MappedKeyColumn Mapper::map_key_column(const catalog::KeyColumn& part) const {
    const Column* old = live_.column_at(part.attnum);
    ensure(old != nullptr, "the key names a column that the live table lacks");
    const Column* now = new_of(*old);
    const std::string finish_first = "Rows are followed by their key while the table is copied.";
    if (now == nullptr) {
        refuse(fmt::format("key column {} is dropped", old->name),
               finish_first + " Choose another key (`key: …` in the configuration), or keep the column.");
    }
    const bool with_using = sql_.using_expressions.contains(now->name) && !sql_.own_casts.contains(now->name);
    if (values_.contains(now->name) || with_using) {
        refuse(fmt::format("key column {} gets another value ({})", now->name,
                           values_.contains(now->name) ? "values" : "USING"),
               finish_first + " Leave the expression away: a key column keeps its value.");
    }
    if (!keeps_key(old->type_sql, now->type_sql)) {
        refuse(fmt::format("key column {} changes from {} to {}, which does not keep every value and their order",
                           now->name, old->type_sql, now->type_sql),
               finish_first + " It may become a wider type: smallint, integer, bigint, numeric; varchar, text.");
    }
    if (old->collation_sql != now->collation_sql) {
        refuse(fmt::format("key column {} changes its collation from {} to {}", now->name, old->collation_sql,
                           now->collation_sql),
               finish_first + " Keep the column's collation.");
    }
    return {part, now->name, now->base_type_sql};
}

Mapping Mapper::map(const catalog::Key& key) {
    check_values();
    for (const catalog::KeyColumn& part : key.columns) key_columns_.insert(part.attnum);
    Mapping mapping;
    for (const catalog::KeyColumn& part : key.columns) mapping.key.push_back(map_key_column(part));
    for (const Column& column : shadow_.columns) mapping.columns.push_back(map_column(column));
    for (const Column& old : live_.columns) {
        if (new_of(old) == nullptr) mapping.dropped.push_back(old.name);
    }
    return mapping;
}

}  // namespace

Mapping map_columns(const Table& live, const catalog::Key& key, const Table& shadow, const UserSql& sql,
                    const std::map<std::string, std::string>& values) {
    return Mapper(live, shadow, sql, values).map(key);
}

std::vector<Unverified> unverified_columns(const Mapping& mapping) {
    std::vector<Unverified> columns;
    for (const MappedColumn& column : mapping.columns) {
        if (column.verify_expression || column.origin == "generated") continue;
        std::string why = fmt::format(
            "column {} is filled by its default, which is not immutable: a row gets the value of the moment at which "
            "it "
            "comes into the new table; verification leaves it out",
            column.name);
        if (column.origin != "default") {
            why = fmt::format(
                "column {} is computed by an expression that is not immutable ({}): a row gets the value of the moment "
                "at "
                "which it is copied, or is changed last; verification leaves it out",
                column.name, column.expression.value_or(""));
        } else if (column.expression) {
            why = fmt::format("column {} is filled with {}, which verification leaves out", column.name,
                              *column.expression);
        }
        columns.push_back({column.name, std::move(why)});
    }
    return columns;
}

std::string insert_columns(const Mapping& mapping) {
    std::vector<std::string> names;
    for (const MappedColumn& column : mapping.columns) {
        if (column.expression) names.push_back(quote_identifier(column.name));
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string select_expressions(const Mapping& mapping) {
    std::vector<std::string> expressions;
    for (const MappedColumn& column : mapping.columns) {
        if (column.expression) expressions.push_back(*column.expression);
    }
    return fmt::format("{}", fmt::join(expressions, ", "));
}

}  // namespace pgwraith::plan
