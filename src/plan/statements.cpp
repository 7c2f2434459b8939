#include "pgwraith/plan/statements.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "alter_sequence.h"
#include "alter_table.h"
#include "left_out.h"
#include "pgwraith/base/error.h"
#include "rewrite.h"
#include "row_function.h"

namespace pgwraith::plan {

namespace {

int line_at(const std::string& sql, std::size_t offset) {
    const auto end = sql.begin() + static_cast<std::ptrdiff_t>(std::min(offset, sql.size()));
    return 1 + static_cast<int>(std::count(sql.begin(), end, '\n'));
}

SyntaxTree parse_whole(const std::string& sql, const Place& where) {
    Place place = where;
    if (const std::size_t zero = sql.find('\0'); zero != std::string::npos) {
        place.line = line_at(sql, zero);
        place.refuse("there is a zero byte", "Remove it.");
    }
    try {
        return SyntaxTree::parse(sql);
    } catch (const SyntaxError& error) {
        place.line = line_at(sql, error.offset);
        if (error.offset < sql.size() && sql[error.offset] == '\\') {
            const auto word_end = sql.find_first_of(" \t\r\n;", error.offset);
            place.refuse(fmt::format("{} is a command of psql, not SQL",
                                     sql.substr(error.offset, std::min<std::size_t>(word_end - error.offset, 20))),
                         "Remove the line: the statements are sent to the server as they are.");
        }
        place.refuse(error.message, "It is read with PostgreSQL 15's grammar. Correct the statement.");
    }
}

// "CREATE TRIGGER": the keywords with which the statement begins, for statements that are refused unread.
std::string leading_keywords(const std::string& sql, const std::vector<Token>& tokens, std::size_t first) {
    static const std::set<std::string> passed_over = {"OR", "REPLACE", "MATERIALIZED", "TEMP", "TEMPORARY", "UNIQUE"};
    std::vector<std::string> words;
    for (std::size_t i = first; i < tokens.size() && tokens[i].keyword && words.size() < 2; ++i) {
        std::string word = sql.substr(tokens[i].begin, tokens[i].end - tokens[i].begin);
        std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::toupper(c); });
        if (!passed_over.contains(word)) words.push_back(word);
    }
    return words.empty() ? "this statement" : fmt::format("{}", fmt::join(words, " "));
}

// One statement on its way through the checks.
struct Subject {
    SyntaxTree& tree;
    std::string name;  // by its leading keywords
    const Place& place;
    Rewriter& rewriter;
    ColumnHistory& columns;
    std::vector<std::string> dropped_indexes = {};

    PgQuery__Node& node() { return *tree.root().stmts[0]->stmt; }
    [[noreturn]] void refuse() const { place.refuse(fmt::format("{} is not allowed here", name)); }
    // Rows of other tables: what a migration tool writes down about itself.
    [[noreturn]] void refuse_rows() const {
        place.refuse(fmt::format("{} is not allowed here", name),
                     "`sql` changes the table's shape. Run what changes rows before or after the migration; what a "
                     "migration tool notes about itself (its version table) too, when the table has its new shape. "
                     "What old rows get in a column of the new table is written under `values`.");
    }
};

std::string take_alter(PgQuery__AlterTableStmt& statement, Subject& subject) {
    if (statement.objtype == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX) {
        subject.rewriter.move_index(*statement.relation);
        return take_alter_index(statement, subject.place);
    }
    if (statement.objtype != PG_QUERY__OBJECT_TYPE__OBJECT_TABLE) subject.refuse();
    subject.rewriter.unqualify_columns();
    // On a copy: what is noted about USING uses the live table's names, what runs on the shadow does not.
    SyntaxTree noted = SyntaxTree::copy_statement(*subject.tree.root().stmts[0]);
    PgQuery__RangeVar*& relation = statement.relation;
    const bool other_table = relation->relname != subject.place.table.name;
    std::string summary;
    if (!other_table) {
        summary = take_alter_table(*noted.root().stmts[0]->stmt->alter_table_stmt, subject.place, subject.columns);
    }
    subject.rewriter.move_tables();
    return summary;
}

