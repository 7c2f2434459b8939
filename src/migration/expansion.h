// `expand` in the journal, and the part of it that is no step: what old rows allow, and whether the columns agree.
#pragma once

#include "board.h"
#include "pgwraith/online/compare.h"
#include "pgwraith/online/contraction.h"
#include "pgwraith/online/plan_expansion.h"
#include "pgwraith/store/document.h"
#include "state.h"

namespace pgwraith::migration {

// The transaction that contracts.
struct ContractionBegun {
    Xid xid = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ContractionBegun, xid)

// Throws catalog::Refused. REQUIRES: a session for rows, outside of a transaction.
Task<online::ExpansionPlan> plan_expansion(postgres::Connection& connection, config::Settings settings,
                                           Identity identity, catalog::Table live);

// The steps, after a look at the rows that nothing can be computed from; the expansion is recorded.
Task<std::vector<online::Step>> begin_expansion(const postgres::Sessions& sessions, Board& board, store::Store& store,
                                                Identity identity);

// All rows; throws Error(stopped), or Error(refused) when `refuse` is set, with a count and keys.
Task<void> compare_columns(const postgres::Sessions& sessions, Board& board, store::Store& store, bool refuse);

// Whether the recorded transaction has contracted; false: none is recorded, or it has rolled back.
Task<bool> contracted(const postgres::Sessions& sessions, store::Store& store);

}  // namespace pgwraith::migration

namespace pgwraith::store {

template <>
inline constexpr const char* document_name<online::Expansion> = "expansion";
template <>
inline constexpr const char* document_name<migration::ContractionBegun> = "contraction";

}  // namespace pgwraith::store
