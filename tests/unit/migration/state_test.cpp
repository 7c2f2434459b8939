// What the journal knows of a migration, and what is read from it when no process is there.
#include "state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/io_context.hpp>

#include "documents.h"
#include "identity.h"
#include "pgwraith/capture/documents.h"
#include "pgwraith/cutover/documents.h"
#include "pgwraith/migration/migration.h"
#include "pgwraith/transfer/documents.h"
#include "waiting.h"

namespace pgwraith::migration {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class StateTest : public ::testing::Test {
  protected:
    void SetUp() override {
        auto pattern = (std::filesystem::temp_directory_path() / "pgwraith-state-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        parent_ = pattern;
        settings.state_dir = parent_ / "state";
    }
    void TearDown() override { std::filesystem::remove_all(parent_); }

    void run(Task<void> task) {
        asio::io_context io(1);
        std::exception_ptr failure;
        asio::co_spawn(io, std::move(task), [&](std::exception_ptr error) { failure = error; });
        io.run();
        if (failure) std::rethrow_exception(failure);
    }

    config::Settings settings;

  private:
    std::filesystem::path parent_;
};

Identity full_identity() {
    Identity identity;
    identity.database = 5;
    identity.table_oid = 7;
    identity.table = {"app", "t"};
    return identity;
}

// A chunk that was copied, or whose COMMIT is under way.
Task<void> note(store::Journal& journal, store::ChunkRecord chunk) {
    const bool done = std::exchange(chunk.done, false);
    co_await journal.chunk_intent(chunk);
    chunk.done = done;
    if (done) co_await journal.chunk_done(chunk);
}

Task<void> a_new_one_is_being_prepared(config::Settings settings) {
    const auto store = co_await store::Store::open(settings.state_dir, true);
    const State state(store->journal());
    const auto phase = co_await state.phase();
    EXPECT_EQ(phase, Phase::prepare);
    const auto identity = co_await state.identity();
    EXPECT_FALSE(identity);
    const bool slot = co_await state.slot_made();
    EXPECT_FALSE(slot);
    const auto left = co_await state.after_commit();
    EXPECT_THAT(left, IsEmpty());
}

TEST_F(StateTest, ANewOneIsBeingPrepared) { run(a_new_one_is_being_prepared(settings)); }

Task<void> what_must_be_there_is_missed(config::Settings settings) {
    const auto store = co_await store::Store::open(settings.state_dir, true);
    const auto blueprint = co_await State(store->journal()).blueprint();
}

TEST_F(StateTest, WhatMustBeThereIsMissed) {
    EXPECT_THROW(run(what_must_be_there_is_missed(settings)), Error) << "a damaged state is not taken for an empty one";
}

// Chunks that count as copied over a new copy would be rows that are missing.
Task<void> a_copy_that_starts_over_forgets(config::Settings settings) {
    const auto store = co_await store::Store::open(settings.state_dir, true);
    auto& journal = store->journal();
    State state(journal);
    store::ChunkRecord chunk{0, 10, 4711, true, 100};
    co_await note(journal, chunk);
    transfer::VerifyPosition position{false, {}, {1, 2}, {3, 4}, {{0, 2}}, 1, 5, 5, 0};
    co_await journal.put(position);
    transfer::RestlessKeys restless;
    co_await journal.put(restless);
    co_await state.set_verified(Verification{5, 5, 0});
    CopyStart copy_start;
    copy_start.target.blocks = 3;
    co_await state.set_copy_start(copy_start);
    const auto chunks = co_await journal.chunks();
    EXPECT_THAT(chunks, IsEmpty());
    const auto verified = co_await state.verified();
    EXPECT_FALSE(verified);
    const auto where = co_await journal.get<transfer::VerifyPosition>();
    EXPECT_FALSE(where);
    const auto keys = co_await journal.get<transfer::RestlessKeys>();
    EXPECT_FALSE(keys);
    const auto again = co_await state.copy_start();
    EXPECT_EQ(again.target.blocks, 3U);
}

TEST_F(StateTest, ACopyThatStartsOverForgetsTheOneBefore) { run(a_copy_that_starts_over_forgets(settings)); }

Task<void> another_verification_keeps_the_result(config::Settings settings) {
    const auto store = co_await store::Store::open(settings.state_dir, true);
    State state(store->journal());
    co_await state.set_verified(Verification{5, 6, 1});
    co_await state.forget_verification();
    const auto verified = co_await state.verified();
    EXPECT_TRUE(verified);
    EXPECT_EQ(verified.value_or(Verification{}).repaired, 1U);
}

TEST_F(StateTest, AnotherVerificationKeepsTheResultOfTheLast) { run(another_verification_keeps_the_result(settings)); }

Task<void> the_longest_wait_counts(config::Settings settings, asio::any_io_executor executor) {
    const auto store = co_await store::Store::open(settings.state_dir, true);
    Board board(executor, settings);
    co_await note_waiting(board, *store, 12.5, "REFRESH");
    co_await note_waiting(board, *store, 3.0, "");
    EXPECT_EQ(board.progress.blocked_ms, 12.5);
    EXPECT_EQ(board.progress.blocked_by, "REFRESH");
    Board next(executor, settings);
    co_await recall_waiting(next, *store);
    EXPECT_EQ(next.progress.blocked_ms, 12.5) << "of all processes of a migration";
    EXPECT_EQ(next.progress.blocked_by, "REFRESH");
}

TEST_F(StateTest, TheLongestWaitOfAllProcessesCounts) {
    asio::io_context io(1);
    run(the_longest_wait_counts(settings, io.get_executor()));
}

Task<void> the_known_past(config::Settings settings) {
    const auto store = co_await store::Store::open(settings.state_dir, true);
    auto past = co_await known_past(*store);
    EXPECT_FALSE(past.position);
    EXPECT_EQ(past.committed, 0U);
    const std::array chunks{store::ChunkRecord{0, 10, 20, true, 1}, store::ChunkRecord{10, 20, 30, true, 1},
                            store::ChunkRecord{20, 30, 40, false, 0}};
    for (const auto& chunk : chunks) co_await note(store->journal(), chunk);
    past = co_await known_past(*store);
    EXPECT_EQ(past.committed, 30U) << "an intent may not have happened";
}

TEST_F(StateTest, TheKnownPastEndsWithTheNewestChunkThatCommitted) { run(the_known_past(settings)); }

Task<void> progress_without_a_process(config::Settings settings) {
    auto progress = co_await read_progress(settings);
    EXPECT_FALSE(progress) << "there is no state";
    {
        const auto store = co_await store::Store::open(settings.state_dir, true);
        State state(store->journal());
        co_await state.set_identity(full_identity());
        co_await state.set_phase(Phase::verify);
        capture::SlotStart slot{Lsn{7}};
        co_await store->journal().put(slot);
        store::ChunkRecord done{0, 10, 20, true, 100};
        co_await note(store->journal(), done);
        store::ChunkRecord under_way{10, 20, 30, false, 100};
        co_await note(store->journal(), under_way);
        BorrowedIdentity borrowed{{catalog::IdentityKind::primary_key}, {catalog::IdentityKind::index, "k", 9}};
        co_await state.set_borrowed_identity(borrowed);
        co_await state.set_verified(Verification{5, 6, 1});
    }
    progress = co_await read_progress(settings);
    EXPECT_TRUE(progress);
    if (!progress) co_return;
    EXPECT_EQ(progress->phase, Phase::verify);
    EXPECT_TRUE(progress->slot);
    EXPECT_EQ(progress->rows_copied, 100U) << "a chunk under way does not count";
    EXPECT_EQ(progress->rows_verified, 5U);
    EXPECT_EQ(progress->shadow_rows_verified, 6U);
    EXPECT_EQ(progress->differences_repaired, 1U);
    EXPECT_FALSE(progress->borrowed_identity.empty());
    const auto remembered = co_await remember(settings);
    EXPECT_EQ(remembered.database, 5U);
    EXPECT_EQ(remembered.table, 7U);
    const auto ended = co_await find_end(settings, remembered);
    EXPECT_EQ(ended, Ended::stopped) << "without an attempt to swap";
}

TEST_F(StateTest, ProgressIsReadWithoutAProcess) { run(progress_without_a_process(settings)); }

Task<void> a_swap_that_is_done(config::Settings settings) {
    {
        const auto store = co_await store::Store::open(settings.state_dir, true);
        State state(store->journal());
        co_await state.set_identity(full_identity());
        capture::SlotStart slot{Lsn{7}};
        co_await store->journal().put(slot);
        cutover::SwapIntent intent{4711, {"REFRESH m"}};
        co_await store->journal().put(intent);
        co_await state.set_phase(Phase::done);
        const auto left = co_await state.after_commit();
        EXPECT_THAT(left, ElementsAre("REFRESH m"));
        const auto xid = co_await state.cutover_xid();
        EXPECT_EQ(xid, 4711U);
    }
    const auto progress = co_await read_progress(settings);
    EXPECT_TRUE(progress && !progress->slot) << "what is being dropped keeps no WAL";
    Remembered nobody;
    const auto ended = co_await find_end(settings, nobody);
    EXPECT_EQ(ended, Ended::swapped);
}

TEST_F(StateTest, ASwapThatIsDoneIsKnownWithoutAServer) { run(a_swap_that_is_done(settings)); }

Task<void> nothing_at_all(config::Settings settings) {
    const auto remembered = co_await remember(settings);
    EXPECT_EQ(remembered.table, 0U);
    const auto ended = co_await find_end(settings, remembered);
    EXPECT_EQ(ended, Ended::stopped);
}

TEST_F(StateTest, NothingRecordedIsNoEnd) { run(nothing_at_all(settings)); }

TEST(Board, BeginsAPhaseWithFreshFigures) {
    asio::io_context io(1);
    Board board(io.get_executor(), {});
    board.progress.activity = {"copying"};
    board.progress.units_done = 5;
    board.progress.rows_per_second = 7;
    board.enter(Phase::copy);
    board.enter(Phase::copy);
    EXPECT_EQ(board.progress.phase, Phase::copy);
    EXPECT_EQ(board.progress.activity, Activity{});
    EXPECT_EQ(board.progress.units_done, 0U);
    ASSERT_EQ(board.progress.phase_times.size(), 1U) << "to enter a phase again ends none";
    EXPECT_EQ(board.progress.phase_times[0].first, Phase::prepare);
}

TEST(Fraction, IsNeverAboveOne) {
    Progress progress;
    EXPECT_EQ(progress.fraction(), 0) << "nothing is known";
    progress.units_total = 10;
    progress.units_done = 5;
    EXPECT_DOUBLE_EQ(progress.fraction(), 0.5);
    progress.units_done = 11;
    EXPECT_DOUBLE_EQ(progress.fraction(), 1);
    progress.phase = Phase::ready;
    progress.units_done = 0;
    EXPECT_DOUBLE_EQ(progress.fraction(), 1);
}

}  // namespace
}  // namespace pgwraith::migration
