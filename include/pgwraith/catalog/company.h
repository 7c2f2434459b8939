// Others that follow the server's changes: other slots, other publications, synchronous standbys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pgwraith/base/lsn.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::catalog {

struct OtherSlot {
    std::string name;
    std::string plugin;
    bool active = false;
    bool temporary = false;
    std::uint64_t behind_bytes = 0;

    std::string describe() const;  // replication slot "cdc" (wal2json, active, 1.2 MiB behind)
};

struct Publisher {
    std::string name;
    bool all_tables = true;     // false: of the shadow's schema
    bool but_this_one = false;  // all tables except the live one
};

struct Company {
    std::vector<OtherSlot> slots;       // of this database, whose plugin knows no publications
    std::vector<Publisher> publishers;  // that publish the shadow of `table` as well
    std::string synchronous_standby_names;
};

// A slot of pgoutput gets what its consumer's publications say: only the publishers send the shadow.
Task<Company> read_company(postgres::Connection& connection, Oid table);

// By this value of synchronous_standby_names, a walsender of that name is a synchronous standby: commits wait until it
// acknowledges them. Logical walsenders count like any other.
bool counts_as_synchronous(std::string_view synchronous_standby_names, std::string_view application_name);

}  // namespace pgwraith::catalog
