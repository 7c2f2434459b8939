#include "left_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace pgwraith::plan {

namespace {

constexpr const char* taken_together =
    "what takes effect together is decided by the way: the swap is one transaction, as each step is";

std::string of_transaction(const PgQuery__TransactionStmt& statement, const Place& place) {
    switch (statement.kind) {
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN:
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START:
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT:
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT:
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE:
            return taken_together;
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK:
        case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO:
            place.refuse("ROLLBACK would undo what stands before it",
                         "Remove it, and the statements that it is to undo.");
        default:
            place.refuse("prepared transactions are not allowed here", "Write the statements without them.");
    }
}

// What dumps and tools say in front of everything: a configuration file is UTF-8.
bool says_what_is_so(const PgQuery__VariableSetStmt& statement) {
    static const std::set<std::string> known = {"utf8", "utf-8", "unicode"};
    if (std::string_view(statement.name) != "client_encoding" || statement.n_args != 1) return false;
    const PgQuery__Node& value = *statement.args[0];
    if (value.node_case != PG_QUERY__NODE__NODE_A_CONST || value.a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL) {
        return false;
    }
    std::string text = value.a_const->sval->sval;
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return known.contains(text);
}

// Settings that say how a statement is run, not what it does.
std::string of_setting(const PgQuery__VariableSetStmt& statement, const Place& place) {
    static const std::set<std::string> harmless = {"application_name",
                                                   "check_function_bodies",
                                                   "client_min_messages",
                                                   "deadlock_timeout",
                                                   "idle_in_transaction_session_timeout",
                                                   "idle_session_timeout",
                                                   "lock_timeout",
                                                   "log_min_duration_statement",
                                                   "maintenance_work_mem",
                                                   "max_parallel_maintenance_workers",
                                                   "max_parallel_workers",
                                                   "max_parallel_workers_per_gather",
                                                   "row_security",
                                                   "statement_timeout",
                                                   "synchronous_commit",
                                                   "transaction_timeout",
                                                   "work_mem"};
    const std::string name = statement.name;
    if (says_what_is_so(statement)) return "it is so in the program's sessions";
    if (statement.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL || harmless.contains(name)) {
        return "the program's sessions have limits and settings of their own";
    }
    const bool of_transaction = name == "TRANSACTION" || name == "SESSION CHARACTERISTICS";
    if (statement.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI && of_transaction) {
        return taken_together;
    }
    place.refuse(
        fmt::format("SET {} may change what the statements mean", name),
        fmt::format("Remove it, and write the statements so that they do not need it (names with their schema, for "
                    "instance); or give the role the setting: ALTER ROLE … IN DATABASE … SET {} = ….",
                    name));
}

bool is_table(const PgQuery__RangeVar& relation, const Place& place) {
    return relation.relname == place.table.name &&
           (*relation.schemaname == '\0' || relation.schemaname == place.table.schema);
}

std::optional<std::string> of_lock(const PgQuery__LockStmt& statement, const Place& place) {
    for (std::size_t i = 0; i < statement.n_relations; ++i) {
        if (!is_table(*statement.relations[i]->range_var, place)) return std::nullopt;
    }
    return "each lock is taken when it is needed, and for no longer";
}

std::optional<std::string> of_analyze(const PgQuery__VacuumStmt& statement, const Place& place) {
    for (std::size_t i = 0; i < statement.n_rels; ++i) {
        const PgQuery__RangeVar* relation = statement.rels[i]->vacuum_relation->relation;
        if (relation == nullptr || !is_table(*relation, place)) return std::nullopt;
    }
    if (statement.n_rels == 0) return std::nullopt;
    return "a new table is vacuumed and analyzed before the swap, and so is a table of which a column was filled";
}

}  // namespace

std::optional<std::string> reason_to_leave_out(const PgQuery__Node& statement, const Place& place) {
    switch (statement.node_case) {
        case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
            return of_transaction(*statement.transaction_stmt, place);
        case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
            return of_setting(*statement.variable_set_stmt, place);
        case PG_QUERY__NODE__NODE_CONSTRAINTS_SET_STMT:
            return "constraints are checked when they are added";
        case PG_QUERY__NODE__NODE_LOCK_STMT:
            return of_lock(*statement.lock_stmt, place);
        case PG_QUERY__NODE__NODE_VACUUM_STMT:
            return of_analyze(*statement.vacuum_stmt, place);
        default:
            return std::nullopt;
    }
}

}  // namespace pgwraith::plan
