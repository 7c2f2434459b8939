// What the verification keeps in the journal (docs/formats.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pgwraith/store/document.h"

namespace pgwraith::transfer {

// The members' names are on disk: do not rename them.

using KeyColumns = std::vector<std::string>;  // a key's columns as text, in key order

// All up to this key is compared, and differences are repaired.
struct VerifyPosition {
    KeyColumns position;
    std::uint64_t rows_live = 0;
    std::uint64_t rows_shadow = 0;
    std::uint64_t repaired = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(VerifyPosition, position, rows_live, rows_shadow, repaired)

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
