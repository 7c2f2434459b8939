// From the parts of the user's SQL to steps: pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "pgwraith/catalog/table.h"
#include "pgwraith/online/step.h"
#include "pgwraith/plan/parts.h"
#include "pgwraith/plan/ways.h"

namespace pgwraith::online {

// What a recipe has to know of the server besides the table.
struct Facts {
    struct Referenced {
        QualifiedName table;
        std::vector<std::string> primary_key;
        bool readable = true;  // its rows can be asked for partners by our role
    };
    std::set<std::string> relations;               // names of the table's schema
    std::set<std::string> constraints;             // likewise, of constraints of any table
    std::map<std::size_t, Referenced> referenced;  // by the part, a foreign key, that refers to it
};

// Read without a lock. REQUIRES: a session in which a name without a schema means what the user means.
Task<Facts> read_facts(postgres::Connection& connection, catalog::Table live, std::vector<plan::Part> parts);

// now() and its like in what fills a column become this moment, as in a plain statement, whatever the chunks' own
// moments are. Returns a sentence for each column that is concerned. REQUIRES: a session for rows.
Task<std::vector<std::string>> keep_one_moment(postgres::Connection& connection, std::vector<plan::Part>& parts);

// The steps of all parts, in order; what is asked of the data comes first, as far as it can be asked before the rest.
// Locked steps that stand side by side are one: they take effect together. `rehearsal`: each step says what a rehearsal
// does with it. REQUIRES: no part's way is the shadow; a way and a name for each part.
std::vector<Step> make_steps(const std::vector<plan::Part>& parts, const std::vector<plan::WayOfPart>& ways,
                             const plan::ServerSays& says, const catalog::Table& live, int server_version,
                             const Facts& facts, bool rehearsal = false);

}  // namespace pgwraith::online
