// An error of the server never stands alone: what was being done, in what state things are, what to do next.
#pragma once

#include <exception>
#include <string>
#include <vector>

#include "pgwraith/base/error.h"
#include "pgwraith/base/names.h"
#include "pgwraith/migration/progress.h"

namespace pgwraith::migration {

// The same failure, unless it is the server's own words: then an Error of the same kind with `doing` before them, and
// the server's hint and `state` behind.
std::exception_ptr in_context(const std::exception_ptr& failure, const std::string& doing, const std::string& state);

// "in phase build (building t_a_idx)", "after the swap"
std::string doing_in_words(const Progress& progress);
// What is there, and what to do next. `kept`: there is a store.
std::string state_in_words(const Progress& progress, bool kept);

// The ends that were asked for. `kept`: there is a store; or what cannot be taken back.
Error stopped_on_request(const Progress& progress, bool kept);
Error aborted_on_request(const QualifiedName& table, const std::vector<std::string>& kept);

}  // namespace pgwraith::migration
