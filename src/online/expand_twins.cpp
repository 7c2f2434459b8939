#include "expand_twins.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "pgwraith/base/error.h"
#include "pgwraith/catalog/qualified.h"
#include "pgwraith/plan/server_text.h"
#include "pgwraith/shadow/attachments.h"
#include "unique_keys.h"

namespace pgwraith::online {

namespace {

using catalog::Constraint;
using catalog::ConstraintType;
using catalog::Index;
using catalog::Table;
using plan::Part;
using plan::PartKind;
using postgres::Connection;

class Twins {
  public:
    Twins(const Table& live, const Table& before, const Table& after, ExpansionPlan& plan)
        : live_(live), before_(before), after_(after), plan_(plan) {}

    void find();

  private:
    std::string next_name() { return fmt::format("pgwraith_{}_{}", live_.oid, ++number_); }
    void of_constraint(const Constraint& now);
    void of_index(const Index& now);
    void unique(const Constraint& now);
    void of_statistics(const catalog::Statistics& old);
    Part index_part(const Index& index, const std::string& name) const;
    std::vector<std::string> columns_of(const Index& index) const;
    bool is_twin_of(const Index& now) const;

    const Table& live_;
    const Table& before_;  // the stand-in as the live table is
    const Table& after_;   // with the columns' new names and types
    ExpansionPlan& plan_;
    int number_ = 0;
};

const Index* find_index(const Table& table, const std::string& name) {
    const auto found = std::ranges::find(table.indexes, name, &Index::name);
    return found == table.indexes.end() ? nullptr : &*found;
}

// Behind the table's name: USING btree (a) INCLUDE (b) WITH (…) TABLESPACE s WHERE (…).
std::string behind_table(const Index& index, const std::string& tablespace) {
    auto text = plan::on_table(index.definition, "t");
    text = text.substr(plan::find_unquoted(text, " ON t ") + 6);
    if (tablespace.empty()) return text;
    const auto where = index.partial ? plan::find_last_unquoted(text, " WHERE ") : text.size();
    return text.insert(where, " TABLESPACE " + quote_identifier(tablespace));
}

void Twins::find() {
    for (const auto& now : after_.constraints) {
        const auto before = std::ranges::find(before_.constraints, now.name, &Constraint::name);
        if (before == before_.constraints.end() || before->definition == now.definition) continue;
        of_constraint(now);
    }
    for (const auto& now : after_.indexes) {
        if (now.constraint == 0 && is_twin_of(now)) of_index(now);
    }
    for (const auto& old : live_.statistics) of_statistics(old);
}

bool Twins::is_twin_of(const Index& now) const {
    const auto* before = find_index(before_, now.name);
    return before != nullptr && before->definition != now.definition;
}

void Twins::of_constraint(const Constraint& now) {
    switch (now.type) {
        case ConstraintType::primary_key:
        case ConstraintType::unique:
            return unique(now);
        case ConstraintType::check:
        case ConstraintType::not_null:
            break;
        default:
            plan_.refusals.push_back(
                {fmt::format("the exclusion constraint {} cannot be built for the new column without a long lock",
                             quote_identifier(now.name)),
                 "Drop it before, or change the column by `sql` instead (with a shadow table)."});
            return;
    }
    const auto live = std::ranges::find(live_.constraints, now.name, &Constraint::name);
    const bool validated = live == live_.constraints.end() || live->validated;
    Part part;
    part.kind = PartKind::add_check;
    part.name = next_name();
    part.summary = fmt::format("what {} says, for the new column", quote_identifier(now.name));
    part.clause = now.definition;
    constexpr std::string_view not_valid = " NOT VALID";
    if (part.clause.ends_with(not_valid)) part.clause.resize(part.clause.size() - not_valid.size());
    part.not_valid = !validated;
    plan_.expansion.twins.push_back({Twin::Kind::constraint, part.name, now.name});
    if (now.type == ConstraintType::not_null) return;  // its part comes with the column
    plan_.parts.push_back(std::move(part));
}

std::vector<std::string> Twins::columns_of(const Index& index) const {
    std::vector<std::string> names;
    for (const int attnum : index.key_attnums) {
        const auto* column = after_.column_at(attnum);
        if (column != nullptr) names.push_back(column->name);
    }
    return names;
}

Part Twins::index_part(const Index& index, const std::string& name) const {
    const auto* live = find_index(live_, index.name);
    const auto tablespace = live == nullptr ? std::string() : live->tablespace;
    Part part;
    part.kind = PartKind::create_index;
    part.name = name;
    part.unique = index.unique;
    part.columns = columns_of(index);
    part.summary = fmt::format("build {}, the new column's {}", name, quote_identifier(index.name));
    part.index_clause = behind_table(index, tablespace);
    part.clause = fmt::format("ON {} {}", live_.name.sql(), part.index_clause);
    return part;
}

void Twins::unique(const Constraint& now) {
    const auto index = std::ranges::find(after_.indexes, now.index, &Index::oid);
    ensure(index != after_.indexes.end(), "the constraint has an index");
    if (now.definition.find("WITHOUT OVERLAPS") != std::string::npos) {
        plan_.refusals.push_back(
            {fmt::format("{} (WITHOUT OVERLAPS) cannot be built for the new column without a long lock",
                         quote_identifier(now.name)),
             "Drop it before, or change the column by `sql` instead (with a shadow table)."});
        return;
    }
    const auto* live = find_index(live_, index->name);
    Twin twin{now.type == ConstraintType::primary_key ? Twin::Kind::primary_key : Twin::Kind::constraint, next_name(),
              now.name};
    if (now.deferrable) twin.attributes = now.deferred ? "DEFERRABLE INITIALLY DEFERRED" : "DEFERRABLE";
    twin.clustered = live != nullptr && live->clustered;
    twin.replica_identity = live != nullptr && live->replica_identity;
    auto part = index_part(*index, twin.name);
    if (now.type == ConstraintType::unique) {
        part.kind = PartKind::add_unique;
        part.summary = fmt::format("what {} says, for the new column", quote_identifier(now.name));
        part.attributes = twin.attributes;
    }
    plan_.parts.push_back(std::move(part));
    plan_.expansion.twins.push_back(std::move(twin));
}

void Twins::of_index(const Index& now) {
    const auto* live = find_index(live_, now.name);
    Twin twin{Twin::Kind::index, next_name(), now.name};
    twin.clustered = live != nullptr && live->clustered;
    twin.replica_identity = live != nullptr && live->replica_identity;
    plan_.parts.push_back(index_part(now, twin.name));
    plan_.expansion.twins.push_back(std::move(twin));
}

void Twins::of_statistics(const catalog::Statistics& old) {
    const auto name = shadow::stand_in_name(live_, old);
    const auto* before = before_.statistics_named(name);
    const auto* now = after_.statistics_named(name);
    if (before == nullptr || now == nullptr || before->definition == now->definition) return;
    Part part;
    part.kind = PartKind::create_statistics;
    part.name = next_name();
    const QualifiedName meanwhile{old.name.schema, part.name};
    part.summary = fmt::format("CREATE STATISTICS {}, the new column's {}", part.name, old.name.sql());
    part.sql = plan::statistics_on_table(now->definition, meanwhile.sql(), live_.name.sql());
    if (old.target) part.sql += fmt::format("; ALTER STATISTICS {} SET STATISTICS {}", meanwhile.sql(), *old.target);
    // Whether our role may, the stand-in has shown.
    part.sql += fmt::format("; ALTER STATISTICS {} OWNER TO {}", meanwhile.sql(), quote_identifier(old.owner));
    part.new_name = meanwhile.sql();
    plan_.expansion.twins.push_back({Twin::Kind::statistics, part.name, old.name.name});
    plan_.parts.push_back(std::move(part));
}

Task<void> give_parts(Connection& connection, const Table& live, const QualifiedName& stand_in) {
    for (const auto& constraint : live.constraints) {
        // A NOT NULL comes with LIKE, a foreign key would lock another table.
        if (constraint.type == ConstraintType::not_null || constraint.type == ConstraintType::foreign_key) continue;
        co_await connection.script(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", stand_in.sql(),
                                               quote_identifier(constraint.name), constraint.definition));
    }
    for (const auto& index : live.indexes) {
        if (!index.valid || index.constraint != 0) continue;
        co_await connection.script(plan::on_table(index.definition, stand_in.sql()));
    }
    co_await shadow::create_statistics(connection, live, stand_in);
}

Task<Table> read_stand_in(Connection& connection, QualifiedName stand_in) {
    const auto oid = co_await catalog::find_relation(connection, stand_in);
    ensure(oid.has_value(), "the stand-in is there");
    co_return co_await catalog::read_table(connection, *oid);
}

// Old columns of which no new one is another name or type.
std::set<std::string> without_heir(const Expansion& expansion) {
    std::set<std::string> names(expansion.old_columns.begin(), expansion.old_columns.end());
    for (const auto& column : expansion.columns) names.erase(column.from);
    return names;
}

// As the plain statements would.
Task<void> rename_columns(Connection& connection, const ExpansionPlan& plan, const Table& live,
                          const QualifiedName& stand_in) {
    for (const auto& column : plan.expansion.columns) {
        if (column.from.empty()) continue;
        const auto name = quote_identifier(column.name);
        co_await connection.script(
            fmt::format("ALTER TABLE {0} DROP COLUMN IF EXISTS {2}; ALTER TABLE {0} RENAME "
                        "COLUMN {1} TO {2}",
                        stand_in.sql(), quote_identifier(column.from), name));
        if (live.column(column.from)->type_sql == column.type) continue;
        Value value = column.up;
        value.column = column.name;
        co_await connection.script(fmt::format("ALTER TABLE {} ALTER COLUMN {} TYPE {} USING {}", stand_in.sql(), name,
                                               column.type, over_row(value)));
    }
    // What stands on one of these too goes with it.
    for (const auto& name : without_heir(plan.expansion)) {
        co_await connection.script(
            fmt::format("ALTER TABLE {} DROP COLUMN {} CASCADE", stand_in.sql(), quote_identifier(name)));
    }
}

// For what of them is unique.
Task<void> read_unique_keys(Connection& connection, const Table& after, ExpansionPlan& plan) {
    for (auto& part : plan.parts) {
        const auto twin = std::ranges::find(plan.expansion.twins, part.name, &Twin::name);
        if (twin == plan.expansion.twins.end()) continue;
        const auto* index = find_index(after, twin->old_name);
        if (index != nullptr) part.unique_key = co_await read_unique_key(connection, index->oid);
    }
}

Task<void> plan_foreign_keys(Connection& connection, const Table& live, ExpansionPlan& plan) {
    std::map<std::string, std::string> renamed;
    for (const auto& column : plan.expansion.columns) {
        if (!column.from.empty()) renamed[column.from] = column.name;
    }
    const auto dropped = without_heir(plan.expansion);
    const auto name_now = [&](const std::string& name) { return renamed.contains(name) ? renamed.at(name) : name; };
    const auto keys = co_await catalog::query_qualified(
        connection,
        catalog::for_table(
            "SELECT c.conname, n.nspname, p.relname, pg_get_constraintdef(c.oid), c.confrelid = c.conrelid, "
            "(SELECT jsonb_agg(a.attname ORDER BY k.place) FROM unnest(c.conkey) WITH ORDINALITY AS k (attnum, place) "
            "  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum), "
            "(SELECT jsonb_agg(a.attname ORDER BY k.place) FROM unnest(c.confkey) WITH ORDINALITY AS k (attnum, place) "
            "  JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.attnum), "
            "(to_jsonb(c) -> 'confdelsetcols') IS DISTINCT FROM 'null'::jsonb "
            "FROM pg_constraint c JOIN pg_class p ON p.oid = c.confrelid JOIN pg_namespace n ON n.oid = p.relnamespace "
            "WHERE c.conrelid = $table AND c.contype = 'f' AND c.conparentid = 0 ORDER BY c.conname",
            live.oid));
    for (int row = 0; row < keys.rows(); ++row) {
        auto columns = nlohmann::json::parse(keys.text(row, 5)).get<std::vector<std::string>>();
        auto referenced = nlohmann::json::parse(keys.text(row, 6)).get<std::vector<std::string>>();
        const bool own = keys.boolean(row, 4);
        const auto is_renamed = [&](const auto& name) { return renamed.contains(name); };
        // A key to the table itself, as of a tree, may refer to the column although it is not on it.
        const bool concerned =
            std::ranges::any_of(columns, is_renamed) || (own && std::ranges::any_of(referenced, is_renamed));
        const bool goes = std::ranges::any_of(columns, [&](const auto& name) { return dropped.contains(name); });
        if (!concerned || goes) continue;
        const auto name = keys.str(row, 0);
        if (keys.boolean(row, 7)) {
            plan.refusals.push_back({fmt::format("the foreign key {} sets named columns to NULL (ON DELETE SET … (…)), "
                                                 "which cannot be had for the new column",
                                                 quote_identifier(name)),
                                     "Drop it before, or change the column by `sql` instead."});
            continue;
        }
        for (auto& column : columns) column = name_now(column);
        if (own) {
            for (auto& column : referenced) column = name_now(column);
        }
        auto clause = keys.str(row, 3);
        constexpr std::string_view not_valid = " NOT VALID";
        const bool valid = !clause.ends_with(not_valid);
        if (!valid) clause.resize(clause.size() - not_valid.size());
        const auto tail = plan::find_unquoted(clause, ")", plan::find_unquoted(clause, " REFERENCES ")) + 1;
        const auto quoted = [](const std::vector<std::string>& names) {
            std::string list;
            for (const auto& one : names) list += (list.empty() ? "" : ", ") + quote_identifier(one);
            return list;
        };
        const QualifiedName parent{keys.str(row, 1), keys.str(row, 2)};
        Part part;
        part.kind = PartKind::add_foreign_key;
        part.name = fmt::format("pgwraith_{}_f{}", live.oid, row + 1);
        part.summary = fmt::format("what {} says, for the new column", quote_identifier(name));
        part.columns = columns;
        part.references = parent;
        part.referenced_columns = referenced;
        part.match_full = clause.find("MATCH FULL", tail) != std::string::npos;
        part.not_valid = !valid || clause.find("NOT ENFORCED") != std::string::npos;
        part.clause = fmt::format("FOREIGN KEY ({}) REFERENCES {} ({}){}", quoted(columns), parent.sql(),
                                  quoted(referenced), clause.substr(tail));
        plan.expansion.twins.push_back({Twin::Kind::constraint, part.name, name});
        plan.parts.push_back(std::move(part));
    }
}

// A NOT NULL of an old column holds for the new one as well.
void plan_not_nulls(const Table& live, const Table& after, ExpansionPlan& plan) {
    for (const auto& column : plan.expansion.columns) {
        const auto* old = column.from.empty() ? nullptr : live.column(column.from);
        if (old == nullptr || !old->not_null) continue;
        Part part;
        part.kind = PartKind::set_not_null;
        part.summary = fmt::format("ALTER COLUMN {} SET NOT NULL", column.name);
        part.columns = {column.name};
        // From PostgreSQL 18 on it has a name.
        if (const auto* constraint = after.not_null_of(column.name)) {
            const auto twin = std::ranges::find(plan.expansion.twins, constraint->name, &Twin::old_name);
            if (twin != plan.expansion.twins.end()) part.name = twin->name;
        }
        plan.parts.push_back(std::move(part));
    }
}

}  // namespace

