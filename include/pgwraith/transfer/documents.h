// What the verification keeps in the journal (docs/formats.md).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pgwraith/store/document.h"

namespace pgwraith::transfer {

// The members' names are on disk: do not rename them.

using KeyColumns = std::vector<std::string>;  // a key's columns as text, in key order

// Which file of a table, and how much of it: what has been written behind `blocks` since is in the stream.
struct ComparedFile {
    Oid file_node = 0;
    std::uint32_t blocks = 0;  // when the verification began
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ComparedFile, file_node, blocks)

// What is left is still to be compared; in the rest, differences are repaired.
struct VerifyPosition {
    bool by_key = false;  // in the order of the key, else by blocks
    KeyColumns after;     // by key: what comes behind it is left; empty: all
    ComparedFile live, shadow;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> live_left;  // ranges of blocks, their ends exclusive
    std::uint32_t shadow_next = 0;
    std::uint64_t rows_live = 0;
    std::uint64_t rows_shadow = 0;
    std::uint64_t repaired = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(VerifyPosition, by_key, after, live, shadow, live_left, shadow_next, rows_live,
                                   rows_shadow, repaired)

// Rows that changed too fast to be seen at rest: compared under the cutover's lock. A bare list.
struct RestlessKeys {
    std::vector<KeyColumns> keys;
};
inline void to_json(nlohmann::json& out, const RestlessKeys& restless) { out = restless.keys; }
inline void from_json(const nlohmann::json& in, RestlessKeys& restless) { in.get_to(restless.keys); }

}  // namespace pgwraith::transfer

namespace pgwraith::store {

// On disk: do not rename.
template <>
inline constexpr const char* document_name<transfer::VerifyPosition> = "verify";
template <>
inline constexpr const char* document_name<transfer::RestlessKeys> = "restless";

}  // namespace pgwraith::store
