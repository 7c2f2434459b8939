// Whether old and new columns agree in every row: chunk by chunk, each in a snapshot of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pgwraith/catalog/table.h"
#include "pgwraith/online/expansion.h"
#include "pgwraith/postgres/sessions.h"
#include "pgwraith/throttle/gate.h"

namespace pgwraith::online {

struct Differences {
    std::uint64_t rows = 0;               // compared
    std::uint64_t different = 0;          // among them
    std::vector<std::string> which = {};  // some of them, as id=5
    std::string why = {};  // the server's words, when the rows are such that nothing can be computed from them
};

// So many blocks of all are done.
using CameTo = std::function<void(std::uint64_t, std::uint64_t)>;

// Goes on until there are `enough` different rows. Written rows are kept equal by the trigger, so that each row has to
// be seen once.
Task<Differences> compare_columns(const postgres::Sessions& sessions, throttle::Gate& gate, milliseconds chunk_target,
                                  catalog::Table live, Expansion expansion, CameTo came_to);

// The same before anything is made: rows from which `columns` of the expansion cannot be computed.
Task<Differences> find_not_computable(const postgres::Sessions& sessions, throttle::Gate& gate,
                                      milliseconds chunk_target, catalog::Table live, Expansion expansion,
                                      std::vector<std::string> columns, CameTo came_to);

// A sentence: "3 rows of public.t in which … do not agree, among them id=5; …"
std::string in_words(const Differences& differences, const std::string& table, const std::string& what);

}  // namespace pgwraith::online
