// The user's SQL: parsed by PostgreSQL's own parser, checked statement by statement, turned to the shadow.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pgwraith/base/names.h"

namespace pgwraith::plan {

// ALTER SEQUENCE of a sequence that a column of the table owns. It runs in the swap, on the sequence itself.
struct SequenceChange {
    std::string schema;  // empty: not said
    std::string name;
    bool if_exists = false;
    bool sets_type = false;               // AS is among the options
    std::string options;                  // "AS bigint CACHE 10"; empty: nothing is left to do
    std::optional<std::string> owned_by;  // the column that is said to own it
};

struct Statement {
    std::string text;        // as the user wrote it, trimmed
    std::string shadow_sql;  // the same for the shadow: the table and everything of it in the shadow's schema
    std::string summary;     // "ALTER TABLE: ADD COLUMN status, ALTER COLUMN amount TYPE bigint"
    int line = 1;            // in the `sql` text
    std::optional<SequenceChange> sequence = {};  // then shadow_sql is empty
    std::vector<std::string> dropped_indexes = {};
};

// A statement of a pasted script that has nothing to do here: BEGIN, SET lock_timeout, …
struct LeftOut {
    std::string text;
    std::string why;
    int line = 1;
};

// A table that a new foreign key refers to. While the statements run on the shadow, an empty table of that name plays
// it, so that the table itself is not locked.
struct Reference {
    QualifiedName table;   // as the user writes it; without a schema: by the search_path
    std::string stand_in;  // the schema of the table that plays it
    int line = 1;          // in the `sql` text, where it is named first
};

struct UserSql {
    std::vector<Statement> statements;
    std::vector<LeftOut> left_out;
    std::vector<Reference> references;
    // Expressions that an ALTER on an empty table would lose, by the column's final name. They refer to the
    // live table's columns by the names these have there, unqualified.
    std::map<std::string, std::string> using_expressions;  // ALTER COLUMN … TYPE … USING <expr>
    std::set<std::string> own_casts;                       // of using_expressions: the column itself, as that type
    std::map<std::string, std::string> added_defaults;     // ADD COLUMN … DEFAULT <expr>: what old rows get
    std::set<std::string> constant_defaults;               // of added_defaults: a plain literal
    std::set<std::string>
        superseded_defaults;              // of added_defaults and added_serials: changed by a later SET or DROP DEFAULT
    std::set<std::string> added_serials;  // ADD COLUMN … serial: old rows get the sequence's next values
    std::map<std::string, std::string> renamed_columns;  // old name -> final name
    bool changes_nothing() const { return statements.empty(); }
};

// Throws Error(refused) naming the statement, its line and what is allowed instead, for syntax errors too.
// Statements may name the table qualified or bare; anything about another relation is refused.
// A shadow_sql is checked to parse to the same tree as the user's statement, names apart. CONCURRENTLY is left
// out of it: the shadow is nobody else's.
UserSql parse_user_sql(const std::string& sql, const QualifiedName& table, const std::string& shadow_schema);

// The text without comments around it, checked to be one SQL expression. `where` begins the message of the
// Error(refused) that is thrown otherwise ("values: status").
std::string check_expression(const std::string& text, const std::string& where);

}  // namespace pgwraith::plan
