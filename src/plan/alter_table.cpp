#include "alter_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "alter_names.h"
#include "pgwraith/base/error.h"

namespace pgwraith::plan {

bool is_serial(const PgQuery__TypeName& type) {
    static const std::set<std::string> serials = {"serial",  "serial2",     "serial4",
                                                  "serial8", "smallserial", "bigserial"};
    const auto names = strings(type.names, type.n_names);
    return names.size() == 1 && serials.contains(names[0]);
}

namespace {

// An identity's sequence with a name of its own could be made outside the shadow's schema.
void check_sequence_options(PgQuery__Node* const* options, std::size_t count, const Place& place) {
    for (std::size_t i = 0; i < count; ++i) {
        if (options[i]->node_case == PG_QUERY__NODE__NODE_DEF_ELEM &&
            std::string_view(options[i]->def_elem->defname) == "sequence_name") {
            place.refuse("SEQUENCE NAME of an identity column is not allowed",
                         "Leave it out: PostgreSQL names the sequence after the table and the column.");
        }
    }
}

// Text of a USING or DEFAULT expression for use over an old row.
std::string expression_text(PgQuery__Node* expression, const Place& place) {
    try {
        return deparse_expression(expression);
    } catch (const Error& error) {
        place.refuse(fmt::format("this expression cannot be carried over: {}", error.message()),
                     "Write the column's expression under `values` instead.");
    }
}

// Literals, signed numbers, and literals cast to a type. Not necessarily immutable: 'now'::timestamptz.
bool is_literal(const PgQuery__Node* expression) {
    switch (expression->node_case) {
        case PG_QUERY__NODE__NODE_A_CONST:
            return true;
        case PG_QUERY__NODE__NODE_TYPE_CAST:
            return is_literal(expression->type_cast->arg);
        case PG_QUERY__NODE__NODE_A_EXPR:
            return expression->a_expr->lexpr == nullptr && expression->a_expr->rexpr != nullptr &&
                   is_literal(expression->a_expr->rexpr);
        default:
            return false;
    }
}

void add_column(const PgQuery__ColumnDef& column, const Place& place, ColumnHistory& columns) {
    ColumnState state;
    state.serial = is_serial(*column.type_name);
    for (std::size_t i = 0; i < column.n_constraints; ++i) {
        const PgQuery__Constraint& constraint = *column.constraints[i]->constraint;
        if (constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY) {
            check_sequence_options(constraint.options, constraint.n_options, place);
        }
        if (constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT) {
            state.added_default = expression_text(constraint.raw_expr, place);
            state.constant_default = is_literal(constraint.raw_expr);
        }
    }
    columns.add(column.colname, std::move(state));
}

// Renames the columns that a USING expression mentions to what the live table calls them. `before`: the columns
// as they were when the whole ALTER TABLE began, which is what its USING expressions see.
void refer_to_live(PgQuery__Node& expression, const ColumnHistory& before, const Place& place) {
    walk(expression.base, [&](ProtobufCMessage& message) {
        auto* reference = message_as<PgQuery__ColumnRef>(message, pg_query__column_ref__descriptor);
        if (reference == nullptr || reference->n_fields != 1 ||
            reference->fields[0]->node_case != PG_QUERY__NODE__NODE_STRING) {
            return;
        }
        char*& name = reference->fields[0]->string->sval;
        const ColumnState state = before.peek(name);
        if (!state.live_name || state.retyped) {
            place.refuse(fmt::format("USING refers to column {}, which an earlier statement {}", name,
                                     state.live_name ? "gave another type" : "adds"),
                         "Write the column's expression over the old row under `values` instead.");
        }
        if (*state.live_name != name) set_string(name, *state.live_name);
    });
}

// bigint for int8 and pg_catalog.int8 as well.
std::string type_name(PgQuery__TypeName* type) {
    const auto names = strings(type->names, type->n_names);
    if (names.size() != 1) return deparse_type(type);
    // The grammar's own words (bigint) come with their schema, the catalog's names (int8) do not.
    set_strings(type->names, type->n_names, {"pg_catalog", names[0]});
    std::string text;
    try {
        text = deparse_type(type);
    } catch (const DeparseError&) {
        text = names[0];  // it reads as another type then: of nobody's interest here
    }
    set_strings(type->names, type->n_names, names);
    return text;
}

// id, id::bigint, CAST(id AS int8): what the change of type does without USING as well.
bool is_own_cast(const PgQuery__Node& expression, const std::string& column, PgQuery__TypeName* to) {
    if (expression.node_case == PG_QUERY__NODE__NODE_TYPE_CAST) {
        const PgQuery__TypeCast& cast = *expression.type_cast;
        return cast.arg->node_case == PG_QUERY__NODE__NODE_COLUMN_REF && type_name(cast.type_name) == type_name(to) &&
               is_own_cast(*cast.arg, column, to);
    }
    if (expression.node_case != PG_QUERY__NODE__NODE_COLUMN_REF) return false;
    return strings(expression.column_ref->fields, expression.column_ref->n_fields) == std::vector{column};
}

void alter_type(PgQuery__AlterTableCmd& command, const Place& place, const ColumnHistory& before,
                ColumnHistory& columns) {
    ColumnState& column = columns.at(command.name);
    if (!column.live_name) {
        place.refuse(fmt::format("ALTER COLUMN {} TYPE changes a column that the same SQL adds", command.name),
                     "Give the column its final type in ADD COLUMN.");
    }
    if (column.retyped) {
        place.refuse(fmt::format("ALTER COLUMN {} TYPE changes the column's type a second time", command.name),
                     "Write one ALTER COLUMN … TYPE with the final type.");
    }
    column.retyped = true;
    PgQuery__Node* expression = command.def->column_def->raw_default;
    if (expression == nullptr) return;
    column.own_cast = is_own_cast(*expression, command.name, command.def->column_def->type_name);
    refer_to_live(*expression, before, place);
    column.using_expression = expression_text(expression, place);
}

void take_command(PgQuery__AlterTableCmd& command, const Place& place, const ColumnHistory& before,
                  ColumnHistory& columns) {
    switch (command.subtype) {
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
            add_column(*command.def->column_def, place, columns);
            break;
        // CASCADE is taken: what hangs on the table and is no part of it is carried over or refused for itself, and
        // the table's own constraints, indexes and generated columns go from the shadow as they would from the table.
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
            columns.drop(command.name);
            break;
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
            alter_type(command, place, before, columns);
            break;
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
            columns.at(command.name).superseded_default = true;
            break;
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropExpression:
            if (!before.peek(command.name).live_name || !columns.peek(command.name).live_name) {
                place.refuse(
                    fmt::format("ALTER COLUMN {} DROP EXPRESSION is for a column that the same SQL adds", command.name),
                    "Add it as a plain column and write its expression under `values`.");
            }
            break;
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity:
            check_sequence_options(command.def->constraint->options, command.def->constraint->n_options, place);
            break;
        default:
            break;
    }
}

// PostgreSQL runs the sub-commands of one ALTER TABLE in this order, not in the written one.
int pass(const PgQuery__AlterTableCmd& command) {
    switch (command.subtype) {
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
            return 0;
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
            return 1;
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
            return 2;
        default:
            return 3;
    }
}

}  // namespace

std::string take_alter_table(PgQuery__AlterTableStmt& statement, const Place& place, ColumnHistory& columns) {
    const ColumnHistory before = columns;
    std::vector<std::string> summaries;
    std::vector<PgQuery__AlterTableCmd*> commands;
    for (std::size_t i = 0; i < statement.n_cmds; ++i) {
        PgQuery__AlterTableCmd& command = *statement.cmds[i]->alter_table_cmd;
        summaries.push_back(summarize(command));
        if (summaries.back().empty()) {
            place.refuse(fmt::format("ALTER TABLE … {} is not allowed here", refused_name(command.subtype)));
        }
        commands.push_back(&command);
    }
    std::stable_sort(commands.begin(), commands.end(),
                     [](const auto* left, const auto* right) { return pass(*left) < pass(*right); });
    for (PgQuery__AlterTableCmd* command : commands) take_command(*command, place, before, columns);
    return fmt::format("ALTER TABLE: {}", fmt::join(summaries, ", "));
}

std::string take_alter_index(PgQuery__AlterTableStmt& statement, const Place& place) {
    static const std::set<PgQuery__AlterTableType> allowed = {
        PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions, PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions,
        PG_QUERY__ALTER_TABLE_TYPE__AT_SetTableSpace, PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics};
    std::vector<std::string> summaries;
    for (std::size_t i = 0; i < statement.n_cmds; ++i) {
        const PgQuery__AlterTableCmd& command = *statement.cmds[i]->alter_table_cmd;
        if (!allowed.contains(command.subtype)) {
            place.refuse(fmt::format("ALTER INDEX … {} is not allowed here", refused_name(command.subtype)));
        }
        summaries.push_back(summarize(command));
    }
    return fmt::format("ALTER INDEX {}: {}", statement.relation->relname, fmt::join(summaries, ", "));
}

}  // namespace pgwraith::plan
