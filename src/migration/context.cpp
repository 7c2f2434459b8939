#include "context.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pgwraith/postgres/error.h"
#include "rehearsal.h"

namespace pgwraith::migration {

namespace {

constexpr const char* goes_on_aborting =
    "What was not dropped yet stays as it is, and the state is kept: `pgwraith abort` goes on.";

// Whole sentences, one behind the other.
std::string behind(std::string hint, const std::string& more) {
    if (!hint.empty()) hint += hint.back() == '.' ? " " : ". ";
    return hint + more;
}

}  // namespace

std::exception_ptr in_context(const std::exception_ptr& failure, const std::string& doing, const std::string& state,
                              const std::string& briefly) {
    try {
        std::rethrow_exception(failure);
    } catch (const postgres::PgError& error) {
        return std::make_exception_ptr(
            Error(error.kind(), doing + ": " + error.message(), behind(error.hint(), state)));
    } catch (const Error& error) {
        const bool ends_it = error.kind() == ErrorKind::stopped || error.kind() == ErrorKind::refused;
        if (!ends_it || says_state(error.message() + error.hint())) return failure;
        const auto& more = error.hint().empty() ? state : briefly;
        return std::make_exception_ptr(Error(error.kind(), error.message(), behind(error.hint(), more)));
    } catch (...) {
        return failure;
    }
}

bool says_state(const std::string& text) {
    return std::ranges::any_of(std::array{"tate is kept", "othing was ", "othing of ", "new shape", "what was done"},
                               [&](const char* said) { return text.find(said) != std::string::npos; });
}

std::string doing_in_words(const Progress& progress) {
    if (progress.aborting) return "the abort did not finish";
    if (progress.phase == Phase::done) return "after the swap";
    auto doing = fmt::format("in phase {}", phase_name(progress.phase));
    if (!progress.activity.text.empty()) doing += " (" + progress.activity.text + ")";
    return doing;
}

namespace {

std::string carries_on(const Progress& progress) {
    return fmt::format("and the state is kept: fix the cause, then the same command carries on. `pgwraith abort` {}.",
                       what_abort_does(progress.direct));
}

}  // namespace

std::string state_in_words(const Progress& progress, bool kept) {
    if (progress.aborting && kept) return goes_on_aborting;
    if (progress.direct && kept) {
        return "What was done stays, " + carries_on(progress);
    }
    if (progress.phase == Phase::done) {
        return "The table has its new shape. The same command goes on with what is left to be cleared up.";
    }
    if (!kept) return "Nothing was changed.";
    return "The live table is as it was, " + carries_on(progress);
}

std::string state_briefly(const Progress& progress, bool kept) {
    if (progress.aborting && kept) return goes_on_aborting;
    if (progress.direct && kept) return "What was done stays, and the state is kept.";
    if (progress.phase == Phase::done) return "The table has its new shape.";
    return kept ? "The live table is as it was, and the state is kept." : "Nothing was changed.";
}

Error stopped_on_request(const Progress& progress, bool kept) {
    if (progress.aborting && kept) {
        return Error(ErrorKind::stopped, "stopped on request, while it was being aborted", goes_on_aborting);
    }
    if (!kept) return Error(ErrorKind::stopped, "stopped on request; nothing had begun");
    if (progress.rehearsal) return rehearsal_stopped(progress.phase, progress.slot);
    if (progress.phase == Phase::done) {
        return Error(ErrorKind::stopped, "stopped on request; the table has its new shape, the rest is not done yet",
                     "The same command does what is left (foreign keys are validated, the old table is dropped).");
    }
    std::string hint =
        fmt::format("The same command carries on; `pgwraith abort` {}.", what_abort_does(progress.direct));
    if (progress.slot) hint += " Until then the replication slot keeps WAL on the server.";
    return Error(ErrorKind::stopped, "stopped on request; the state is kept", hint);
}

Error aborted_on_request(const QualifiedName& table, const std::vector<std::string>& kept) {
    auto text = fmt::format("aborted: everything that was made for {} is gone", table.sql());
    if (kept.empty()) return Error(ErrorKind::aborted, text + ", the table is as it was");
    return Error(ErrorKind::aborted, fmt::format("{}; what cannot be taken back: {}", text, fmt::join(kept, "; ")));
}

}  // namespace pgwraith::migration
