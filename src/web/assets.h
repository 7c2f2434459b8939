// The page's files, as the build has put them into the program (cmake/Assets.cmake).
#pragma once

#include <string_view>

namespace pgwraith::web {

struct Asset {
    std::string_view path;
    std::string_view content_type;
    std::string_view body;
};

// nullptr: there is none of that path.
const Asset* find_asset(std::string_view path);

}  // namespace pgwraith::web
