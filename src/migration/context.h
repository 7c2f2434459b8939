// An error of the server never stands alone: what was being done, in what state things are, what to do next.
#pragma once

#include <exception>
#include <string>
#include <vector>

#include "pgwraith/base/error.h"
#include "pgwraith/base/names.h"
#include "pgwraith/migration/progress.h"

namespace pgwraith::migration {

// The server's own words get `doing` before them, and the server's hint and `state` behind. An Error of ours without a
// hint gets `state`; one that says what to do, and not in what state things are, gets that `briefly`. Anything else is
// the same failure.
std::exception_ptr in_context(const std::exception_ptr& failure, const std::string& doing, const std::string& state,
                              const std::string& briefly);

// Whether a message tells in what state things are, as ours do.
bool says_state(const std::string& text);

// "in phase build (building t_a_idx)", "after the swap"
std::string doing_in_words(const Progress& progress);
// What is there, and what to do next. `kept`: there is a store.
std::string state_in_words(const Progress& progress, bool kept);

// The same without what to do: an error of ours says that itself.
std::string state_briefly(const Progress& progress, bool kept);

// The ends that were asked for. `kept`: there is a store; or what cannot be taken back.
Error stopped_on_request(const Progress& progress, bool kept);
Error aborted_on_request(const QualifiedName& table, const std::vector<std::string>& kept);

}  // namespace pgwraith::migration
