// Keys of the ledger as the parameters of statements, and in words.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "pgwraith/postgres/connection.h"
#include "pgwraith/shadow/pair.h"
#include "pgwraith/store/ledger.h"

namespace pgwraith::transfer {

// Keys travel as arrays of text, one parameter per key column: ($1::int[], $2::text[]).
std::vector<postgres::Param> key_params(const shadow::Pair& pair, const std::vector<std::string>& encoded_keys);
std::vector<postgres::Param> key_params(const shadow::Pair& pair, const std::vector<store::LedgerEntry>& entries);

// In parts of `size` each, the last one of what is left: one statement for each.
template <typename Key>
std::vector<std::vector<Key>> pages_of(const std::vector<Key>& keys, std::size_t size) {
    std::vector<std::vector<Key>> pages;
    for (auto from = keys.begin(); from != keys.end();) {
        const auto to = from + std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(size), keys.end() - from);
        pages.emplace_back(from, to);
        from = to;
    }
    return pages;
}

// As COPY … FROM STDIN reads them in its text format, a line each. `columns`: of the key.
std::string copy_text(const std::vector<store::LedgerEntry>& entries, std::size_t columns);

// The key for people: id=42, region=eu.
std::string describe_key(const shadow::Pair& pair, const std::string& encoded);

}  // namespace pgwraith::transfer
