// What was filled is held against the expressions once more: ranges from all over the table, for a limited time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fill_statements.h"
#include "pgwraith/postgres/sessions.h"
#include "pgwraith/throttle/gate.h"

namespace pgwraith::online {

struct FillComparison {
    std::uint64_t rows = 0;            // compared; of all when `complete`
    std::vector<std::uint64_t> agree;  // by column
    std::vector<bool> repeatable;      // by column: its expression gives the same when it is asked twice
    bool complete = false;
};

// The ranges of a table of so many blocks, each block once: whenever one stops, those so far are spread over the whole
// table. Pure.
std::vector<transfer::BlockRange> spread_ranges(std::uint32_t blocks, std::uint32_t blocks_each);

// Stops after `limit`. A row that the application has changed since may differ: it is counted, and no error. Neither is
// a row from which nothing can be computed now.
Task<FillComparison> compare_filled(const postgres::Sessions& sessions, throttle::Gate& gate, Oid table, FillText text,
                                    milliseconds limit, std::function<void(const std::string&)> say);

}  // namespace pgwraith::online
