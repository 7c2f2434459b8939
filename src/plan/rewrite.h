// Turns one statement about the live table to the shadow.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/plan/statements.h"
#include "place.h"
#include "syntax_tree.h"

namespace pgwraith::plan {

// The tree is changed; the text is changed at the same places where the tree says where they are, which keeps
// the user's own words and does not depend on the deparser. Where it does not say, text() deparses.
class Rewriter {
  public:
    // `sql` and its `tokens` are the whole user text, into which the tree's locations point; `begin` and `end` are the
    // statement's place in it. All of them must outlive the rewriter.
    Rewriter(SyntaxTree& tree, const std::string& sql, const std::vector<Token>& tokens, std::size_t begin,
             std::size_t end, const Place& place, std::vector<Reference>& references)
        : tree_(tree), sql_(sql), tokens_(tokens), begin_(begin), end_(end), place_(place), references_(references) {}

    // orders.amount, public.orders.amount -> amount
    void unqualify_columns();
    // Every relation that the statement names must be the table; what a new foreign key refers to becomes a stand-in.
    void move_tables();
    // As above for a statement whose one relation is an index.
    void move_index(PgQuery__RangeVar& index);
    // A name of something in the table's schema: [schema,] name.
    void move_name(PgQuery__Node*& node);
    void move_name(PgQuery__Node**& nodes, std::size_t& count);
    // [schema,] table, part (a column, a constraint).
    void move_part_of_table(PgQuery__Node*& node);
    void drop_concurrently(protobuf_c_boolean& concurrent);

    // REQUIRES: all moves are done.
    std::string text() const;

  private:
    struct Edit {
        std::size_t begin;
        std::size_t end;
        std::string replacement;
    };

    PgQuery__Node& statement() const { return *tree_.root().stmts[0]->stmt; }
    void check_schema(const std::string& schema, const std::string& name) const;
    void move(PgQuery__RangeVar& relation, const std::string& schema);
    void move_reference(PgQuery__RangeVar& relation);
    std::size_t token_at(std::int32_t location) const;
    std::string edited_text() const;

    SyntaxTree& tree_;
    const std::string& sql_;
    const std::vector<Token>& tokens_;
    std::size_t begin_;
    std::size_t end_;
    const Place& place_;
    std::vector<Reference>& references_;
    std::vector<Edit> edits_;
};

}  // namespace pgwraith::plan
