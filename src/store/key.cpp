#include "pgwraith/store/key.h"

#include <algorithm>
#include <limits>

#include "bytes.h"
#include "pgwraith/base/error.h"

namespace pgwraith::store {

std::size_t key_size(std::span<const std::string_view> columns) {
    std::size_t size = 0;
    for (const auto& column : columns) size += 4 + column.size();
    return size;
}

char* put_key(char* to, std::span<const std::string_view> columns) {
    for (const auto& column : columns) {
        ensure(column.size() <= std::numeric_limits<std::uint32_t>::max(), "a key column of 4 GiB or more");
        to = put_u32(to, static_cast<std::uint32_t>(column.size()));
        to = std::copy(column.begin(), column.end(), to);
    }
    return to;
}

std::string encode_key(std::span<const std::string_view> columns) {
    std::string encoded(key_size(columns), '\0');
    put_key(encoded.data(), columns);
    return encoded;
}

std::vector<std::string_view> decode_key(std::string_view encoded, std::size_t columns) {
    std::vector<std::string_view> decoded;
    decoded.reserve(columns);
    std::string_view rest = encoded;
    while (decoded.size() < columns) {
        ensure(rest.size() >= 4, "a ledger key breaks off before a column's length");
        const std::size_t length = read_u32(rest.data());
        rest.remove_prefix(4);
        ensure(rest.size() >= length, "a ledger key breaks off inside a column");
        decoded.push_back(rest.substr(0, length));
        rest.remove_prefix(length);
    }
    ensure(rest.empty(), "a ledger key has more columns than the table's key");
    return decoded;
}

}  // namespace pgwraith::store
