#include "drafts.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "alter_names.h"
#include "alter_table.h"
#include "draft_pieces.h"
#include "pgwraith/base/error.h"
#include "words.h"

namespace pgwraith::plan {

namespace {

// Of a column's definition: words of the text.
struct Clause {
    std::size_t begin;
    const PgQuery__Constraint* constraint;  // nullptr: COLLATE
    std::size_t end = 0;
};

// A column's definition without what becomes a part of its own.
struct ColumnText {
    std::string plain;
    std::string bare;  // without DEFAULT and NOT NULL too
    std::optional<std::string> default_text;
    const PgQuery__Constraint* not_null = nullptr;
};

// One ALTER TABLE, sub-command by sub-command.
class Drafter {
  public:
    Drafter(const std::string& text, const QualifiedName& table, int line)
        : table_(table), line_(line), tree_(SyntaxTree::parse(text)), words_(text) {}

    std::vector<Draft> drafts();

  private:
    PgQuery__AlterTableStmt& statement() { return *tree_.root().stmts[0]->stmt->alter_table_stmt; }
    std::string on_table(const std::string& what) const { return fmt::format("ALTER TABLE {} {}", table_.sql(), what); }
    std::vector<std::pair<std::size_t, std::size_t>> slices();
    void require_same(std::size_t command, const std::string& sql);
    Part part(PartKind kind, const std::string& what, std::string summary) const;
    void draft(std::size_t at, std::size_t from, std::size_t to);
    void draft_column(std::size_t at, std::size_t from, std::size_t to);
    std::vector<Clause> clauses_of(const PgQuery__ColumnDef& column, std::size_t to) const;
    ColumnText text_of(const std::vector<Clause>& clauses, std::size_t from, std::size_t to) const;
    void say_key_with_column(std::size_t place, const std::string& plain, const Clause& clause);
    Draft draft_constraint(const PgQuery__Constraint& constraint, const std::string& what) const;
    void draft_inline(const PgQuery__Constraint& constraint, std::size_t from, std::size_t to,
                      const std::string& column);

