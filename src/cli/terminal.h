// The terminal that the log and the redrawn progress line share.
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "pgwraith/config/settings.h"
#include "pgwraith/control/log_line.h"

namespace pgwraith::cli {

// Writes log lines to stderr; when stderr is a terminal, above the progress line, which is drawn again below.
// Callable from several threads, as every spdlog sink.
class Terminal : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit Terminal(config::LogFormat format);
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

    // What each line says besides its message. `phase` is asked on the calling thread only; other threads' lines have
    // the phase of this one's last.
    void describe(std::string table, std::function<std::string()> phase);
    void stop_describing();  // what `phase` refers to goes away
    // What ends the process.
    void write_last(const Error& error);

  protected:
    void sink_it_(const spdlog::details::log_msg& message) override;
    void flush_() override;

  private:
    void write(const std::string& text);
    std::string line_of(const spdlog::details::log_msg& message, unsigned unsaid);
    std::string formatted(control::LogLine line) const;

    config::LogFormat format_;
    bool interactive_;
    int controlling_;  // the process's terminal, wherever its output goes; -1: it has none
    std::string line_;
    std::string table_;
    std::string phase_;
    std::function<std::string()> ask_phase_;
    std::thread::id asked_on_;
    control::Repetition repetition_;
};

// Makes one Terminal the place of all logging.
std::shared_ptr<Terminal> start_logging(const std::string& level, config::LogFormat format = config::LogFormat::text);

struct Options;
config::LogFormat log_format_of(const Options& options);

// The error that ends the process, on stderr, where the log goes, if there is one.
void report_failure(const Error& error, config::LogFormat format);

}  // namespace pgwraith::cli
