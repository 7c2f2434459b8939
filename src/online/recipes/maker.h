// What the recipes write their steps into.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pgwraith/online/recipes.h"

namespace pgwraith::online {

// What names a row of the live table: the columns of its primary key, or its place when there is none.
struct RowKey {
    std::string title;
    std::string value;  // SQL
};

// Why a rehearsal does not make it.
inline constexpr const char* binds_rows = "it would refuse rows of the application";

class Maker {
  public:
    Maker(const catalog::Table& live, int server_version, const Facts& facts, bool rehearsal = false);

    const catalog::Table& live;
    const int server_version;
    const Facts& facts;
    const bool rehearsal;

    // ALTER TABLE … on the live table.
    std::string alter(const std::string& what) const;

    // In a query of the live table, whose own name it has there, as expressions of the user's may have it.
    std::string column(const std::string& name) const;

    // The user's own, or the server's choice. Both were found to be free when the server was asked.
    std::string name_for(const plan::Part& part, const std::string& server_says) const;
    // Of a constraint of ours that goes again: with a number when it is taken.
    std::string helper_name(const std::string& wanted);

    // What stands now, after the parts so far: the live table's column of that name; nullptr: it is another one, or
    // new.
    const catalog::Column* untouched(const std::string& column) const;
    // The live table's column that is called so now, whatever has become of it; nullptr: it is new.
    const catalog::Column* original(const std::string& column) const;
    // What takes SET NOT NULL back: nothing, where the column was NOT NULL before.
    std::vector<std::string> undo_not_null(const std::string& column) const;
    bool exists(const std::string& column) const;
    // The live table's NOT NULL constraint of a column that is called so now (from PostgreSQL 18 on); nullptr: none.
    const catalog::Constraint* not_null_of(const std::string& column) const;
    void added(const std::string& column, const std::optional<std::string>& computed = {});
    void dropped(const std::string& column);
    void renamed(const std::string& from, const std::string& to);
    void touched(const std::string& column);  // its type or NOT NULL is another from here on
    void filled(const plan::Part& part);
    void dropped_constraint(const std::string& name);

    // Of a rehearsal. The column has this name only in what is tried.
    void only_tried(const std::string& column);
    // All of them are there when a step is made.
    bool there(const std::vector<std::string>& columns) const;
    // In a rehearsal the step is not made, but this; what was decided before stays.
    Step instead(Step step, InRehearsal what, std::string why) const;
    // It is left out unless its columns are there.
    Step if_there(Step step, const std::vector<std::string>& columns) const;

    // What is asked of rows with these columns comes before everything, when that can be: each is one that stands now,
    // or can be computed of the rows as they are.
    bool known_now(const std::vector<std::string>& columns) const;
    // What the rows are read from, for a FROM: under the table's own name, with these columns.
    std::string rows_with(const std::vector<std::string>& columns) const;
    // A query whose rows are sentences, over rows_with() the same columns. `index`: that is built behind it.
    void check(std::string what, std::string query, const std::vector<std::string>& columns,
               const std::string& index = {});
    // Joined with the one before if that is locked as well; in a rehearsal if the same becomes of both.
    void locked(Step step);
    // With an ANALYZE behind it. Joined with the one before, so that each row is written once.
    void fill(Step step);
    void step(Step step);
    // A constraint that is NOT VALID, which binds the application: a rehearsal only tries it.
    void bind(Step add);
    // VALIDATE of such a constraint (quoted); `left_out`: why a rehearsal does not.
    void validate(std::string what, const std::string& constraint,
                  std::string left_out = "the constraint is not there; its rows were looked for before");
    std::vector<Step> finish();

    // `now`: by the names that the columns have in the live table; else by those that they have by then.
    RowKey row_key(bool now) const;

    // A sentence when rows of the table, with these columns, fulfil the condition: how many, and which, by the primary
    // key.
    std::string rows_where(const std::string& condition, const std::string& sentence,
                           const std::vector<std::string>& columns) const;

  private:
    std::optional<std::string> computed(const std::string& column) const;
    void has(const std::string& column, const std::optional<std::string>& computed);

    std::vector<Step> checks_;
    std::vector<Step> steps_;
    std::set<std::string> helpers_;
    std::set<std::string> only_tried_;
    std::map<std::string, const catalog::Column*> columns_;    // by the name now
    std::map<std::string, const catalog::Column*> originals_;  // likewise
    std::map<std::string, std::string> computed_;              // likewise, over the row of the live table
};

// Of the rows as they are: what is found is how many are in the way, and which.
void look_for_nulls(Maker& maker, const std::string& column);
void look_for_refused(Maker& maker, const std::string& name, const plan::Part& part);  // by the part's CHECK
// false: only the server can look.
bool look_for_orphans(Maker& maker, const plan::Part& part, const Facts::Referenced& referenced);
// Nothing if only the index can compare.
void look_for_duplicates(Maker& maker, const plan::Part& part, const std::string& index);

// One for each kind; `server_says`: the name that the server would choose.
// `others`: tables that the statement locks as it locks the live one; `referenced`: of a column that is added with a
// foreign key.
void make_instant(Maker& maker, const plan::Part& part, const plan::WayOfPart& way,
                  const std::vector<QualifiedName>& others, const Facts::Referenced& referenced);
void make_set_not_null(Maker& maker, const plan::Part& part, const std::string& server_says);
void make_check(Maker& maker, const plan::Part& part, const std::string& server_says);
void make_foreign_key(Maker& maker, const plan::Part& part, const std::string& server_says,
                      const Facts::Referenced& referenced);
void make_create_index(Maker& maker, const plan::Part& part, const std::string& server_says);
void make_drop_index(Maker& maker, const plan::Part& part);
// UNIQUE and PRIMARY KEY.
void make_unique(Maker& maker, const plan::Part& part, const std::string& server_says);
void make_validate(Maker& maker, const plan::Part& part, const Facts::Referenced& referenced);
void make_fill(Maker& maker, const plan::Part& part);

}  // namespace pgwraith::online
