// What sub-commands of ALTER TABLE are called.
#include <fmt/format.h>

#include "alter_names.h"

namespace pgwraith::plan {

namespace {

std::string constraint_name(const PgQuery__Constraint& constraint) {
    switch (constraint.contype) {
        case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
            return "CHECK";
        case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
            return "PRIMARY KEY";
        case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
            return "UNIQUE";
        case PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION:
            return "EXCLUDE";
        case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
            return "FOREIGN KEY";
        default:
            return "constraint";
    }
}

std::string column_command(const PgQuery__AlterTableCmd& command, std::string_view what) {
    const std::string column = *command.name != '\0' ? std::string(command.name) : std::to_string(command.num);
    return fmt::format("ALTER COLUMN {} {}", column, what);
}

}  // namespace

std::string summarize(const PgQuery__AlterTableCmd& command) {
    switch (command.subtype) {
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
            return fmt::format("ADD COLUMN {}", command.def->column_def->colname);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
            return fmt::format("DROP COLUMN {}", command.name);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
            return column_command(command, "TYPE " + deparse_type(command.def->column_def->type_name));
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
            return column_command(command, command.def != nullptr ? "SET DEFAULT" : "DROP DEFAULT");
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull:
            return column_command(command, "SET NOT NULL");
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull:
            return column_command(command, "DROP NOT NULL");
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropExpression:
            return column_command(command, "DROP EXPRESSION");
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStatistics:
            return column_command(command, "SET STATISTICS");
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetStorage:
            return column_command(command, "SET STORAGE");
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetCompression:
            return column_command(command, "SET COMPRESSION");
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetOptions:
            return column_command(command, "SET (options)");
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ResetOptions:
            return column_command(command, "RESET (options)");
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity:
            return column_command(command, "ADD IDENTITY");
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetIdentity:
            return column_command(command, "SET IDENTITY");
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropIdentity:
            return column_command(command, "DROP IDENTITY");
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint: {
            const PgQuery__Constraint& constraint = *command.def->constraint;
            const std::string kind = constraint_name(constraint);
            return *constraint.conname != '\0' ? fmt::format("ADD CONSTRAINT {} {}", constraint.conname, kind)
                                               : fmt::format("ADD {}", kind);
        }
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint:
            return fmt::format("DROP CONSTRAINT {}", command.name);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ValidateConstraint:
            return fmt::format("VALIDATE CONSTRAINT {}", command.name);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions:
            return "SET (storage parameters)";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ResetRelOptions:
            return "RESET (storage parameters)";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetTableSpace:
            return fmt::format("SET TABLESPACE {}", command.name);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ClusterOn:
            return fmt::format("CLUSTER ON {}", command.name);
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropCluster:
            return "SET WITHOUT CLUSTER";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropOf:
            return "NOT OF";
        default:
            return {};
    }
}

std::string refused_name(PgQuery__AlterTableType subtype) {
    switch (subtype) {
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ChangeOwner:
            return "OWNER TO";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetLogged:
            return "SET LOGGED";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetUnLogged:
            return "SET UNLOGGED";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropOids:
            return "SET WITHOUT OIDS";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_SetAccessMethod:
            return "SET ACCESS METHOD";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrig:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableAlwaysTrig:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableReplicaTrig:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigAll:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableTrigUser:
            return "ENABLE TRIGGER";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrig:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigAll:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableTrigUser:
            return "DISABLE TRIGGER";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableRule:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableAlwaysRule:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableReplicaRule:
            return "ENABLE RULE";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableRule:
            return "DISABLE RULE";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddInherit:
            return "INHERIT";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DropInherit:
            return "NO INHERIT";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AddOf:
            return "OF";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ReplicaIdentity:
            return "REPLICA IDENTITY";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_EnableRowSecurity:
            return "ENABLE ROW LEVEL SECURITY";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DisableRowSecurity:
            return "DISABLE ROW LEVEL SECURITY";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_ForceRowSecurity:
            return "FORCE ROW LEVEL SECURITY";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_NoForceRowSecurity:
            return "NO FORCE ROW LEVEL SECURITY";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AttachPartition:
            return "ATTACH PARTITION";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartitionFinalize:
            return "DETACH PARTITION";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterConstraint:
            return "ALTER CONSTRAINT";
        case PG_QUERY__ALTER_TABLE_TYPE__AT_GenericOptions:
        case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnGenericOptions:
            return "OPTIONS";
        default:
            return "this sub-command";
    }
}

}  // namespace pgwraith::plan
