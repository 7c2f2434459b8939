// The server's messages about stand-ins name the stand-ins, which the user does not know.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace pgwraith {

// A bare name of ours, never in need of quotes, and what the user calls it (not quoted).
using RealNames = std::vector<std::pair<std::string, std::string>>;

// The text with each name of ours replaced by the user's name. Only whole names are replaced.
std::string with_real_names(std::string text, const RealNames& names);

}  // namespace pgwraith
