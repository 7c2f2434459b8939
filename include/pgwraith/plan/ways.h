// Which way a change can go: the classification, pure. docs/online.md has the table of all kinds.
#pragma once

#include <cstdint>
#include <map>
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
    std::set<std::size_t> rewrites;        // the table got another file
    std::set<std::size_t> rebuilds_index;  // an index that stays got another file
    std::set<std::size_t> reads;           // the table was scanned
    std::vector<std::string> names;        // by part: of the constraint or index that it made; empty: none
    // What outside of the table uses the column that the part retypes or drops, so that the plain statement fails or
    // takes it along: "view public.v".
    std::map<std::size_t, std::string> used_by;
    // Other tables that the statement locks as it locks the live one: of foreign keys that it drops or makes anew.
    std::map<std::size_t, std::vector<QualifiedName>> locks;
    std::set<std::size_t> checks_key;  // rows are read for a foreign key on the column that the part retypes
};

struct WayOfPart {
    Way way = Way::shadow;
    std::string why;   // a sentence: "the catalog only: old rows get the constant from there"
    std::string lock;  // the strongest on the live table: "ACCESS EXCLUSIVE, for an instant"
    bool reads_table = false;
    bool writes_rows = false;
};

// REQUIRES: says.names has a place for each part.
std::vector<WayOfPart> find_ways(const std::vector<Part>& parts, const ServerSays& says, int server_version);

// The dearest of them: the way of the whole.
Way way_of_all(const std::vector<WayOfPart>& ways);

// What filling columns in place costs, beside what a shadow costs. Roughly: bytes, and seconds of a server that does
// little else.
struct Weighed {
    double rows_written = 0;           // in place: a row that two passes write counts twice
    std::uint64_t in_place_bytes = 0;  // new versions of rows, and their entries in every index
    std::uint64_t dead_bytes = 0;      // old versions, which vacuum takes back for later rows
    std::uint64_t in_place_wal = 0;
    double in_place_seconds = 0;
    std::uint64_t shadow_bytes = 0;  // the table and its indexes once more
    std::uint64_t shadow_wal = 0;
    double shadow_seconds = 0;
    bool in_place = true;  // it is over soon, or before the shadow
};

// `filled`: of each pass that fills columns the part of the rows that it writes, 0 to 1. Fills that stand side by side
// are one pass.
Weighed weigh(const catalog::Table& live, const std::vector<double>& filled);

// Beside the table, with what changes meanwhile.
std::uint64_t room_for_shadow(std::uint64_t table_bytes);

}  // namespace pgwraith::plan
