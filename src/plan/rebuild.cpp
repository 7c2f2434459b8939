#include "pgwraith/plan/rebuild.h"

#include <algorithm>

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

}  // namespace

bool asks_for_rebuild(const std::string& sql) {
    SyntaxTree tree = SyntaxTree::parse(sql);
    const auto& root = tree.root();
    return root.n_stmts == 0 || std::any_of(root.stmts, root.stmts + root.n_stmts,
                                            [](const auto* raw) { return is_vacuum_full(*raw->stmt); });
}

}  // namespace pgwraith::plan
