// Keys of the ledger as the parameters of statements, and in words.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/postgres/connection.h"
#include "pgwraith/shadow/pair.h"
#include "pgwraith/store/ledger.h"

namespace pgwraith::transfer {

// Keys travel as arrays of text, one parameter per key column: ($1::int[], $2::text[]).
std::vector<postgres::Param> key_params(const shadow::Pair& pair, const std::vector<std::string>& encoded_keys);
std::vector<postgres::Param> key_params(const shadow::Pair& pair, const std::vector<store::LedgerEntry>& entries);

// As COPY … FROM STDIN reads them in its text format, a line each. `columns`: of the key.
std::string copy_text(const std::vector<store::LedgerEntry>& entries, std::size_t columns);

// The key for people: id=42, region=eu.
std::string describe_key(const shadow::Pair& pair, const std::string& encoded);

}  // namespace pgwraith::transfer
