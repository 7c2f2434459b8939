// Output as it comes in pieces, as lines for a log. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace pgwraith::hooks {

class Lines {
  public:
    // So many lines, of so many bytes at most: a hook that writes a gigabyte must not fill the log's disk.
    static constexpr std::size_t most_lines = 200;
    static constexpr std::size_t most_bytes = 1'000;

    explicit Lines(std::function<void(const std::string&)> line) : line_(std::move(line)) {}

    void add(std::string_view piece);
    // A last line without a line break.
    void end();

    std::size_t left_out() const { return lines_ > most_lines ? lines_ - most_lines : 0; }
    // The last line that is not empty, whether it was given on or not.
    const std::string& last() const { return last_; }

  private:
    void finish();

    std::function<void(const std::string&)> line_;
    std::string current_;
    bool cut_ = false;
    std::string last_;
    std::size_t lines_ = 0;
};

}  // namespace pgwraith::hooks
