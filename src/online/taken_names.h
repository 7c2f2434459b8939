// Names in the live table's schema that others have: the stand-in stands in a schema of its own, where all are free.
#pragma once

#include "pgwraith/catalog/table.h"
#include "pgwraith/plan/parts.h"

namespace pgwraith::online {

// In the caller's transaction, which is rolled back: something empty takes such a name in the stand-in's schema, so
// that the server refuses it, passes it over, or chooses another, as it will beside the live table.
class TakenNames {
  public:
    TakenNames(postgres::Connection& connection, const catalog::Table& live, std::string schema)
        : connection_(connection), live_(live), schema_(std::move(schema)) {}

    // The names that the part gives to something.
    Task<void> keep(plan::Part part);
    // A name that the server has chosen: whether somebody has it, and then for the next time that it chooses.
    Task<bool> is_taken(std::string name, plan::PartKind kind);
    Task<void> keep_choice(std::string name, plan::PartKind kind);

  private:
    struct Owners {
        bool relation = false;
        bool constraint = false;
        bool statistics = false;
    };
    Task<Owners> others(std::string name);
    Task<Owners> others_of_choice(std::string name, plan::PartKind kind);
    Task<void> take(std::string name, Owners owners);

    postgres::Connection& connection_;
    const catalog::Table& live_;
    std::string schema_;
    int made_ = 0;
};

}  // namespace pgwraith::online
