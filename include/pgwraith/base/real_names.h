// What is tried on stand-ins comes back from the server with the stand-ins' names: nobody else knows them.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace pgwraith {

// A bare name of ours, never in need of quotes, and what the user calls it (not quoted).
using RealNames = std::vector<std::pair<std::string, std::string>>;

// The text with the users' names in the place of ours, wherever ours stands as a whole name.
std::string with_real_names(std::string text, const RealNames& names);

}  // namespace pgwraith
