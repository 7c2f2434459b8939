// What is wrong with a file, collected so that one run shows all of it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgwraith::config {

class Problems {
  public:
    explicit Problems(const std::filesystem::path& file) : file_(file.string()) {}

    // `line` counts from 1; an empty `path` means the file as a whole. `what` reads on after "file:line: path: ".
    void add(int line, const std::string& path, const std::string& what);

    // Throws Error(usage) with a line for each problem, in the file's order, if there is any.
    void throw_if_any() const;

  private:
    std::string file_;
    std::vector<std::pair<int, std::string>> lines_;
};

// Text from the file as a problem may show it: short, on one line, and never anything that may be a secret.
std::string shown(std::string_view text);

// Whichever of `known` `text` is likely a misspelling of; empty when none is near.
std::string nearest(std::string_view text, const std::vector<std::string>& known);

}  // namespace pgwraith::config
