// A script that is about several tables, as an ORM prints it: which statement is about what.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/base/names.h"

namespace pgwraith::plan {

struct ScriptStatement {
    enum class About {
        table,
        index,       // of a table that only the server knows
        sequence,    // likewise: the table whose column owns it
        statistics,  // likewise
        around,      // BEGIN, SET lock_timeout: goes with each table's statements, or with none
        makes,       // something new, to which a table's statements may refer: CREATE TABLE, CREATE TYPE …
        rows,        // INSERT, UPDATE …: they change what is in tables
        block,       // DO: what it does is not known
        other,       // of no one table that stands
    };
    About about = About::other;
    QualifiedName name;          // without a schema: by the search_path; of SET: the setting
    QualifiedName creates = {};  // by which later statements name it
    std::string text;            // without what separates the statements
    int line = 1;
};

// Pure. Throws Error(refused) for what PostgreSQL 15's grammar does not take.
std::vector<ScriptStatement> read_script(const std::string& script);

}  // namespace pgwraith::plan
