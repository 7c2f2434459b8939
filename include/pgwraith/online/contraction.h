// `contract`: the old columns go, the new ones take over what they had.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pgwraith/catalog/preflight.h"
#include "pgwraith/catalog/table.h"
#include "pgwraith/online/expansion.h"
#include "pgwraith/online/short_lock.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::online {

// What of the table as it is now goes over to the new columns.
struct Inheritance {
    std::map<std::string, std::string> defaults;      // by the new column
    std::map<std::string, QualifiedName> references;  // foreign keys on old columns: the table that each refers to
};

// The statements of the one transaction, with its locks. Pure. REQUIRES: nothing of `expansion` is missing.
ShortWork contraction(const Expansion& expansion, const catalog::Table& live, const Inheritance& inheritance);

struct ContractionPlan {
    ShortWork work;
    std::vector<catalog::Refusal> refusals;  // what depends on the old columns, what is missing
    std::vector<std::string> goes;           // with the old columns, and has no twin: in words
};

// Asks the server, on stand-ins in `schema` in a transaction that is rolled back. REQUIRES: a session for rows, outside
// of a transaction.
Task<ContractionPlan> plan_contraction(postgres::Connection& connection, Expansion expansion, std::string schema);

}  // namespace pgwraith::online
