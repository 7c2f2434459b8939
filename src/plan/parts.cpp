#include "pgwraith/plan/parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "drafts.h"
#include "pgwraith/base/error.h"
#include "place_fills.h"
#include "words.h"

namespace pgwraith::plan {

namespace {

Part part_of(PartKind kind, const Statement& statement, const std::string& sql) {
    Part part;
    part.kind = kind;
    part.sql = sql;
    part.summary = statement.summary;
    part.line = statement.line;
    return part;
}

Part rename_part(const PgQuery__RenameStmt& rename, const Statement& statement) {
    Part part = part_of(PartKind::rename_column, statement, statement.shadow_sql);
    part.new_name = rename.newname;
    part.if_exists = rename.missing_ok != 0;
    if (rename.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN) {
        part.columns = {rename.subname};
    } else if (rename.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT) {
        part.kind = PartKind::rename_constraint;
        part.name = rename.subname;
    } else {
        part.kind = PartKind::rename_index;
        part.name = rename.relation->relname;
    }
    return part;
}

void add_columns_of(PgQuery__IndexStmt& index, Part& part) {
    const auto add = [&](const std::string& column) {
        if (std::ranges::find(part.columns, column) == part.columns.end()) part.columns.push_back(column);
    };
    const auto add_read = [&](PgQuery__Node& expression) {
        walk(expression.base, [&](ProtobufCMessage& message) {
            auto* reference = message_as<PgQuery__ColumnRef>(message, pg_query__column_ref__descriptor);
            if (reference != nullptr) add(strings(reference->fields, reference->n_fields).back());
        });
    };
    for (std::size_t i = 0; i < index.n_index_params; ++i) {
        PgQuery__IndexElem& element = *index.index_params[i]->index_elem;
        if (element.expr != nullptr) {
            add_read(*element.expr);
        } else {
            add(element.name);
        }
    }
    for (std::size_t i = 0; i < index.n_index_including_params; ++i) {
        add(index.index_including_params[i]->index_elem->name);
    }
    if (index.where_clause != nullptr) add_read(*index.where_clause);
}

Part index_part(PgQuery__IndexStmt& index, const Statement& statement) {
    Part part = part_of(PartKind::create_index, statement, statement.shadow_sql);
    part.name = index.idxname;
    part.unique = index.unique != 0;
    part.if_exists = index.if_not_exists != 0;
    add_columns_of(index, part);
    const Words words(part.sql);
    const std::size_t on = words.find("ON", 0, words.size());
    // The table's name, in full: whatever the user wrote, ONLY apart.
    part.clause = words.text(on, words.size());
    return part;
}

// DROP INDEX a, b: a part each.
void add_drops(const PgQuery__DropStmt& drop, const Statement& statement, const QualifiedName& table,
               std::vector<Part>& parts) {
    const bool index = drop.remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX;
    const char* what = index ? "INDEX" : "STATISTICS";
    for (std::size_t i = 0; i < drop.n_objects; ++i) {
        const auto name = strings(drop.objects[i]).back();
        Part part = part_of(index ? PartKind::drop_index : PartKind::drop_statistics, statement, {});
        part.name = name;
        part.if_exists = drop.missing_ok != 0;
        part.cascade = drop.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
        part.sql = fmt::format("DROP {} {}{}{}", what, part.if_exists ? "IF EXISTS " : "",
                               QualifiedName{table.schema, name}.sql(), part.cascade ? " CASCADE" : "");
        part.summary = fmt::format("DROP {} {}", what, name);
        parts.push_back(std::move(part));
    }
}

Part alter_index_part(const PgQuery__AlterTableStmt& alter, const Statement& statement) {
    Part part = part_of(PartKind::alter_index, statement, statement.shadow_sql);
    part.name = alter.relation->relname;
    part.if_exists = alter.missing_ok != 0;
    for (std::size_t i = 0; i < alter.n_cmds; ++i) {
        if (alter.cmds[i]->alter_table_cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_SetTableSpace) {
            part.kind = PartKind::set_tablespace;
        }
    }
    return part;
}

Part comment_part(const PgQuery__CommentStmt& comment, const Statement& statement) {
    Part part = part_of(PartKind::comment, statement, statement.shadow_sql);
    const auto name = strings(comment.object).back();
    if (comment.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN) {
        part.columns = {name};
    } else if (comment.objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE) {
        part.name = name;
    }
    return part;
}

Part sequence_part(const Statement& statement, const QualifiedName& table) {
    const SequenceChange& change = *statement.sequence;
    Part part = part_of(PartKind::alter_sequence, statement, {});
    part.name = change.name;
    part.if_exists = change.if_exists;
    const std::string name =
        change.schema.empty() ? quote_identifier(change.name) : QualifiedName{change.schema, change.name}.sql();
    std::string options = change.options;
    if (change.owned_by) {
        options += fmt::format("{}OWNED BY {}.{}", options.empty() ? "" : " ", table.sql(),
                               quote_identifier(*change.owned_by));
    }
    part.sql = fmt::format("ALTER SEQUENCE {}{} {}", change.if_exists ? "IF EXISTS " : "", name, options);
    return part;
}

std::vector<Draft> alone(Part part) { return {Draft{Pass::rest, std::move(part)}}; }

std::vector<Draft> drafts_of(const Statement& statement, const QualifiedName& table) {
    if (statement.sequence) return alone(sequence_part(statement, table));
    SyntaxTree tree = SyntaxTree::parse(statement.text);
    PgQuery__Node& node = *tree.root().stmts[0]->stmt;
    switch (node.node_case) {
        case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
            if (node.alter_table_stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX) {
                return alone(alter_index_part(*node.alter_table_stmt, statement));
            }
            return draft_alter_table(statement.text, table, statement.line);
        case PG_QUERY__NODE__NODE_RENAME_STMT:
            return alone(rename_part(*node.rename_stmt, statement));
        case PG_QUERY__NODE__NODE_INDEX_STMT:
            return alone(index_part(*node.index_stmt, statement));
        case PG_QUERY__NODE__NODE_DROP_STMT: {
            std::vector<Part> parts;
            add_drops(*node.drop_stmt, statement, table, parts);
            std::vector<Draft> drafts;
            for (auto& part : parts) drafts.push_back({Pass::rest, std::move(part)});
            return drafts;
        }
        case PG_QUERY__NODE__NODE_COMMENT_STMT:
            return alone(comment_part(*node.comment_stmt, statement));
        case PG_QUERY__NODE__NODE_CREATE_STATS_STMT: {
            Part part = part_of(PartKind::create_statistics, statement, statement.shadow_sql);
            const auto& statistics = *node.create_stats_stmt;
            if (statistics.n_defnames > 0) part.name = strings(statistics.defnames, statistics.n_defnames).back();
            part.if_exists = statistics.if_not_exists != 0;
            return alone(std::move(part));
        }
        default:
            return alone(part_of(PartKind::other, statement, statement.shadow_sql));
    }
}

// What IF [NOT] EXISTS passes over, with all that its sub-command would have brought; follows what the table has.
void pass_over(std::vector<Draft>& drafts, std::set<std::string>& columns) {
    std::set<std::size_t> passed_over;
    for (const Draft& draft : drafts) {
        const Part& part = draft.part;
        if (part.columns.empty()) continue;
        const std::string& column = part.columns.front();
        if (part.kind == PartKind::add_column) {
            if (part.if_exists && columns.contains(column)) {
                passed_over.insert(draft.command);
            } else {
                columns.insert(column);
            }
        } else if (part.kind == PartKind::drop_column) {
            if (columns.erase(column) == 0 && part.if_exists) passed_over.insert(draft.command);
        } else if (part.kind == PartKind::rename_column) {
            columns.erase(column);
            columns.insert(part.new_name);
        }
    }
    std::erase_if(drafts, [&](const Draft& draft) { return passed_over.contains(draft.command); });
}

}  // namespace

std::vector<Part> split_into_parts(const std::string& sql, const QualifiedName& table,
                                   const std::map<std::string, std::string>& values, const Known& known) {
    // Said of the table's own schema, the statements are about the live table, with every name qualified.
    const UserSql taken = parse_user_sql(sql, table, table.schema);
    std::set<std::string> columns = known.columns;
    std::vector<std::vector<Draft>> statements;
    for (const Statement& statement : taken.statements) {
        auto drafts = drafts_of(statement, table);
        std::ranges::stable_sort(drafts, {}, &Draft::pass);
        if (!known.columns.empty()) pass_over(drafts, columns);
        statements.push_back(std::move(drafts));
    }
    return place_fills(std::move(statements), values, known.computed_defaults);
}

std::optional<Part> part_of_constraint(const std::string& name, const std::string& definition,
                                       const QualifiedName& table) {
    const auto sql =
        fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", table.sql(), quote_identifier(name), definition);
    try {
        auto parts = split_into_parts(sql, table, {});
        if (parts.size() == 1) return std::move(parts.front());
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::refused) throw;
    }
    return std::nullopt;
}

void copy_condition(const Part& from, Part& to) {
    to.columns = from.columns;
    to.expression = from.expression;
    to.references = from.references;
    to.referenced_columns = from.referenced_columns;
    to.match_full = from.match_full;
    to.clause = from.clause;
}

std::string part_on(const Part& part, const QualifiedName& table, const std::string& schema,
                    const std::vector<Reference>& references) {
    const UserSql taken = parse_user_sql(part.sql, table, schema);
    std::string sql = taken.statements.at(0).shadow_sql;
    // By itself a part has one reference at most, which is the first then.
    for (const Reference& own : taken.references) {
        const auto known = std::ranges::find(references, own.table, &Reference::table);
        if (known == references.end()) continue;
        const auto from = QualifiedName{own.stand_in, own.table.name}.sql();
        const auto at = sql.find(from);
        ensure(at != std::string::npos, "a reference is in its statement");
        sql.replace(at, from.size(), QualifiedName{known->stand_in, own.table.name}.sql());
    }
    return sql;
}

}  // namespace pgwraith::plan
