#include "pgwraith/store/journal.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "fixture.h"

namespace pgwraith::store {
namespace {

using ::testing::IsEmpty;

class JournalTest : public StoreTest {
  protected:
    void SetUp() override {
        StoreTest::SetUp();
        open();
    }
    BlockingJournal& journal() { return store->journal(); }
};

TEST_F(JournalTest, DocumentsSurviveReopening) {
    const nlohmann::json document{{"phase", "copy"}, {"xid", 4294967297u}, {"names", {"a", "Ünï"}}};
    journal().put("phase", document);
    reopen();
    EXPECT_EQ(journal().get("phase"), document);
    EXPECT_EQ(journal().get("objects"), std::nullopt);
}

TEST_F(JournalTest, PutReplacesAndEraseRemoves) {
    journal().put("phase", "copy");
    journal().put("phase", "build");
    journal().put("phases", "another name");
    EXPECT_EQ(journal().get("phase"), nlohmann::json("build"));
    journal().erase("phase");
    reopen();
    EXPECT_EQ(journal().get("phase"), std::nullopt);
    EXPECT_EQ(journal().get("phases"), nlohmann::json("another name"));
}

TEST_F(JournalTest, ChunksComeInBlockOrderWithAllTheirFields) {
    journal().chunk_intent({.begin = 0x10000, .end = 0xffffffff, .xid = 0x1'0000'0001, .rows = 7});
    journal().chunk_intent({.begin = 0, .end = 9, .xid = 5});
    journal().chunk_intent({.begin = 9, .end = 0x10000, .xid = 6});
    journal().chunk_done({.begin = 9, .end = 0x10000, .xid = 6, .done = true, .rows = 0x1'0000'0000});
    reopen();
    const auto chunks = journal().chunks();
    ASSERT_EQ(chunks.size(), 3u);
    EXPECT_EQ(chunks[0].begin, 0u);
    EXPECT_EQ(chunks[0].xid, 5u);
    EXPECT_FALSE(chunks[0].done);
    EXPECT_EQ(chunks[1].begin, 9u);
    EXPECT_TRUE(chunks[1].done);
    EXPECT_EQ(chunks[1].rows, 0x1'0000'0000u);
    EXPECT_EQ(chunks[2].begin, 0x10000u);
    EXPECT_EQ(chunks[2].end, 0xffffffffu);
    EXPECT_EQ(chunks[2].xid, 0x1'0000'0001u);
    EXPECT_EQ(chunks[2].rows, 7u);
}

TEST_F(JournalTest, ForgottenChunkIsGoneAndCanBeTriedAgain) {
    journal().chunk_intent({.begin = 4, .end = 8, .xid = 1});
    journal().chunk_forget(4);
    EXPECT_THAT(journal().chunks(), IsEmpty());
    journal().chunk_intent({.begin = 4, .end = 6, .xid = 2});
    ASSERT_EQ(journal().chunks().size(), 1u);
    EXPECT_EQ(journal().chunks()[0].end, 6u);
}

TEST_F(JournalTest, ClearTakesAllChunksAndNothingElse) {
    journal().put("phase", "copy");
    journal().chunk_intent({.begin = 0, .end = 1, .xid = 1});
    journal().chunk_intent({.begin = 0xfffffffe, .end = 0xffffffff, .xid = 2});
    journal().clear_chunks();
    EXPECT_THAT(journal().chunks(), IsEmpty());
    EXPECT_EQ(journal().get("phase"), nlohmann::json("copy"));
    journal().chunk_intent({.begin = 0, .end = 1, .xid = 3});
    reopen();
    ASSERT_EQ(journal().chunks().size(), 1u);
    EXPECT_EQ(journal().chunks()[0].xid, 3u);
}

TEST_F(JournalTest, SenselessChunksAreBugs) {
    EXPECT_THROW(journal().chunk_intent({.begin = 5, .end = 5, .xid = 1}), Error);
    EXPECT_THROW(journal().chunk_intent({.begin = 5, .end = 6, .xid = 0}), Error);
    EXPECT_THROW(journal().chunk_intent({.begin = 5, .end = 6, .xid = 1, .done = true}), Error);
    EXPECT_THROW(journal().chunk_done({.begin = 5, .end = 6, .xid = 1, .done = false}), Error);
    EXPECT_THAT(journal().chunks(), IsEmpty());
}

}  // namespace
}  // namespace pgwraith::store
