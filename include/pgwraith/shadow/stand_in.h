// An empty table that is as the live one is, for statements to be tried on: the shadow begins as one.
#pragma once

#include <string>

#include "pgwraith/base/real_names.h"
#include "pgwraith/catalog/event_triggers.h"
#include "pgwraith/catalog/table.h"
#include "pgwraith/plan/statements.h"
#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::shadow {

struct StandInTable {
    std::string search_path;  // in force, for what the server says
    RealNames names;          // of the tables that play others
};

// In the caller's transaction: the schema with its mark, the table with all that is its own, and empty tables in the
// place of those that its foreign keys, and the new ones in `sql`, refer to. Throws Error(refused) for what the server
// does not make again.
Task<StandInTable> make_stand_in(postgres::Connection& connection, catalog::Table live, plan::UserSql sql,
                                 CreateOptions options);

// Beside it. Throw Error(refused) for an ALTER SEQUENCE that may not be, or that the server refuses, and for an index
// of that name which is another table's.
Task<void> try_sequence_statement(postgres::Connection& connection, catalog::Table live, std::string schema,
                                  plan::Statement statement);
Task<void> require_own_indexes(postgres::Connection& connection, catalog::Table live, std::string schema,
                               plan::Statement statement);

// Names of its indexes and constraints, by OID.
struct NamesOfParts {
    std::map<Oid, std::string> indexes;
    std::map<Oid, std::string> constraints;
};
Task<NamesOfParts> read_names(postgres::Connection& connection, QualifiedName table);

}  // namespace pgwraith::shadow