Task<void> plan_twins(Connection& connection, Table live, QualifiedName stand_in, ExpansionPlan& plan) {
    co_await give_parts(connection, live, stand_in);
    const auto before = co_await read_stand_in(connection, stand_in);
    co_await rename_columns(connection, plan, live, stand_in);
    const auto after = co_await read_stand_in(connection, stand_in);
    Twins(live, before, after, plan).find();
    co_await read_unique_keys(connection, after, plan);
    plan_not_nulls(live, after, plan);
    co_await plan_foreign_keys(connection, live, plan);
}

Task<std::map<std::string, std::string>> defaults_after(Connection& connection, Table live, QualifiedName stand_in,
                                                        Expansion expansion) {
    ExpansionPlan plan;
    plan.expansion = expansion;
    for (const auto& column : expansion.columns) {
        const auto* old = column.from.empty() ? nullptr : live.column(column.from);
        if (old == nullptr || !old->default_sql) continue;
        co_await connection.script(fmt::format("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT {}", stand_in.sql(),
                                               quote_identifier(column.from), *old->default_sql));
    }
    co_await rename_columns(connection, plan, live, stand_in);
    const auto after = co_await read_stand_in(connection, stand_in);
    std::map<std::string, std::string> defaults;
    for (const auto& column : expansion.columns) {
        const auto* now = column.from.empty() ? nullptr : after.column(column.name);
        if (now != nullptr && now->default_sql) defaults[column.name] = *now->default_sql;
    }
    co_return defaults;
}

Task<std::map<std::string, QualifiedName>> read_references(Connection& connection, Expansion expansion) {
    std::vector<std::string_view> old(expansion.old_columns.begin(), expansion.old_columns.end());
    const auto keys = co_await connection.query(
        "SELECT DISTINCT c.conname, n.nspname, p.relname FROM pg_catalog.pg_constraint c "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND (a.attnum = ANY (c.conkey) "
        "  OR c.confrelid = c.conrelid AND a.attnum = ANY (c.confkey)) JOIN pg_catalog.pg_class p ON p.oid = "
        "c.confrelid JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace "
        "WHERE c.conrelid = $1::oid AND c.contype = 'f' AND a.attname = ANY ($2::name[])",
        postgres::params(std::to_string(expansion.oid), postgres::array_literal(old)));
    std::map<std::string, QualifiedName> references;
    for (int row = 0; row < keys.rows(); ++row) references[keys.str(row, 0)] = {keys.str(row, 1), keys.str(row, 2)};
    co_return references;
}

}  // namespace pgwraith::online
