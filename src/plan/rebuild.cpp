#include "pgwraith/plan/rebuild.h"

#include <algorithm>
#include <span>

#include "syntax_tree.h"

namespace pgwraith::plan {

namespace {

bool is_vacuum_full(const PgQuery__Node& statement) {
    if (statement.node_case != PG_QUERY__NODE__NODE_VACUUM_STMT) return false;
    const auto& vacuum = *statement.vacuum_stmt;
    return std::any_of(vacuum.options, vacuum.options + vacuum.n_options, [](const PgQuery__Node* option) {
        return std::string_view(option->def_elem->defname) == "full";
    });
}

// What reason_to_leave_out() knows.
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
    SyntaxTree tree = SyntaxTree::parse(sql);
    const std::span<PgQuery__RawStmt*> statements(tree.root().stmts, tree.root().n_stmts);
    const bool nothing = std::ranges::all_of(statements, [](const auto* raw) { return changes_nothing(*raw->stmt); });
    if (!nothing) return false;
    return statements.empty() ||
           std::ranges::any_of(statements, [](const auto* raw) { return is_vacuum_full(*raw->stmt); });
}

}  // namespace pgwraith::plan
