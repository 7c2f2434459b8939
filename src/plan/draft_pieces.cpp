#include "draft_pieces.h"

#include <algorithm>

#include "alter_table.h"
#include "words.h"

namespace pgwraith::plan {

std::vector<std::string> columns_in(ProtobufCMessage& message) {
    std::vector<std::string> columns;
    walk(message, [&](ProtobufCMessage& below) {
        auto* reference = message_as<PgQuery__ColumnRef>(below, pg_query__column_ref__descriptor);
        if (reference == nullptr) return;
        auto name = strings(reference->fields, reference->n_fields).back();
        if (!name.empty() && std::ranges::find(columns, name) == columns.end()) columns.push_back(std::move(name));
    });
    return columns;
}

KindOf kind_of(const PgQuery__AlterTableCmd& command) {
    switch (command.subtype) {
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
            return {PartKind::drop_column, Pass::drop};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
            return {PartKind::alter_type, Pass::alter_type};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
            if (command.def == nullptr) return {PartKind::drop_default, Pass::drop};
            return {PartKind::set_default, Pass::add_constraint};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull:
            return {PartKind::set_not_null, Pass::column_attributes};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull:
            return {PartKind::drop_not_null, Pass::drop};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropExpression:
            return {PartKind::drop_expression, Pass::drop};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics:
            return {PartKind::set_statistics, Pass::rest};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetCompression:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetOptions:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ResetOptions:
            return {PartKind::set_column_options, Pass::rest};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity:
            return {PartKind::add_identity, Pass::add_constraint};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetIdentity:
            return {PartKind::set_identity, Pass::rest};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropIdentity:
            return {PartKind::drop_identity, Pass::drop};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint:
            return {PartKind::drop_constraint, Pass::drop};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint:
            return {PartKind::validate_constraint, Pass::rest};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions:
            return {PartKind::set_storage_parameters, Pass::rest};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetTableSpace:
            return {PartKind::set_tablespace, Pass::rest};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ClusterOn:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropCluster:
            return {PartKind::cluster_mark, Pass::rest};
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropOf:
            return {PartKind::not_of, Pass::rest};
        default:
            return {PartKind::other, Pass::rest};
    }
}

bool is_about_a_column(PartKind kind) {
    switch (kind) {
        case PartKind::drop_constraint:
        case PartKind::validate_constraint:
        case PartKind::cluster_mark:
        case PartKind::set_tablespace:
            return false;
        default:
            return true;
    }
}

KindOf kind_of(const PgQuery__Constraint& constraint) {
    switch (constraint.contype) {
        case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
            return {PartKind::add_check, Pass::add_constraint};
        case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
            return {PartKind::add_foreign_key, Pass::add_constraint};
        case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
        case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
            if (*constraint.indexname != '\0') return {PartKind::add_constraint_using_index, Pass::add_index};
            if (constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE) {
                return {PartKind::add_unique, Pass::add_index};
            }
            return {PartKind::add_primary_key, Pass::add_index};
        case PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION:
            return {PartKind::add_exclusion, Pass::add_index};
        default:
            return {PartKind::other, Pass::rest};
    }
}

void add_columns_of(const PgQuery__Constraint& constraint, Part& part) {
    for (const auto& names :
         {strings(constraint.keys, constraint.n_keys), strings(constraint.fk_attrs, constraint.n_fk_attrs)}) {
        part.columns.insert(part.columns.end(), names.begin(), names.end());
    }
    if (constraint.raw_expr != nullptr) part.columns = columns_in(constraint.raw_expr->base);
    for (std::size_t i = 0; i < constraint.n_exclusions; ++i) {
        const auto* pair = constraint.exclusions[i]->list;
        const PgQuery__IndexElem& element = *pair->items[0]->index_elem;
        if (*element.name != '\0') part.columns.emplace_back(element.name);
    }
    if (constraint.pktable != nullptr) {
        part.references = QualifiedName{constraint.pktable->schemaname, constraint.pktable->relname};
        part.referenced_columns = strings(constraint.pk_attrs, constraint.n_pk_attrs);
    }
}

void add_clauses(const std::string& what, Part& part) {
    const std::string sql = "ALTER TABLE t " + what;
    const Words words(sql);
    std::size_t from = 4;
    if (words.is(from, "CONSTRAINT")) from += 2;
    std::size_t end = words.size();
    // NOT VALID stands among the attributes. The recipe that adds the constraint says it anew.
    std::string behind;
    for (std::size_t i = from; i + 1 < end; ++i) {
        if (!words.is(i, "NOT") || !words.is(i + 1, "VALID")) continue;
        behind = words.text(i + 2, end);
        end = i;
    }
    const auto with_behind = [&](std::size_t begin) {
        auto text = words.text(begin, end);
        if (!behind.empty()) text += (text.empty() ? "" : " ") + behind;
        return text;
    };
    part.clause = with_behind(from);
    if (part.kind == PartKind::add_check) {
        const std::size_t open = words.find("(", from, end);
        part.expression = words.text(open + 1, words.behind_parenthesis(open) - 1);
    }
    if (part.kind == PartKind::add_constraint_using_index) {
        part.attributes = with_behind(words.find("INDEX", from, end) + 2);
    }
    if (part.kind != PartKind::add_unique && part.kind != PartKind::add_primary_key) return;
    const std::size_t open = words.find("(", from, end);
    std::size_t at = words.behind_parenthesis(open);
    const std::size_t nulls = words.find("NULLS", from, open);
    part.index_clause = words.text(open, at);
    if (words.is(at, "INCLUDE")) {
        const std::size_t past = words.behind_parenthesis(at + 1);
        part.index_clause += " " + words.text(at, past);
        at = past;
    }
    if (nulls < open) part.index_clause += " " + words.text(nulls, open);
    if (words.is(at, "WITH")) {
        const std::size_t past = words.behind_parenthesis(at + 1);
        part.index_clause += " " + words.text(at, past);
        at = past;
    }
    if (words.is(at, "USING")) {
        part.index_clause += " " + words.text(at + 2, at + 4);
        at += 4;
    }
    part.attributes = with_behind(at);
}

}  // namespace pgwraith::plan
