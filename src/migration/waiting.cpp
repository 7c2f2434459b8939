#include "waiting.h"

#include "documents.h"
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

Task<void> recall_wish(Board& board, store::Store& store, CutoverWish& noted) {
    const auto found = co_await store.journal().get<NotedWish>();
    if (!found) co_return;
    noted.postponed = found->postponed;
    if (found->not_before != 0) noted.not_before = std::chrono::system_clock::from_time_t(found->not_before);
    if (board.wish_said) co_return;  // that is newer
    board.wish = noted;
    if (noted.postponed || noted.not_before) board.cutover_requested = !noted.postponed;
}

Task<void> put_wish(store::Store& store, CutoverWish wish) {
    const NotedWish document{wish.postponed,
                             wish.not_before ? std::chrono::system_clock::to_time_t(*wish.not_before) : 0};
    co_await store.journal().put(document);
}

Task<void> note_wish(Board& board, store::Store& store, CutoverWish& noted) {
    if (board.wish == noted) co_return;
    const auto wish = board.wish;
    co_await put_wish(store, wish);
    noted = wish;
}

Task<void> report_throttle(Board& board, store::Store& store, const throttle::Signals& signals, CutoverWish& noted) {
    for (;;) {
        co_await note_wish(board, store, noted);
        board.show(signals);
        co_await board.requests.wait_for(report_interval);
    }
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
