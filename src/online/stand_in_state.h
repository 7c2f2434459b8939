// What the stand-in is between two statements.
#pragma once

#include <map>
#include <set>
#include <string>

#include "pgwraith/base/names.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::online {

struct StandInState {
    Oid file_node = 0;
    std::int64_t scans = 0;  // sequential ones, of this transaction
    std::map<Oid, std::string> index_names;
    std::map<Oid, Oid> index_files;
    std::map<Oid, std::string> constraints;
    std::set<std::string> statistics;
    std::map<std::string, int> columns;        // and their numbers
    std::set<std::string> with_missing_value;  // old rows get a default from the catalog
    std::set<std::string> generated;

    // File nodes: an index that a change of type makes anew keeps its name, and its file if it fits.
    std::map<std::string, Oid> indexes_by_name() const;
};

Task<StandInState> read_state(postgres::Connection& connection, QualifiedName table);

// The name of what was not there before; empty: nothing new.
std::string first_new(const std::map<Oid, std::string>& before, const std::map<Oid, std::string>& after);

}  // namespace pgwraith::online
