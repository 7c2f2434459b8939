// The one way in which this program reports that something did not work: an exception that says what
// happened, what state things are in and what to do next. Everything that reaches the operator is an Error;
// any other exception that arrives in main() is a bug and exits 1.
#pragma once

#include <exception>
#include <string>

namespace pgwraith {

enum class ErrorKind {
    internal,         // exit 1: a bug in this program
    usage,            // exit 2: wrong command line or configuration; nothing was touched
    refused,          // exit 3: preflight says no; nothing was changed
    stopped,          // exit 4: state kept, the same command resumes (after the cause is fixed)
    aborted,          // exit 5: everything of the migration is gone
    unknown_outcome,  // exit 6: the cutover's COMMIT could not be found out
};

// The process's exit status for an error that ends it.
int exit_status(ErrorKind kind);

class Error : public std::exception {
  public:
    // `what` is one sentence about what happened; `hint` (may be empty) tells the operator what to do next.
    Error(ErrorKind kind, std::string what, std::string hint = {});

    ErrorKind kind() const { return kind_; }
    const std::string& message() const { return message_; }
    const std::string& hint() const { return hint_; }
    const char* what() const noexcept override { return message_.c_str(); }

    // For the terminal: the message, and the hint on a line of its own.
    std::string report() const;

  private:
    ErrorKind kind_;
    std::string message_;
    std::string hint_;
};

// Throws Error(internal): `what` did not hold.
[[noreturn]] void broken_assumption(const char* what);

// A broken assumption inside this program. Prefer it to assert(): it holds in release builds too.
inline void ensure(bool condition, const char* what) {
    if (!condition) broken_assumption(what);
}

}  // namespace pgwraith
