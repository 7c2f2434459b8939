// Which way a change can go: the classification, pure. docs/online.md has the table of all kinds.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "pgwraith/catalog/table.h"
#include "pgwraith/plan/parts.h"

namespace pgwraith::plan {

enum class Way { instant, online, in_place, shadow };  // by their cost

const char* way_name(Way way);  // "instant", "online", "in place", "shadow"

// What the server did with a part on an empty table of the same shape, in a transaction that was rolled back. By the
// part's place.
struct ServerSays {
    std::set<std::size_t> rewrites;         // the table got another file
    std::set<std::size_t> rebuilds_index;   // an index that stays got another file
    std::vector<std::string> names;         // by part: of the constraint or index that it made; empty: none
};

struct WayOfPart {
    Way way = Way::shadow;
    std::string why;   // a sentence: "the catalog only: old rows get the constant from there"
    std::string lock;  // the strongest on the live table: "ACCESS EXCLUSIVE, for an instant"
    bool reads_table = false;
    bool writes_rows = false;
};

// REQUIRES: says.names has a place for each part.
std::vector<WayOfPart> find_ways(const std::vector<Part>& parts, const catalog::Table& live, const ServerSays& says,
                                 int server_version);

// The dearest of them: the way of the whole.
Way way_of_all(const std::vector<WayOfPart>& ways);

}  // namespace pgwraith::plan
