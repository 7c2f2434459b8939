// The one gate that every worker passes before it burdens the server. Any part of the program can hold it.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include "pgwraith/base/async.h"
#include "pgwraith/throttle/allowance.h"

namespace pgwraith::throttle {

// One of several workers that do the same.
struct Turn {
    int number = 0;              // from 0 on
    const int& workers;          // so many there are to be at most; `pgwraith set` may change it
    std::function<bool()> over;  // nothing is left to be done
};

// More workers than that are never let in.
constexpr int most_workers = 32;

// Thread contract: the io_context's thread only.
class Gate {
  public:
    explicit Gate(asio::any_io_executor executor);

    // From now on pass() waits until the reason of that name is cleared. `text` is for the operator, who is told the
    // worst of several by `severity`.
    void hold(const std::string& name, std::string text, double severity = std::numeric_limits<double>::infinity());
    void clear(const std::string& name);

    // Returns when there is no reason left to hold the gate.
    Task<void> pass();
    // The same, and until this worker's turn has come. True: it may work; false: nothing is left to be done.
    Task<bool> pass(Turn turn);
    // What was to be done is over: those who wait for their turn are to see that.
    void look_again() { changed_.notify_all(); }

    // How many workers of each kind may work at this moment.
    void allow(int workers);
    int allowed() const { return allowed_; }
    // How many of the server's parallel workers, of `wanted`, a statement may have that begins now.
    int helpers(int wanted) const { return parallel_helpers(wanted, pressure_); }
    void feel(double pressure) { pressure_ = pressure; }  // of the worst signal, see allowance.h

    bool closed() const { return !reasons_.empty(); }
    // The worst: "paused by the operator", "replica r1 is 14.2s behind (limit 10s)"; nullopt when open.
    std::optional<std::string> reason() const;
    // The worst of those that are left without the one of that name.
    std::optional<std::string> reason_beside(const std::string& name) const;
    // Time the gate has been closed, in all.
    milliseconds closed_for() const;

  private:
    struct Reason {
        std::string text;
        double severity = 0;
    };
    // A reason that comes and goes is said now and then.
    struct Said {
        Clock::time_point at;
        int silently = 0;  // times that it has come since
    };
    void say(const std::string& name);

    std::map<std::string, Reason> reasons_;
    std::map<std::string, Said> said_;
    bool pause_was_said_ = false;
    int allowed_ = 1;
    double pressure_ = 0;
    Event changed_;
    std::optional<Clock::time_point> closed_since_;
    milliseconds closed_before_{0};
};

}  // namespace pgwraith::throttle
