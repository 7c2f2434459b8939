// A key of the live table as the ledger holds it: the text of each key column, in key order.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pgwraith::store {

// Each column is its length (4 bytes, big-endian) and its text, one after the other. Keys of the same number
// of digits therefore sort as numbers do, and neighbours in the ledger are mostly neighbours in the table.
// Key columns are never NULL.
std::string encode_key(std::span<const std::string_view> columns);
// The same in two steps: how long it is, and where to write it. Returns the place behind.
std::size_t key_size(std::span<const std::string_view> columns);
char* put_key(char* to, std::span<const std::string_view> columns);

// Views into `encoded`. Throws Error(internal) when the bytes are not a key of `columns` columns.
std::vector<std::string_view> decode_key(std::string_view encoded, std::size_t columns);

}  // namespace pgwraith::store
