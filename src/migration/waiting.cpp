#include "waiting.h"

#include "pgwraith/catalog/holders.h"
#include "pgwraith/catalog/table.h"

namespace pgwraith::migration {

Task<void> note_waiting(Board& board, store::Store& store, double ms, std::string by) {
    auto& progress = board.progress;
    if (progress.blocked_ms && *progress.blocked_ms >= ms) co_return;
    progress.blocked_ms = ms;
    progress.blocked_by = by;
    LongestWait wait{ms, std::move(by)};
    co_await State(store.journal()).set_longest_wait(std::move(wait));
}

Task<void> recall_waiting(Board& board, store::Store& store) {
    const auto noted = co_await State(store.journal()).longest_wait();
    auto& progress = board.progress;
    if (!noted || (progress.blocked_ms && *progress.blocked_ms >= noted->ms)) co_return;
    progress.blocked_ms = noted->ms;
    progress.blocked_by = noted->by;
}

Task<std::string> who_is_in_the_way(const postgres::Sessions& sessions, QualifiedName table) {
    std::string who;
    try {
        const auto connection = co_await sessions.open("holders");
        const auto oid = co_await catalog::find_relation(*connection, table);
        if (oid) who = co_await catalog::who_keeps_readers_out(*connection, *oid);
    } catch (const Error& error) {
        spdlog::debug("who holds the lock is not known: {}", error.message());
    }
    co_return who;
}

}  // namespace pgwraith::migration
