// How the shadow table is made: the parts that stand during the copy, and the parts that are built after it.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/catalog/definition.h"
#include "pgwraith/catalog/event_triggers.h"
#include "pgwraith/catalog/table.h"
#include "pgwraith/plan/mapping.h"
#include "pgwraith/plan/statements.h"

namespace pgwraith::shadow {

// An index to be built after the copy, with the constraint that stands on it, if one does.
struct IndexPlan {
    std::string name;
    std::string create_sql;
    std::string constraint_sql;  // ALTER TABLE … ADD CONSTRAINT … USING INDEX; empty: a plain index
    bool unique = false;
    bool first = false;   // a key to the table stands on it, and would go to another one on the same columns
    bool helper = false;  // for looking rows up by the followed key; the swap drops it
    std::vector<std::string>
        key_columns;                     // of a plain unique index, to find duplicates by; empty: expressions, partial
    std::vector<std::string> after_sql;  // comments, statistics targets, CLUSTER mark, replica identity
};

// A foreign key of the new table, or to it: it stands from the swap on, never before, because the shadow's rows are
// behind the live table's and would make changes of the other table fail.
struct ForeignKey {
    std::string name;
    QualifiedName child;     // that has the key; the live table's name: the new table
    QualifiedName parent;    // that it refers to; likewise
    std::string definition;  // FOREIGN KEY … without NOT VALID
    bool validated = true;   // false: NOT VALID it was and stays
    bool enforced = true;
    bool added = false;  // by the user's statements
    std::optional<std::string> comment;
    std::vector<std::string> child_columns;
    std::vector<std::string> parent_columns;
    std::string parent_index;  // that it stands on; only while the shadow is made
};

// ALTER SEQUENCE name options, in the swap, of a sequence that stays where it is.
struct SequenceAtSwap {
    QualifiedName name;
    std::string options;
    bool sets_type = false;
};

// A CHECK of the live table that the change does not touch. Old rows need not meet it any more (CURRENT_DATE, a
// replaced function), and ALTER TABLE would not check them.
struct UntouchedCheck {
    std::string name;
    std::vector<std::string> at_swap_sql;  // NOT VALID, and its comment
    bool set_aside = false;                // a row of the live table does not meet it: added in the swap
};

// Flags and settings of the table (catalog/flags.h) that the user's statements set or take away, under the new names.
struct ChangedFlags {
    catalog::Definition set;
    catalog::Definition gone;
};

struct StorageParameter {
    std::string name;  // toast.… for those of the TOAST table
    std::string value;
};

// The empty shadow after the user's statements, before its indexes and constraints were taken off for the copy. Kept in
// the journal: the build works from it.
struct Blueprint {
    Oid shadow_oid = 0;
    std::vector<IndexPlan> indexes;
    std::vector<std::string> after_build_sql;  // exclusion constraints, one statement each
    std::vector<std::string> at_swap_sql;      // from the swap on: NOT VALID constraints, which bind new rows
                                               // only, and the storage parameters about autovacuum
    std::vector<ForeignKey> foreign_keys;
    std::vector<SequenceAtSwap> sequences;
    std::vector<UntouchedCheck> untouched_checks;
    ChangedFlags flags;
    std::vector<StorageParameter> storage_parameters;  // in their order, as the swap sets them again
    // By the user's statements: old name and new one.
    std::map<std::string, std::string> renamed_indexes;
    std::map<std::string, std::string> renamed_constraints;
    plan::Mapping mapping;
    std::vector<std::string> warnings;  // for people; not in the journal
};

// The new table's name for an object that has `name` in the live table.
std::string name_now(const std::map<std::string, std::string>& renamed, const std::string& name);

// Unique values may move between rows of the new table, beside those of the followed key.
bool has_other_unique(const Blueprint& blueprint);

void to_json(nlohmann::json& json, const Blueprint& blueprint);
void from_json(const nlohmann::json& json, Blueprint& blueprint);

// Makes schema and shadow inside the caller's transaction: an exact empty copy of `live`, the user's statements run
// on it, the mapping computed and tried, then indexes and constraints taken off again.
// `marker` is the schema's comment, by which an abort knows that it is ours.
// Throws Error(refused) for statements that the server refuses and columns that cannot be filled.
struct CreateOptions {
    std::string schema;
    std::string marker;
    std::map<std::string, std::string> values;
    std::vector<catalog::EventTrigger> event_triggers;
};
Task<Blueprint> create_shadow(postgres::Connection& connection, catalog::Table live, catalog::Key key,
                              plan::UserSql sql, CreateOptions options);

// What is new with the shadow comes into the live table's schema at the swap, under its name. Says which name somebody
// else has there; nullopt: all are free.
Task<std::optional<std::string>> find_taken_name(postgres::Connection& connection, catalog::Table live,
                                                 std::string shadow_schema);

// Takes off what a build has put on, in the caller's transaction, for a copy that starts over.
Task<void> take_off(postgres::Connection& connection, Oid shadow_oid);

}  // namespace pgwraith::shadow
