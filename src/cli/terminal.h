// The terminal that the log and the redrawn progress line share.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <memory>
#include <mutex>
#include <string>

namespace pgwraith::cli {

// Writes log lines to stderr; when stderr is a terminal, above the progress line, which is drawn again below.
// Callable from several threads, as every spdlog sink.
class Terminal : public spdlog::sinks::base_sink<std::mutex> {
  public:
    Terminal();
    ~Terminal() override;
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    bool interactive() const { return interactive_; }
    bool gone() const;          // the process had a terminal, and it was closed
    std::size_t width() const;  // of the terminal now; 80 when it is not known

    // Replaces the progress line; does nothing when stderr is not a terminal. `line` fits the width.
    void show(const std::string& line);
    // Takes the progress line away.
    void clear();

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override;
    void flush_() override;

  private:
    void write(const std::string& text);

    bool interactive_;
    int controlling_;  // the process's terminal, wherever its output goes; -1: it has none
    std::string line_;
};

// Makes one Terminal the place of all logging.
std::shared_ptr<Terminal> start_logging(const std::string& level);

}  // namespace pgwraith::cli
