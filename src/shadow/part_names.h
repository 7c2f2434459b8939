// The indexes and constraints that the user's statements rename.
#pragma once

#include <map>
#include <string>

#include "pgwraith/base/names.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::shadow {

// One kind, followed from statement to statement.
class PartNames {
  public:
    using Now = std::map<Oid, std::string>;

    void begin(const Now& now);
    // After a statement. One that is gone while another has its name was made anew, as ALTER COLUMN TYPE does it.
    void follow(const Now& now);
    // The first and the last name of each object that has another name now.
    std::map<std::string, std::string> renamed() const;

  private:
    struct Part {
        Oid oid = 0;
        std::string name;
    };
    std::map<std::string, Part> parts_;  // by their first names
};

struct Parts {
    PartNames::Now indexes;
    PartNames::Now constraints;
};
Task<Parts> read_parts(postgres::Connection& connection, QualifiedName table);

}  // namespace pgwraith::shadow
