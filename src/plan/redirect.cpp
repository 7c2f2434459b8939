#include "pgwraith/plan/redirect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "syntax_tree.h"

namespace pgwraith::plan {

namespace {

struct Edit {
    std::size_t begin;
    std::size_t end;
    std::string replacement;
};

std::optional<SyntaxTree> try_parse(const std::string& sql) {
    try {
        return SyntaxTree::parse(sql);
    } catch (const SyntaxError&) {
        return std::nullopt;
    }
}

class Redirection {
  public:
    Redirection(const std::string& sql, SyntaxTree& tree, const std::vector<std::string>& search_path,
                const std::map<QualifiedName, QualifiedName>& to)
        : sql_(sql), tree_(tree), tokens_(tokens(sql)), search_path_(search_path), to_(to) {}

    std::optional<std::string> text() {
        walk(tree_.root().base, [this](ProtobufCMessage& message) { note(message); });
        walk(tree_.root().base, [this](ProtobufCMessage& message) { redirect_one(message); });
        if (!possible_) return std::nullopt;
        std::ranges::sort(edits_, {}, &Edit::begin);
        std::string result;
        std::size_t done = 0;
        for (const auto& edit : edits_) {
            if (edit.begin < done) return std::nullopt;
            result += sql_.substr(done, edit.begin - done) + edit.replacement;
            done = edit.end;
        }
        result += sql_.substr(done);
        if (!try_parse(result)) return std::nullopt;
        return result;
    }

  private:
    // Names that are none of a relation: of a WITH query, and what FOR UPDATE OF names by its alias.
    void note(ProtobufCMessage& message) {
        if (auto* with = message_as<PgQuery__CommonTableExpr>(message, pg_query__common_table_expr__descriptor)) {
            with_queries_.insert(with->ctename);
        }
        if (auto* lock = message_as<PgQuery__LockingClause>(message, pg_query__locking_clause__descriptor)) {
            for (std::size_t i = 0; i < lock->n_locked_rels; ++i) {
                auto* node = lock->locked_rels[i];
                if (node->node_case == PG_QUERY__NODE__NODE_RANGE_VAR) aliases_.insert(node->range_var);
            }
        }
    }

    const QualifiedName* find(const std::string& schema, const std::string& name) const {
        if (!schema.empty()) {
            const auto found = to_.find(QualifiedName{schema, name});
            return found == to_.end() ? nullptr : &found->second;
        }
        for (const auto& one : search_path_) {
            if (const auto found = to_.find(QualifiedName{one, name}); found != to_.end()) return &found->second;
        }
        return nullptr;
    }

    std::size_t token_at(std::int32_t location) const {
        const auto found = std::ranges::find(tokens_, static_cast<std::size_t>(std::max(location, 0)), &Token::begin);
        return static_cast<std::size_t>(found - tokens_.begin());
    }

    void redirect_one(ProtobufCMessage& message) {
        if (auto* column = message_as<PgQuery__ColumnRef>(message, pg_query__column_ref__descriptor)) {
            redirect_column(*column);
        }
        auto* relation = message_as<PgQuery__RangeVar>(message, pg_query__range_var__descriptor);
        if (relation == nullptr || aliases_.contains(relation)) return;
        const std::string schema = relation->schemaname;
        const std::string name = relation->relname;
        if (schema.empty() && with_queries_.contains(name)) return;
        const auto* target = find(schema, name);
        if (target == nullptr) return;
        const std::size_t first = token_at(relation->location);
        const std::size_t last = schema.empty() ? first : first + 2;
        if (last >= tokens_.size() || *relation->catalogname != '\0') {
            possible_ = false;
            return;
        }
        std::string text = target->sql();
        if (relation->alias == nullptr && target->name != name) text += " AS " + quote_identifier(name);
        edits_.push_back({tokens_[first].begin, tokens_[last].end, text});
    }

    // schema.table.column: the table goes by its bare name now.
    void redirect_column(PgQuery__ColumnRef& column) {
        const auto names = strings(column.fields, column.n_fields);
        if (names.size() != 3 || find(names[0], names[1]) == nullptr) return;
        const std::size_t first = token_at(column.location);
        if (first + 2 >= tokens_.size()) return;
        edits_.push_back({tokens_[first].begin, tokens_[first + 2].begin, ""});
    }

    const std::string& sql_;
    SyntaxTree& tree_;
    std::vector<Token> tokens_;
    const std::vector<std::string>& search_path_;
    const std::map<QualifiedName, QualifiedName>& to_;
    std::set<std::string> with_queries_;
    std::set<const PgQuery__RangeVar*> aliases_;
    std::vector<Edit> edits_;
    bool possible_ = true;
};

}  // namespace

std::optional<std::string> redirect(const std::string& sql, const std::vector<std::string>& search_path,
                                    const std::map<QualifiedName, QualifiedName>& to) {
    auto tree = try_parse(sql);
    if (!tree || tree->root().n_stmts != 1) return std::nullopt;
    return Redirection(sql, *tree, search_path, to).text();
}

std::string with_name(std::string text, const std::string& name, const std::string& by) {
    auto part_of_a_name = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || c == '"' || c == '.' ||
               (static_cast<unsigned char>(c) & 0x80U) != 0;
    };
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
        const std::size_t end = at + name.size();
        const bool longer_before = at > 0 && part_of_a_name(name.front()) && part_of_a_name(text[at - 1]);
        const bool longer_behind = end < text.size() && part_of_a_name(name.back()) && part_of_a_name(text[end]);
        if (longer_before || longer_behind) {
            at = end;
            continue;
        }
        text.replace(at, name.size(), by);
        at += by.size();
    }
    return text;
}

std::optional<bool> is_one_query(const std::string& sql) {
    auto tree = try_parse(sql);
    if (!tree) return std::nullopt;
    const auto& root = tree->root();
    if (root.n_stmts != 1) return false;
    const auto& statement = *root.stmts[0]->stmt;
    return statement.node_case == PG_QUERY__NODE__NODE_SELECT_STMT && statement.select_stmt->into_clause == nullptr;
}

}  // namespace pgwraith::plan
