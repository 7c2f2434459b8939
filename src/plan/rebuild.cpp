#include "pgwraith/plan/rebuild.h"

#include <algorithm>
#include <optional>
#include <span>

#include "syntax_tree.h"

namespace pgwraith::plan {

namespace {

// As the server reads an option: without a value it is on. What is no boolean the server refuses.
bool is_on(const PgQuery__Node* value) {
    if (value == nullptr) return true;
    if (value->node_case == PG_QUERY__NODE__NODE_INTEGER) return value->integer->ival != 0;
    if (value->node_case != PG_QUERY__NODE__NODE_STRING) return true;
    const std::string_view text = value->string->sval;
    return text != "false" && text != "off";
}

bool is_vacuum_full(const PgQuery__Node& statement) {
    if (statement.node_case != PG_QUERY__NODE__NODE_VACUUM_STMT) return false;
    const auto& vacuum = *statement.vacuum_stmt;
    return std::any_of(vacuum.options, vacuum.options + vacuum.n_options, [](const PgQuery__Node* option) {
        return std::string_view(option->def_elem->defname) == "full" && is_on(option->def_elem->arg);
    });
}

// The kinds that reason_to_leave_out() knows (left_out.cpp).
bool changes_nothing(const PgQuery__Node& statement) {
    switch (statement.node_case) {
        case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
        case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
        case PG_QUERY__NODE__NODE_CONSTRAINTS_SET_STMT:
        case PG_QUERY__NODE__NODE_LOCK_STMT:
        case PG_QUERY__NODE__NODE_VACUUM_STMT:
            return true;
        default:
            return false;
    }
}

}  // namespace

bool asks_for_rebuild(const std::string& sql) {
    std::optional<SyntaxTree> tree;
    try {
        tree.emplace(SyntaxTree::parse(sql));
    } catch (const SyntaxError&) {
        return false;
    }
    const std::span<PgQuery__RawStmt*> statements(tree->root().stmts, tree->root().n_stmts);
    const bool nothing = std::ranges::all_of(statements, [](const auto* raw) { return changes_nothing(*raw->stmt); });
    if (!nothing) return false;
    return statements.empty() ||
           std::ranges::any_of(statements, [](const auto* raw) { return is_vacuum_full(*raw->stmt); });
}

}  // namespace pgwraith::plan
