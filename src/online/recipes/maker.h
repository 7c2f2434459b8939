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
    bool exists(const std::string& column) const;
    // The live table's NOT NULL constraint of a column that is called so now (from PostgreSQL 18 on); nullptr: none.
    const catalog::Constraint* not_null_of(const std::string& column) const;
    void added(const std::string& column);
    void dropped(const std::string& column);
    void renamed(const std::string& from, const std::string& to);
    void touched(const std::string& column);  // its type, default or NOT NULL is another from here on
    void dropped_constraint(const std::string& name);

    // Of a rehearsal. The column has this name only in what is tried.
    void only_tried(const std::string& column);
    // All of them are there when a step is made.
    bool there(const std::vector<std::string>& columns) const;
    // The step is not made, but this; what was decided before stays.
    static Step instead(Step step, InRehearsal what, std::string why);
    // It is left out unless its columns are there.
    Step if_there(Step step, const std::vector<std::string>& columns) const;

    // A query whose rows are sentences. It comes before everything when all its columns are as they are now.
    void check(std::string what, std::string query, const std::vector<std::string>& columns);
    // Joined with the one before if that is locked as well; in a rehearsal if the same becomes of both.
    void locked(Step step);
    // With an ANALYZE behind it. Joined with the one before, so that each row is written once.
    void fill(Step step);
    void step(Step step);
    std::vector<Step> finish();

    RowKey row_key() const;

    // A sentence when rows of the table fulfil the condition: how many, and which, by the primary key.
    std::string rows_where(const std::string& condition, const std::string& sentence) const;

  private:
    std::vector<Step> checks_;
    std::vector<Step> steps_;
    std::set<std::string> helpers_;
    std::set<std::string> only_tried_;
    std::map<std::string, const catalog::Column*> columns_;  // by the name now
};

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
void make_validate(Maker& maker, const plan::Part& part);
void make_fill(Maker& maker, const plan::Part& part);

}  // namespace pgwraith::online
