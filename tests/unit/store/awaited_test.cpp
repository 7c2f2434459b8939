// The store as other modules see it: awaited, with documents as structs.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <thread>

#include "blocking_store.h"
#include "fixture.h"
#include "pgwraith/store/document.h"
#include "pgwraith/store/store.h"

namespace pgwraith::store {

namespace {

struct Note {
    std::string text;
    Lsn at;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Note, text, at)

}  // namespace

template <>
inline constexpr const char* document_name<Note> = "note";

namespace {

class AwaitedStoreTest : public StoreTest {
  protected:
    void run(Task<void> task) {
        asio::io_context io(1);
        std::exception_ptr failure;
        asio::co_spawn(io, std::move(task), [&](std::exception_ptr error) { failure = error; });
        io.run();
        if (failure) std::rethrow_exception(failure);
    }
};

Task<void> write_note(std::filesystem::path directory) {
    auto store = co_await Store::open(directory, true);
    const auto nothing = co_await store->journal().get<Note>();
    EXPECT_FALSE(nothing.has_value());
    Note note{"Ünï", Lsn{0x16'B374'D848}};
    co_await store->journal().put(note);
}

Task<void> read_note(std::filesystem::path directory) {
    auto store = co_await Store::look_into(directory);
    const auto note = co_await store->journal().get<Note>();
    EXPECT_TRUE(note.has_value());
    if (!note) co_return;
    EXPECT_EQ(note->text, "Ünï");
    EXPECT_EQ(note->at, Lsn{0x16'B374'D848});
}

Task<void> erase_note(std::filesystem::path directory) {
    auto store = co_await Store::open(directory, false);
    co_await store->journal().erase<Note>();
    const auto note = co_await store->journal().get<Note>();
    EXPECT_FALSE(note.has_value());
}

TEST_F(AwaitedStoreTest, ADocumentIsAStruct) {
    run(write_note(state));
    run(read_note(state));
    run(erase_note(state));
}

TEST_F(AwaitedStoreTest, ADocumentKeepsItsNameAndItsFieldsOnDisk) {
    run(write_note(state));
    open();
    EXPECT_EQ(store->journal().get("note"), nlohmann::json({{"text", "Ünï"}, {"at", "16/B374D848"}}));
}

Task<void> use_ledger(std::filesystem::path directory) {
    const auto loop = std::this_thread::get_id();
    auto store = co_await Store::open(directory, true);
    const std::vector<LedgerEntry> entries{entry(1, 1, 1), entry(2, 2, 2)};
    co_await store->ledger().add(entries, Lsn{5});
    co_await store->ledger().sync();
    const auto read = co_await store->ledger().read("", 10);
    EXPECT_EQ(texts(read), (std::vector<std::string>{"1", "2"}));
    const std::vector<std::string> keys{key(2), key(3)};
    const auto contained = co_await store->ledger().contains(keys);
    EXPECT_EQ(contained, (std::vector<bool>{true, false}));
    const auto removed = co_await store->ledger().remove_unchanged(read);
    EXPECT_EQ(removed, 2U);
    const auto pending = co_await store->ledger().pending_estimate();
    EXPECT_EQ(pending, 0U);
    const auto position = co_await store->ledger().position();
    EXPECT_EQ(position, Lsn{5});
    EXPECT_EQ(std::this_thread::get_id(), loop) << "the caller goes on where it was";
}

TEST_F(AwaitedStoreTest, TheLedgerAnswersOnTheCallersThread) { run(use_ledger(state)); }

Task<void> remove_what_is_open(std::filesystem::path directory) {
    auto store = co_await Store::open(directory, true);
    bool refused = false;
    try {
        co_await Store::destroy(directory);
    } catch (const Error& error) {
        refused = error.kind() == ErrorKind::stopped;
    }
    EXPECT_TRUE(refused) << "not while it is open";
    co_await Store::destroy(store);
    EXPECT_EQ(store, nullptr);
    EXPECT_FALSE(Store::exists(directory));
}

TEST_F(AwaitedStoreTest, ItsOwnerAloneRemovesIt) { run(remove_what_is_open(state)); }

Task<void> open_missing(std::filesystem::path directory) { co_await Store::open(directory, false); }

TEST_F(AwaitedStoreTest, WhatTheDiskSaysComesThrough) {
    EXPECT_EQ(error_of([&] { run(open_missing(state)); }).first, ErrorKind::usage);
}

}  // namespace
}  // namespace pgwraith::store