    const QualifiedName& table_;
    int line_;
    SyntaxTree tree_;
    Words words_;
    std::vector<Draft> drafts_;
    std::size_t command_ = 0;
};

// The sub-commands are what the commas outside of parentheses separate.
std::vector<std::pair<std::size_t, std::size_t>> Drafter::slices() {
    const PgQuery__RangeVar& relation = *statement().relation;
    std::size_t from = words_.at(relation.location) + (*relation.schemaname != '\0' ? 3 : 1);
    from = words_.skip(words_.skip(from, ")"), "*");
    std::vector<std::pair<std::size_t, std::size_t>> found;
    for (;;) {
        const std::size_t to = words_.find(",", from, words_.size());
        found.emplace_back(from, to);
        if (to == words_.size()) break;
        from = to + 1;
    }
    ensure(found.size() == statement().n_cmds, "an ALTER TABLE has another number of sub-commands than commas");
    return found;
}

void Drafter::require_same(std::size_t command, const std::string& sql) {
    SyntaxTree alone = SyntaxTree::copy_statement(*tree_.root().stmts[0]);
    PgQuery__AlterTableStmt& copy = *alone.root().stmts[0]->stmt->alter_table_stmt;
    std::swap(copy.cmds[0], copy.cmds[command]);
    for (std::size_t i = 1; i < copy.n_cmds; ++i) pg_query__node__free_unpacked(copy.cmds[i], nullptr);
    copy.n_cmds = 1;
    copy.missing_ok = 0;
    copy.relation->inh = 1;
    set_string(copy.relation->schemaname, table_.schema);
    if (alone.same_as(sql)) return;
    throw Error(ErrorKind::refused, fmt::format("sql, line {}: this statement cannot be taken apart: {}", line_, sql),
                "Write its sub-commands as statements of their own.");
}

Part Drafter::part(PartKind kind, const std::string& what, std::string summary) const {
    Part part;
    part.kind = kind;
    part.sql = on_table(what);
    part.summary = std::move(summary);
    part.line = line_;
    return part;
}

std::vector<Draft> Drafter::drafts() {
    const auto found = slices();
    for (command_ = 0; command_ < found.size(); ++command_) {
        const auto [from, to] = found[command_];
        require_same(command_, on_table(words_.text(from, to)));
        draft(command_, from, to);
    }
    for (auto& draft : drafts_) {
        for (auto& instead : draft.when_filled) instead.command = draft.command;
    }
    return std::move(drafts_);
}

void Drafter::draft(std::size_t at, std::size_t from, std::size_t to) {
    const PgQuery__AlterTableCmd& command = *statement().cmds[at]->alter_table_cmd;
    if (command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn) return draft_column(at, from, to);
    if (command.subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint) {
        drafts_.push_back(draft_constraint(*command.def->constraint, words_.text(from, to)));
        drafts_.back().part.summary = summarize(command);
        drafts_.back().command = at;
        return;
    }
    const auto [kind, pass] = kind_of(command);
    Draft draft{pass, part(kind, words_.text(from, to), summarize(command)), at};
    draft.part.if_exists = command.missing_ok != 0;
    draft.part.cascade = command.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
    if (*command.name != '\0') {
        if (is_about_a_column(kind)) {
            draft.part.columns = {command.name};
        } else {
            draft.part.name = command.name;
        }
    }
    if (kind == PartKind::set_default) {
        const std::size_t keyword = words_.find("DEFAULT", from, to);
        draft.part.expression = words_.text(keyword + 1, to);
    }
    if (kind == PartKind::alter_type && command.def->column_def->raw_default != nullptr) {
        draft.part.expression = words_.text(words_.find("USING", from, to) + 1, to);
    }
    drafts_.push_back(std::move(draft));
}

Draft Drafter::draft_constraint(const PgQuery__Constraint& constraint, const std::string& what) const {
    const auto [kind, pass] = kind_of(constraint);
    Draft draft{pass, part(kind, what, {}), command_};
    draft.part.name = constraint.conname;
    draft.part.not_valid = constraint.skip_validation != 0;
    draft.part.index = constraint.indexname;
    draft.part.match_full = std::string_view(constraint.fk_matchtype) == "f";
    add_columns_of(constraint, draft.part);
    if (kind != PartKind::other) add_clauses(what, draft.part);
    return draft;
}

// CHECK, UNIQUE, PRIMARY KEY and REFERENCES of a column, as a constraint of the table.
void Drafter::draft_inline(const PgQuery__Constraint& constraint, std::size_t from, std::size_t to,
                           const std::string& column) {
    const std::string key = fmt::format("({})", quote_identifier(column));
    std::string what;
    if (constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN) {
        const std::size_t at = words_.find("REFERENCES", from, to);
        what = fmt::format("{} FOREIGN KEY {} {}", words_.text(from, at), key, words_.text(at, to));
    } else if (constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK) {
        what = words_.text(from, to);
    } else {
        const bool unique = constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE;
        std::size_t at = words_.find(unique ? "UNIQUE" : "KEY", from, to) + 1;
        if (words_.is(at, "NULLS")) at = words_.skip(at + 1, "NOT") + 1;
        what = fmt::format("{} {} {}", words_.text(from, at), key, words_.text(at, to));
    }
    what = "ADD " + what.substr(what.find_first_not_of(' '));
    while (what.ends_with(' ')) what.pop_back();
    SyntaxTree made = SyntaxTree::parse(on_table(what));
    const PgQuery__AlterTableCmd& command = *made.root().stmts[0]->stmt->alter_table_stmt->cmds[0]->alter_table_cmd;
    const PgQuery__Constraint& as_made = *command.def->constraint;
    ensure(as_made.contype == constraint.contype, "a column's constraint has become another");
    drafts_.push_back(draft_constraint(as_made, what));
    drafts_.back().part.summary = summarize(command);
}

bool is_attribute(PgQuery__ConstrType type) { return type >= PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE; }

// A default, an identity, a generation expression, or a serial.
bool says_what_rows_get(const PgQuery__ColumnDef& column) {
    for (std::size_t i = 0; i < column.n_constraints; ++i) {
        const auto type = column.constraints[i]->constraint->contype;
        if (type == PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT || type == PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY ||
            type == PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED) {
            return true;
        }
    }
    return is_serial(*column.type_name);
}

bool becomes_a_part(PgQuery__ConstrType type) {
    return type == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK || type == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY ||
           type == PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE || type == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN;
}

// Attributes go with the constraint before them.
std::vector<Clause> Drafter::clauses_of(const PgQuery__ColumnDef& column, std::size_t to) const {
    std::vector<Clause> clauses;
    if (column.coll_clause != nullptr) clauses.push_back({words_.at(column.coll_clause->location), nullptr});
    for (std::size_t i = 0; i < column.n_constraints; ++i) {
        const PgQuery__Constraint& constraint = *column.constraints[i]->constraint;
        if (!is_attribute(constraint.contype)) clauses.push_back({words_.at(constraint.location), &constraint});
    }
    std::ranges::sort(clauses, {}, &Clause::begin);
    for (std::size_t i = 0; i < clauses.size(); ++i) {
        clauses[i].end = i + 1 < clauses.size() ? clauses[i + 1].begin : to;
    }
    return clauses;
}

ColumnText Drafter::text_of(const std::vector<Clause>& clauses, std::size_t from, std::size_t to) const {
    ColumnText said;
    said.plain = said.bare = words_.text(from, clauses.empty() ? to : clauses.front().begin);
    for (const Clause& clause : clauses) {
        const auto type =
            clause.constraint == nullptr ? PG_QUERY__CONSTR_TYPE__CONSTR_TYPE_UNDEFINED : clause.constraint->contype;
        if (becomes_a_part(type)) continue;
        const std::string text = " " + words_.text(clause.begin, clause.end);
        said.plain += text;
        if (type == PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT) {
            said.default_text = words_.text(words_.find("DEFAULT", clause.begin, clause.end) + 1, clause.end);
        } else if (type == PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL) {
            said.not_null = clause.constraint;
        } else {
            said.bare += text;
        }
    }
    return said;
}

void Drafter::draft_column(std::size_t at, std::size_t from, std::size_t to) {
    const PgQuery__AlterTableCmd& command = *statement().cmds[at]->alter_table_cmd;
    const PgQuery__ColumnDef& column = *command.def->column_def;
    const auto clauses = clauses_of(column, to);
    const auto said = text_of(clauses, from, to);
    const std::string name = column.colname;
    Draft draft{Pass::add_column, part(PartKind::add_column, said.plain, summarize(command)), at};
    draft.part.columns = {name};
    draft.part.if_exists = command.missing_ok != 0;
    draft.part.expression = said.default_text;
    Draft without = draft;
    without.part.sql = on_table(said.bare);
    without.part.expression.reset();
    draft.when_filled.push_back(without);
    const std::string of_column = fmt::format("ALTER COLUMN {} ", quote_identifier(name));
    if (said.default_text) {
        Part set = part(PartKind::set_default, of_column + "SET DEFAULT " + *said.default_text,
                        fmt::format("ALTER COLUMN {} SET DEFAULT", name));
        set.columns = {name};
        set.expression = said.default_text;
        draft.when_filled.push_back({Pass::add_column, std::move(set), at});
    }
    if (said.not_null != nullptr) {
        Part set =
            part(PartKind::set_not_null, of_column + "SET NOT NULL", fmt::format("ALTER COLUMN {} SET NOT NULL", name));
        set.columns = {name};
        set.name = said.not_null->conname;
        draft.when_filled.push_back({Pass::column_attributes, std::move(set), at});
    }
    const bool empty = !says_what_rows_get(column);
    const bool needs_values = said.not_null != nullptr && empty;
    if (needs_values) draft.part.sql = without.part.sql;
    const std::size_t place = drafts_.size();
    drafts_.push_back(draft);
    if (needs_values) {
        drafts_.back().when_filled = {draft.when_filled.front()};
        drafts_.push_back(draft.when_filled.back());
    }
    for (const Clause& clause : clauses) {
        if (clause.constraint == nullptr || !becomes_a_part(clause.constraint->contype)) continue;
        draft_inline(*clause.constraint, clause.begin, clause.end, name);
        if (clause.constraint->contype != PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN) continue;
        if (empty && said.not_null == nullptr) say_key_with_column(place, said.plain, clause);
    }
}

// Said with a column that is NULL everywhere, a foreign key is not checked: there is nothing to look up. The draft of
// the key is the last one.
void Drafter::say_key_with_column(std::size_t place, const std::string& plain, const Clause& clause) {
    Draft& with_column = drafts_[place];
    if (with_column.part.references) return;
    Draft key = std::move(drafts_.back());
    drafts_.pop_back();
    with_column.part.sql = on_table(plain + " " + words_.text(clause.begin, clause.end));
    with_column.part.references = key.part.references;
    with_column.part.referenced_columns = key.part.referenced_columns;
    with_column.when_filled.push_back(std::move(key));
}

}  // namespace

std::vector<Draft> draft_alter_table(const std::string& text, const QualifiedName& table, int line) {
    return Drafter(text, table, line).drafts();
}

std::vector<std::string> columns_read(const std::string& expression) {
    try {
        SyntaxTree tree = SyntaxTree::parse("SELECT (" + expression + "\n)");
        return columns_in(tree.root().base);
    } catch (const SyntaxError&) {
        return {};
    }
}

bool keeps_what_is_there(const std::string& expression, const std::string& column) {
    try {
        SyntaxTree tree = SyntaxTree::parse("SELECT (" + expression + "\n)");
        const PgQuery__Node& value = *tree.root().stmts[0]->stmt->select_stmt->target_list[0]->res_target->val;
        if (value.node_case != PG_QUERY__NODE__NODE_COALESCE_EXPR) return false;
        const PgQuery__Node& first = *value.coalesce_expr->args[0];
        return first.node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
               strings(first.column_ref->fields, first.column_ref->n_fields) == std::vector{column};
    } catch (const SyntaxError&) {
        return false;
    }
}

}  // namespace pgwraith::plan
