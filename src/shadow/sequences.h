// Statements that the swap runs on the sequences that number the table's rows.
#pragma once

#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::shadow {

// Runs the user's ALTER SEQUENCE on the shadow's own sequence if it has one of that name (an identity's, an added
// serial's). A sequence that stays where it is gets it in the swap: then it is tried on a stand-in and added to
// `changes`. Throws Error(refused) for any other sequence.
Task<void> run_sequence_statement(postgres::Connection& connection, catalog::Table live, std::string schema,
                                  plan::Statement statement, std::vector<SequenceAtSwap>& changes);

// A sequence that a widened column owns becomes as wide, unless the user says another type. (PostgreSQL does so for
// identity only.)
void widen_sequences(const catalog::Table& live, const plan::Mapping& mapping, std::vector<SequenceAtSwap>& changes);

// Warnings of sequences that number a column's rows and end before the new column does.
Task<std::vector<std::string>> narrow_sequences(postgres::Connection& connection, catalog::Table live,
                                                Blueprint blueprint);

}  // namespace pgwraith::shadow
