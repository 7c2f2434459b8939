#include "pgwraith/plan/by_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "pgwraith/base/error.h"
#include "syntax_tree.h"

namespace pgwraith::plan {

namespace {

using About = ScriptStatement::About;

struct Subject {
    About about = About::other;
    QualifiedName name = {};
    QualifiedName creates = {};
};

QualifiedName name_of(const PgQuery__RangeVar& relation) { return {relation.schemaname, relation.relname}; }

// [schema,] name
QualifiedName name_of(std::vector<std::string> names) {
    if (names.empty()) return {};
    QualifiedName name{"", names.back()};
    if (names.size() > 1) name.schema = names[names.size() - 2];
    return name;
}

About about_type(PgQuery__ObjectType type) {
    switch (type) {
        case PG_QUERY__OBJECT_TYPE__OBJECT_INDEX:
            return About::index;
        case PG_QUERY__OBJECT_TYPE__OBJECT_STATISTIC_EXT:
            return About::statistics;
        case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE:
            return About::sequence;
        case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
        case PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN:
        case PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT:
            return About::table;
        default:
            return About::other;
    }
}

Subject of_comment(const PgQuery__CommentStmt& comment) {
    auto names = strings(comment.object);
    const About about = about_type(comment.objtype);
    if (about == About::sequence) return {};  // no part of the table
    const bool of_part = comment.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN ||
                         comment.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT;
    if (of_part && !names.empty()) names.pop_back();
    return {about, name_of(std::move(names))};
}

Subject of_statistics(const PgQuery__CreateStatsStmt& statistics) {
    if (statistics.n_relations != 1 || statistics.relations[0]->node_case != PG_QUERY__NODE__NODE_RANGE_VAR) return {};
    return {About::table, name_of(*statistics.relations[0]->range_var),
            name_of(strings(statistics.defnames, statistics.n_defnames))};
}

Subject subject_of(const PgQuery__Node& node) {
    switch (node.node_case) {
        case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
            return {about_type(node.alter_table_stmt->objtype), name_of(*node.alter_table_stmt->relation)};
        case PG_QUERY__NODE__NODE_RENAME_STMT: {
            const auto& rename = *node.rename_stmt;
            const bool column = rename.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN;
            const About about = about_type(column ? rename.relation_type : rename.rename_type);
            if (rename.relation == nullptr) return {};
            Subject subject{about, name_of(*rename.relation)};
            if (rename.rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX) subject.creates = {"", rename.newname};
            return subject;
        }
        case PG_QUERY__NODE__NODE_INDEX_STMT:
            return {About::table, name_of(*node.index_stmt->relation), {"", node.index_stmt->idxname}};
        case PG_QUERY__NODE__NODE_DROP_STMT: {
            const auto& drop = *node.drop_stmt;
            const About about = about_type(drop.remove_type);
            if (about != About::index && about != About::statistics) return {};
            return {about, name_of(strings(drop.objects[0]))};
        }
        case PG_QUERY__NODE__NODE_COMMENT_STMT:
            return of_comment(*node.comment_stmt);
        case PG_QUERY__NODE__NODE_CREATE_STATS_STMT:
            return of_statistics(*node.create_stats_stmt);
        case PG_QUERY__NODE__NODE_ALTER_SEQ_STMT:
            return {About::sequence, name_of(*node.alter_seq_stmt->sequence)};
        case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
            return {About::around, {"", node.variable_set_stmt->name}};
        case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
        case PG_QUERY__NODE__NODE_CONSTRAINTS_SET_STMT:
            return {About::around};
        case PG_QUERY__NODE__NODE_CREATE_STMT:
            return {About::makes, {}, name_of(*node.create_stmt->relation)};
        case PG_QUERY__NODE__NODE_CREATE_ENUM_STMT:
            return {About::makes,
                    {},
                    name_of(strings(node.create_enum_stmt->type_name, node.create_enum_stmt->n_type_name))};
        case PG_QUERY__NODE__NODE_CREATE_DOMAIN_STMT:
            return {About::makes,
                    {},
                    name_of(strings(node.create_domain_stmt->domainname, node.create_domain_stmt->n_domainname))};
        case PG_QUERY__NODE__NODE_COMPOSITE_TYPE_STMT:
            return {About::makes, {}, name_of(*node.composite_type_stmt->typevar)};
        case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
            return {About::makes, {}, name_of(*node.create_seq_stmt->sequence)};
        case PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT:
            return {About::makes, {}, {"", node.create_schema_stmt->schemaname}};
        case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT:
            return {About::makes,
                    {},
                    name_of(strings(node.create_function_stmt->funcname, node.create_function_stmt->n_funcname))};
        case PG_QUERY__NODE__NODE_CREATE_EXTENSION_STMT:
            return {About::makes, {}, {"", node.create_extension_stmt->extname}};
        case PG_QUERY__NODE__NODE_INSERT_STMT:
        case PG_QUERY__NODE__NODE_UPDATE_STMT:
        case PG_QUERY__NODE__NODE_DELETE_STMT:
            return {About::rows};
        case PG_QUERY__NODE__NODE_DO_STMT:
            return {About::block};
        default:
            return {};
    }
}

// DROP INDEX a, b: they may be of two tables.
std::vector<ScriptStatement> one_by_one(const PgQuery__Node& node, ScriptStatement whole) {
    if (node.node_case != PG_QUERY__NODE__NODE_DROP_STMT || node.drop_stmt->n_objects < 2) return {std::move(whole)};
    if (whole.about != About::index && whole.about != About::statistics) return {std::move(whole)};
    const auto& drop = *node.drop_stmt;
    std::vector<ScriptStatement> all;
    for (std::size_t i = 0; i < drop.n_objects; ++i) {
        ScriptStatement one = whole;
        one.name = name_of(strings(drop.objects[i]));
        one.text = fmt::format("DROP {} {}{}{}", whole.about == About::index ? "INDEX" : "STATISTICS",
                               drop.missing_ok != 0 ? "IF EXISTS " : "",
                               one.name.schema.empty() ? quote_identifier(one.name.name) : one.name.sql(),
                               drop.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE ? " CASCADE" : "");
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace

std::vector<ScriptStatement> read_script(const std::string& script) {
    const auto line_at = [&](std::size_t offset) {
        const auto end = script.begin() + static_cast<std::ptrdiff_t>(std::min(offset, script.size()));
        return 1 + static_cast<int>(std::count(script.begin(), end, '\n'));
    };
    if (script.find('\0') != std::string::npos)
        throw Error(ErrorKind::refused, "sql: there is a zero byte", "Remove it.");
    try {
        SyntaxTree tree = SyntaxTree::parse(script);
        const auto all = tokens(script);
        std::vector<ScriptStatement> statements;
        for (std::size_t i = 0; i < tree.root().n_stmts; ++i) {
            const PgQuery__RawStmt& raw = *tree.root().stmts[i];
            const auto from = static_cast<std::size_t>(raw.stmt_location);
            const std::size_t to = raw.stmt_len > 0 ? from + static_cast<std::size_t>(raw.stmt_len) : script.size();
            const auto first = std::ranges::find_if(all, [&](const Token& token) { return token.begin >= from; });
            const auto behind = std::find_if(first, all.end(), [&](const Token& token) { return token.end > to; });
            ensure(first != behind, "a statement without tokens");
            auto [about, name, creates] = subject_of(*raw.stmt);
            ScriptStatement whole{about, std::move(name), std::move(creates),
                                  script.substr(first->begin, std::prev(behind)->end - first->begin),
                                  line_at(first->begin)};
            for (auto& one : one_by_one(*raw.stmt, std::move(whole))) statements.push_back(std::move(one));
        }
        return statements;
    } catch (const SyntaxError& error) {
        throw Error(ErrorKind::refused, fmt::format("sql, line {}: {}", line_at(error.offset), error.message),
                    "It is read with PostgreSQL 15's grammar. Correct the statement.");
    }
}

}  // namespace pgwraith::plan
