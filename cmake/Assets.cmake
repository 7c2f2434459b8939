# Run as a script by the build: cmake -DOUTPUT=… -DASSETS="url|content type|file;…" -P Assets.cmake
# Writes a C++ source with the bytes of each file.
set(arrays)
set(rows)
set(number 0)
foreach(asset ${ASSETS})
  string(REPLACE "|" ";" parts "${asset}")
  list(GET parts 0 url)
  list(GET parts 1 type)
  list(GET parts 2 file)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
  string(APPEND arrays "constexpr char asset_${number}[] = {${bytes}};\n")
  string(APPEND rows "    {\"${url}\", \"${type}\", {asset_${number}, sizeof asset_${number}}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE "${OUTPUT}" "// Made by cmake/Assets.cmake.
#include \"assets.h\"

namespace pgwraith::web {

namespace {

${arrays}
constexpr Asset assets[] = {
${rows}};

}  // namespace

const Asset* find_asset(std::string_view path) {
    for (const Asset& asset : assets) {
        if (asset.path == path) return &asset;
    }
    return nullptr;
}

}  // namespace pgwraith::web
")