std::string take_rename(PgQuery__RenameStmt& statement, Subject& subject) {
    const bool of_table = statement.relation_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE;
    switch (statement.rename_type) {
        case PG_QUERY__OBJECT_TYPE__OBJECT_INDEX:
            subject.rewriter.move_index(*statement.relation);
            return fmt::format("ALTER INDEX {} RENAME TO {}", statement.relation->relname, statement.newname);
        case PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN:
            if (!of_table) subject.refuse();
            subject.rewriter.move_tables();
            subject.columns.rename(statement.subname, statement.newname);
            return fmt::format("ALTER TABLE: RENAME COLUMN {} TO {}", statement.subname, statement.newname);
        case PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT:
            subject.rewriter.move_tables();
            return fmt::format("ALTER TABLE: RENAME CONSTRAINT {} TO {}", statement.subname, statement.newname);
        case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
            subject.place.refuse("ALTER TABLE … RENAME TO is not allowed here");
        default:
            subject.refuse();
    }
}

std::string take_create_index(PgQuery__IndexStmt& statement, Subject& subject) {
    subject.rewriter.drop_concurrently(statement.concurrent);
    subject.rewriter.unqualify_columns();
    subject.rewriter.move_tables();
    return fmt::format("CREATE {}INDEX {}", statement.unique ? "UNIQUE " : "",
                       *statement.idxname != '\0' ? statement.idxname : "(unnamed)");
}

std::string take_drop(PgQuery__DropStmt& statement, Subject& subject) {
    const bool index = statement.remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX;
    if (!index && statement.remove_type != PG_QUERY__OBJECT_TYPE__OBJECT_STATISTIC_EXT) subject.refuse();
    statement.concurrent = 0;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < statement.n_objects; ++i) {
        subject.rewriter.move_name(statement.objects[i]);
        names.push_back(strings(statement.objects[i]).back());
    }
    if (index) subject.dropped_indexes = names;
    return fmt::format("DROP {} {}", index ? "INDEX" : "STATISTICS", fmt::join(names, ", "));
}

std::string take_comment(PgQuery__CommentStmt& statement, Subject& subject) {
    const std::vector<std::string> names = strings(statement.object);
    switch (statement.objtype) {
        case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE: {
            subject.rewriter.move_name(statement.object);
            if (names.back() != subject.place.table.name) {
                subject.place.refuse(fmt::format("COMMENT ON TABLE {} is about another relation than {}", names.back(),
                                                 subject.place.table.sql()));
            }
            return "COMMENT ON TABLE";
        }
        case PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN:
            subject.rewriter.move_part_of_table(statement.object);
            return fmt::format("COMMENT ON COLUMN {}", names.back());
        case PG_QUERY__OBJECT_TYPE__OBJECT_TABCONSTRAINT:
            subject.rewriter.move_part_of_table(statement.object);
            return fmt::format("COMMENT ON CONSTRAINT {}", names.back());
        case PG_QUERY__OBJECT_TYPE__OBJECT_INDEX:
            subject.rewriter.move_name(statement.object);
            return fmt::format("COMMENT ON INDEX {}", names.back());
        case PG_QUERY__OBJECT_TYPE__OBJECT_STATISTIC_EXT:
            subject.rewriter.move_name(statement.object);
            return fmt::format("COMMENT ON STATISTICS {}", names.back());
        default:
            subject.place.refuse(
                "COMMENT is allowed on the table, its columns, indexes, constraints and statistics only");
    }
}

std::string take_create_statistics(PgQuery__CreateStatsStmt& statement, Subject& subject) {
    const std::vector<std::string> names = strings(statement.defnames, statement.n_defnames);
    subject.rewriter.unqualify_columns();
    subject.rewriter.move_tables();
    subject.rewriter.move_name(statement.defnames, statement.n_defnames);
    return fmt::format("CREATE STATISTICS {}", names.back());
}

std::string take_any(Subject& subject) {
    PgQuery__Node& node = subject.node();
    switch (node.node_case) {
        case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
            return take_alter(*node.alter_table_stmt, subject);
        case PG_QUERY__NODE__NODE_RENAME_STMT:
            return take_rename(*node.rename_stmt, subject);
        case PG_QUERY__NODE__NODE_INDEX_STMT:
            return take_create_index(*node.index_stmt, subject);
        case PG_QUERY__NODE__NODE_DROP_STMT:
            return take_drop(*node.drop_stmt, subject);
        case PG_QUERY__NODE__NODE_COMMENT_STMT:
            return take_comment(*node.comment_stmt, subject);
        case PG_QUERY__NODE__NODE_CREATE_STATS_STMT:
            return take_create_statistics(*node.create_stats_stmt, subject);
        case PG_QUERY__NODE__NODE_INSERT_STMT:
        case PG_QUERY__NODE__NODE_UPDATE_STMT:
        case PG_QUERY__NODE__NODE_DELETE_STMT:
            subject.refuse_rows();
        case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT:
            subject.place.refuse(fmt::format("{} … SET SCHEMA is not allowed here", subject.name));
        default:
            subject.refuse();
    }
}

