// What becomes of each column while the user's statements run one after the other.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "pgwraith/plan/statements.h"

namespace pgwraith::plan {

struct ColumnState {
    std::optional<std::string> live_name;  // nullopt: a column that the SQL adds
    bool retyped = false;
    std::optional<std::string> using_expression;
    bool own_cast = false;  // that expression is the column itself, cast to its new type or not at all
    std::optional<std::string> added_default;
    bool constant_default = false;
    bool superseded_default = false;
    bool serial = false;
};

// Names are those of the moment. A column that was never mentioned is the live table's one of that name.
class ColumnHistory {
  public:
    ColumnState& at(const std::string& name);
    // As at(), without remembering the name.
    ColumnState peek(const std::string& name) const;

    void add(const std::string& name, ColumnState state) { touched_[name] = std::move(state); }
    void drop(const std::string& name) { touched_.erase(name); }
    void rename(const std::string& from, const std::string& to);

    // Moves what is known to `sql`, by final names.
    void finish(UserSql& sql) const;

  private:
    std::map<std::string, ColumnState> touched_;
};

}  // namespace pgwraith::plan
