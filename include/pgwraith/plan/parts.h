// The user's SQL in its smallest parts: one sub-command each, in the order in which PostgreSQL runs them, as
// statements on the live table.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pgwraith/base/names.h"
#include "pgwraith/plan/statements.h"

namespace pgwraith::plan {

enum class PartKind {
    add_column,  // bare: type, collation, a default that is not filled in, NOT NULL only beside such a default
    drop_column,
    rename_column,
    alter_type,
    set_default,
    drop_default,
    set_not_null,
    drop_not_null,
    add_check,
    add_foreign_key,
    add_unique,
    add_primary_key,
    add_exclusion,
    add_constraint_using_index,  // UNIQUE or PRIMARY KEY USING INDEX
    drop_constraint,
    validate_constraint,
    rename_constraint,
    create_index,
    drop_index,
    rename_index,
    alter_index,  // SET, RESET, SET STATISTICS
    set_storage_parameters,
    set_statistics,
    set_column_options,  // SET (n_distinct …), SET STORAGE, SET COMPRESSION
    set_tablespace,      // of the table or of an index
    add_identity,
    set_identity,
    drop_identity,
    drop_expression,
    alter_sequence,
    cluster_mark,
    not_of,
    comment,
    create_statistics,
    drop_statistics,
    fill,   // of no statement: a column that `values` (or a volatile default) fills in old rows
    other,  // what only the shadow way knows
};

// What a unique index takes for one value, as the server says it of the index.
struct UniqueKey {
    std::vector<std::string> elements = {};    // columns and expressions, for people
    std::vector<std::string> collations = {};  // of each, quoted; empty: its type has none
    std::string predicate = {};                // of a partial index
    bool nulls_not_distinct = false;
};

struct Part {
    PartKind kind = PartKind::other;
    std::string sql;                        // one statement on the live table, every name qualified; empty for fill
    std::string summary;                    // "ADD COLUMN status", "CREATE INDEX t_a_idx"
    int line = 1;                           // in the `sql` text; 0: of `values` alone
    std::vector<std::string> columns = {};  // that it is about, by their names when it runs
    // Of the constraint, index, statistics object; empty: not said, the server would choose it.
    std::string name = {};
    std::optional<std::string> expression = {};  // of a default, a CHECK, what fills a column
    // By a foreign key, or by that of a column that is added and stays empty; without a schema: by the search_path.
    std::optional<QualifiedName> references = {};
    // By a foreign key; empty: the primary key of the table that it refers to.
    std::vector<std::string> referenced_columns = {};
    bool match_full = false;  // of a foreign key
    bool not_valid = false;   // the user wrote NOT VALID
    bool if_exists = false;   // IF EXISTS or IF NOT EXISTS
    bool unique = false;      // of create_index
    // Of a unique index and of UNIQUE and PRIMARY KEY, once the server has been asked; nullopt: it compares by
    // operators by which nothing but the index itself does.
    std::optional<UniqueKey> unique_key = {};
    std::string new_name = {};  // of a rename
    // Of a constraint: what follows ADD CONSTRAINT name, but NOT VALID ("CHECK (a > 0) NO INHERIT"). Of create_index:
    // what follows the index's name ("ON public.t USING btree (a)").
    std::string clause = {};
    // Of UNIQUE and PRIMARY KEY: what follows CREATE UNIQUE INDEX name ON table ("(a, b) INCLUDE (c) WITH (…)"), and
    // what the constraint has besides ("DEFERRABLE INITIALLY DEFERRED"). Of USING INDEX: the index's name.
    std::string index_clause = {};
    std::string attributes = {};
    std::string index = {};
    bool cascade = false;   // of what drops
    bool standing = false;  // of fill: the column was there before
    // Of add_column and fill, once the server has been asked: what the column has in old rows from then on, as an
    // expression over the row; nullopt: nothing but the step itself can tell.
    std::optional<std::string> computed = {};
    // Why nothing but the shadow way can do it, a sentence; empty: the kind decides.
    std::string only_shadow = {};
};

// What the text alone does not tell.
struct Known {
    std::set<std::string> columns = {};  // of the live table: what IF [NOT] EXISTS passes over becomes no part
    // Of columns that the SQL adds, whose default the server would compute for each old row: they are added without
    // it, get it for new rows, and are filled in place.
    std::set<std::string> computed_defaults = {};
};

// Pure. REQUIRES: `sql` was taken by parse_user_sql(). A sub-command that says several things (ADD COLUMN … NOT NULL
// CHECK … REFERENCES …) is divided. Statements keep their order; the sub-commands of one ALTER TABLE have the order of
// the server's passes. A column of `values` becomes a fill part, behind the part that adds the column and before what
// needs it filled (SET NOT NULL); columns that its expression reads are dropped behind it.
std::vector<Part> split_into_parts(const std::string& sql, const QualifiedName& table,
                                   const std::map<std::string, std::string>& values, const Known& known = {});

// The columns that an expression mentions.
std::vector<std::string> columns_read(const std::string& expression);

// The part that would add the constraint, which the server says so (pg_get_constraintdef); nullopt: it is said in words
// that our parser does not know.
std::optional<Part> part_of_constraint(const std::string& name, const std::string& definition,
                                       const QualifiedName& table);
// What the constraint asks of the rows.
void copy_condition(const Part& from, Part& to);

// What of a part's statement is about the table, on another table of the same name in `schema`; what a foreign key
// refers to is where `references`, those of the whole SQL, have it.
std::string part_on(const Part& part, const QualifiedName& table, const std::string& schema,
                    const std::vector<Reference>& references);

}  // namespace pgwraith::plan
