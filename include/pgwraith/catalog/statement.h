// A statement of somebody else's session, as a log may show it.
#pragma once

#include <string>

namespace pgwraith::catalog {

// On one line, cut short, "?" for each literal: a log holds no value of a row, unless `values`.
std::string statement_in_words(const std::string& sql, bool values);

}  // namespace pgwraith::catalog
