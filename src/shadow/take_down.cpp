#include "take_down.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "parts.h"

namespace pgwraith::shadow {

using catalog::Constraint;
using catalog::Index;
using catalog::Table;
using postgres::Connection;

namespace {

// Until it has its final replica identity it has FULL: a publication of all tables, there or yet to come, would make
// our own DELETEs of its rows fail otherwise.
std::string identity_sql(const Table& shadow, const char* identity) {
    return fmt::format("ALTER TABLE {} REPLICA IDENTITY {}", shadow.name.sql(), identity);
}

}  // namespace

bool identity_is_gone(const Table& shadow) {
    return shadow.replica_identity == catalog::IdentityKind::index &&
           std::ranges::none_of(shadow.indexes, &Index::replica_identity);
}

namespace {

// An index that is one takes over as soon as it is built, see index_settings().
void plan_identity(const Table& shadow, Blueprint& blueprint) {
    if (shadow.replica_identity == catalog::IdentityKind::nothing)
        blueprint.at_swap_sql.push_back(identity_sql(shadow, "NOTHING"));
    const bool index_gone = identity_is_gone(shadow);
    if (index_gone) {
        blueprint.warnings.push_back(
            "the index that is the table's replica identity goes with the change: the new table has REPLICA IDENTITY "
            "DEFAULT");
    }
    if (shadow.replica_identity != catalog::IdentityKind::primary_key && !index_gone) return;
    for (const auto& index : shadow.indexes) {
        if (!index.primary || !index.immediate) continue;
        for (auto& plan : blueprint.indexes) {
            if (plan.name != index.name) continue;
            plan.after_sql.push_back(identity_sql(shadow, "DEFAULT"));
            return;
        }
    }
    blueprint.at_swap_sql.push_back(identity_sql(shadow, "DEFAULT"));
}

}  // namespace

Blueprint take_down(const Table& shadow) {
    Blueprint blueprint;
    blueprint.shadow_oid = shadow.oid;
    for (const auto& index : shadow.indexes) {
        IndexPlan plan;
        plan.name = index.name;
        plan.unique = index.unique;
        if (index.unique && !index.partial && !index.expressions) {
            for (auto attnum : index.key_attnums) plan.key_columns.push_back(shadow.column_at(attnum)->name);
        }
        plan.create_sql = index_sql(index, shadow.name.sql());
        plan.after_sql = index_settings(shadow, index, shadow.name);
        bool own = true;
        for (const auto& constraint : shadow.constraints) {
            if (constraint.index != index.oid || constraint.type == catalog::ConstraintType::foreign_key) continue;
            if (stands_on_plain_index(constraint, &index)) {
                plan.constraint_sql = constraint_on_index_sql(constraint, shadow.name.sql());
            } else {
                own = false;
                blueprint.after_build_sql.push_back(tablespace_sql(index) +
                                                    add_constraint_sql(constraint, shadow.name.sql()));
                for (const auto& sql : plan.after_sql) blueprint.after_build_sql.push_back(sql);
            }
        }
        if (own) blueprint.indexes.push_back(std::move(plan));
    }
    for (const auto& constraint : shadow.constraints) {
        if (!binds_new_rows_only(constraint)) continue;
        for (auto& sql : constraint_and_comment(constraint, shadow.name.sql())) {
            blueprint.at_swap_sql.push_back(std::move(sql));
        }
    }
    plan_identity(shadow, blueprint);
    return blueprint;
}

void build_first(Blueprint& blueprint, const QualifiedName& table) {
    auto columns = [](const IndexPlan& index) {
        return std::set<std::string>(index.key_columns.begin(), index.key_columns.end());
    };
    for (auto& index : blueprint.indexes) {
        const bool referenced = std::ranges::any_of(blueprint.foreign_keys, [&](const ForeignKey& key) {
            return key.parent == table && key.parent_index == index.name;
        });
        const auto alike = std::ranges::count_if(blueprint.indexes, [&](const IndexPlan& other) {
            return other.unique && !other.key_columns.empty() && columns(other) == columns(index);
        });
        index.first = referenced && alike > 1;
    }
}

Task<void> strip(Connection& connection, Table shadow) {
    std::string sql;
    if (shadow.replica_identity != catalog::IdentityKind::full) sql += identity_sql(shadow, "FULL") + "; ";
    for (const auto& constraint : shadow.constraints) {
        bool indexed = constraint.type == catalog::ConstraintType::primary_key ||
                       constraint.type == catalog::ConstraintType::unique ||
                       constraint.type == catalog::ConstraintType::exclusion;
        if (indexed || binds_new_rows_only(constraint))
            sql += drop_constraint_sql(constraint, shadow.name.sql()) + "; ";
    }
    for (const auto& index : shadow.indexes) {
        if (index.constraint == 0)
            sql += fmt::format("DROP INDEX {}; ", QualifiedName{shadow.name.schema, index.name}.sql());
    }
    if (!sql.empty()) co_await connection.script(sql);
}

}  // namespace pgwraith::shadow