// Checks the statement, turns its tree to the shadow, and returns the summary.
std::string take(Subject& subject) {
    try {
        return take_any(subject);
    } catch (const DeparseError& error) {
        subject.place.refuse(fmt::format("{} cannot be described: {}", subject.name, error.message),
                             "Write its types and expressions in a simpler form.");
    }
}

}  // namespace

UserSql parse_user_sql(const std::string& sql, const QualifiedName& table, const std::string& shadow_schema) {
    SyntaxTree whole = parse_whole(sql, Place{table, shadow_schema, 1});
    const std::vector<Token> all = tokens(sql);
    UserSql result;
    ColumnHistory columns;
    for (std::size_t i = 0; i < whole.root().n_stmts; ++i) {
        PgQuery__RawStmt& raw = *whole.root().stmts[i];
        const auto from = static_cast<std::size_t>(raw.stmt_location);
        const std::size_t to = raw.stmt_len > 0 ? from + static_cast<std::size_t>(raw.stmt_len) : sql.size();
        const auto first = std::find_if(all.begin(), all.end(), [&](const Token& t) { return t.begin >= from; });
        const auto behind = std::find_if(first, all.end(), [&](const Token& t) { return t.end > to; });
        ensure(first != behind, "a statement without tokens");
        const std::size_t begin = first->begin;
        const std::size_t end = std::prev(behind)->end;
        const Place place{table, shadow_schema, line_at(sql, begin)};
        SyntaxTree tree = SyntaxTree::copy_statement(raw);
        Rewriter rewriter(tree, sql, all, begin, end, place, result.references);
        if (auto why = reason_to_leave_out(*raw.stmt, place)) {
            result.left_out.push_back({sql.substr(begin, end - begin), *why, place.line});
            continue;
        }
        if (raw.stmt->node_case == PG_QUERY__NODE__NODE_ALTER_SEQ_STMT) {
            SequenceChange change = take_alter_sequence(*raw.stmt->alter_seq_stmt, sql, all, end, place);
            auto summary = fmt::format("ALTER SEQUENCE {}: {}", change.name, change.options);
            if (change.owned_by)
                summary += fmt::format("{}OWNED BY {}", change.options.empty() ? "" : " ", *change.owned_by);
            result.statements.push_back({sql.substr(begin, end - begin), "", summary, place.line, std::move(change)});
            continue;
        }
        Subject subject{tree, leading_keywords(sql, all, static_cast<std::size_t>(first - all.begin())), place,
                        rewriter, columns};
        const std::string summary = take(subject);
        result.statements.push_back({sql.substr(begin, end - begin), rewriter.text(), summary, place.line, std::nullopt,
                                     std::move(subject.dropped_indexes)});
    }
    columns.finish(result);
    return result;
}

std::string check_expression(const std::string& text, const std::string& where) {
    const std::string hint = "Write one SQL expression over the old row's columns.";
    const auto refuse = [&](const std::string& why) {
        return Error(ErrorKind::refused, fmt::format("{}: {}", where, why), hint);
    };
    if (text.find('\0') != std::string::npos) throw refuse("there is a zero byte");
    try {
        // The line end keeps a trailing comment from swallowing the parenthesis.
        SyntaxTree select = SyntaxTree::parse("SELECT (" + text + "\n)");
        const SyntaxTree bare = SyntaxTree::parse("SELECT " + text);
        const bool one = select.root().n_stmts == 1 && bare.same_as("SELECT (" + text + "\n)");
        if (!one) throw refuse("this is not one expression");
        // What another table says may change while the rows are copied: some would get the old value, some the new.
        const auto relations = relations_read(select);
        if (!relations.empty()) {
            throw Error(ErrorKind::refused,
                        fmt::format("{}: it reads {}: the value must depend on the row alone, because rows are copied "
                                    "at different moments and what is read may change between them",
                                    where, fmt::join(relations, ", ")),
                        "Fill the column after the migration (UPDATE in batches); or write a CASE expression with the "
                        "values; or, if what is read does not change meanwhile, put the query into a function of the "
                        "row's columns that is declared IMMUTABLE (verification then fixes rows that differ).");
        }
    } catch (const SyntaxError& error) {
        throw refuse(error.message);
    }
    const std::vector<Token> words = tokens(text);
    return text.substr(words.front().begin, words.back().end - words.front().begin);
}

}  // namespace pgwraith::plan
