// An error of the server never stands alone: what was being done, in what state things are, what to do next.
#pragma once

#include <exception>
#include <string>

namespace pgwraith::migration {

// The same failure, unless it is the server's own words: then an Error of the same kind with `doing` before them, and
// the server's hint and `state` behind.
std::exception_ptr in_context(const std::exception_ptr& failure, const std::string& doing, const std::string& state);

}  // namespace pgwraith::migration
