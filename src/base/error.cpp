#include "pgwraith/base/error.h"

#include <utility>

namespace pgwraith {

int exit_status(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::internal:
            return 1;
        case ErrorKind::usage:
            return 2;
        case ErrorKind::refused:
            return 3;
        case ErrorKind::stopped:
            return 4;
        case ErrorKind::aborted:
            return 5;
        case ErrorKind::unknown_outcome:
            return 6;
    }
    return 1;
}

Error::Error(ErrorKind kind, std::string what, std::string hint)
    : kind_(kind), message_(std::move(what)), hint_(std::move(hint)) {}

std::string Error::report() const { return hint_.empty() ? message_ : message_ + "\nhint: " + hint_; }

void broken_assumption(const char* what) {
    throw Error(ErrorKind::internal, std::string("internal error: ") + what,
                "this is a bug in pgwraith; the state is kept, please report it with the log");
}

}  // namespace pgwraith
