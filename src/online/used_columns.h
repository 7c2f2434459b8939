// Who else uses what a part changes on the live table: the empty stand-in has no views, rules or keys of other tables.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/catalog/table.h"
#include "pgwraith/plan/parts.h"
#include "stand_in_state.h"

namespace pgwraith::online {

struct Uses {
    std::string used_by;               // one of them, as the server describes it; empty: nobody
    std::vector<QualifiedName> locks;  // other tables that the server locks with this one
    bool checks_key = false;           // rows are read for a foreign key that the server makes anew
};

// `before`: the stand-in before the part ran; its columns count the live table's. REQUIRES: the part has run on the
// stand-in.
Task<Uses> find_uses(postgres::Connection& connection, catalog::Table live, plan::Part part, StandInState before,
                     QualifiedName stand_in);

}  // namespace pgwraith::online
