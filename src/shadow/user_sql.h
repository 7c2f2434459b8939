// The user's statements, run on the empty shadow.
#pragma once

#include <vector>

#include "foreign_keys.h"
#include "part_names.h"
#include "pgwraith/shadow/blueprint.h"
#include "sequences.h"

namespace pgwraith::shadow {

// The objects that the statements act on, besides the shadow.
struct Actors {
    std::vector<StandIn> stand_ins;
    std::vector<SequenceAtSwap> sequences;
    PartNames indexes;
    PartNames constraints;
};

// In the caller's transaction. Throws Error(refused) in the server's words, with the statement's line.
Task<void> run_user_sql(postgres::Connection& connection, catalog::Table live, plan::UserSql sql, CreateOptions options,
                        std::string search_path, Actors& actors);

}  // namespace pgwraith::shadow
