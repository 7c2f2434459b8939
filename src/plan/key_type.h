// Which changes of type a key column survives.
#pragma once

#include <string>

namespace pgwraith::plan {

// True when every value of type `from` is the same value, in the same order, in type `to` (both as format_type writes
// them). Rows are followed by their key, so a key that is rounded or cut would be followed into nothing.
bool keeps_key(const std::string& from, const std::string& to);

}  // namespace pgwraith::plan
