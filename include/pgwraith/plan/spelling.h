// Definitions that the server says of a new object as it said them of the old one.
#pragma once

#include <string>

namespace pgwraith::plan {

// A statement that holds the server's own words for an expression or a query (pg_get_viewdef(), pg_get_expr() …), in
// words that it reads as exactly what it meant. Its words alone do not always do: an array's cast goes to the elements
// when it is read, an AND within an AND is dissolved, a column without a name is given one. What is added has no other
// effect. Anything else comes back unchanged.
std::string in_same_words(const std::string& statement);

}  // namespace pgwraith::plan
