#include "copy_method.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::transfer {
namespace {

using config::CopyMethod;
using testing::HasSubstr;

constexpr std::uint64_t many_blocks = 100'000;
constexpr std::uint64_t heap = many_blocks * 8192;

MethodChoice large_table() { return {many_blocks, heap, 0}; }

// What the choice says when all chunks are as given; the words of its decision.
struct Outcome {
    Method method;
    std::string words;
};

Outcome after_trial(MethodChoice& choice, milliseconds insert, milliseconds copy, std::uint64_t rows_per_block) {
    std::string words;
    for (int n = 0; n < 40 && words.empty(); ++n) {
        const auto method = choice.next(CopyMethod::automatic);
        const auto took = method == Method::insert ? insert : copy;
        words = choice.took({method, 1'000, 1'000 * rows_per_block, took}).value_or("");
    }
    return {choice.next(CopyMethod::automatic), words};
}

TEST(MethodChoice, ASettingIsNoQuestion) {
    auto choice = large_table();
    for (int n = 0; n < 20; ++n) {
        EXPECT_EQ(choice.next(CopyMethod::copy), Method::copy);
        EXPECT_EQ(choice.next(CopyMethod::insert), Method::insert);
    }
    MethodChoice small(1, 8192, 0);
    EXPECT_EQ(small.next(CopyMethod::copy), Method::copy) << "small tables too";
}

TEST(MethodChoice, TriesBothInTurn) {
    auto choice = large_table();
    int copies = 0;
    for (int n = 0; n < 10; ++n) copies += choice.next(CopyMethod::automatic) == Method::copy ? 1 : 0;
    EXPECT_EQ(copies, 5);
}

TEST(MethodChoice, TakesTheQuicker) {
    auto choice = large_table();
    const auto copied = after_trial(choice, milliseconds{300}, milliseconds{200}, 100);
    EXPECT_EQ(copied.method, Method::copy);
    EXPECT_THAT(copied.words, HasSubstr("by COPY: the first chunks came at 39.0 MiB/s by COPY and at 26.0 MiB/s"));
    auto other = large_table();
    const auto inserted = after_trial(other, milliseconds{200}, milliseconds{300}, 100);
    EXPECT_EQ(inserted.method, Method::insert);
    EXPECT_THAT(inserted.words, HasSubstr("by INSERT … SELECT: "));
}

TEST(MethodChoice, WeighsTheWalThatCopySaves) {
    auto narrow = large_table();
    EXPECT_EQ(after_trial(narrow, milliseconds{2'000}, milliseconds{2'220}, 100).method, Method::copy) << "0.42 of it";
    auto wide = large_table();
    EXPECT_EQ(after_trial(wide, milliseconds{2'000}, milliseconds{2'220}, 5).method, Method::insert) << "0.03 of it";
    auto slow = large_table();
    EXPECT_EQ(after_trial(slow, milliseconds{2'000}, milliseconds{2'400}, 100).method, Method::insert);
}

TEST(MethodChoice, WeighsTheRecordsThatTheWalsenderNeedNotRead) {
    // 100,000 rows in a chunk are 50 ms of its time.
    auto narrow = large_table();
    EXPECT_EQ(after_trial(narrow, milliseconds{100}, milliseconds{160}, 100).method, Method::copy);
    auto wide = large_table();
    EXPECT_EQ(after_trial(wide, milliseconds{100}, milliseconds{160}, 5).method, Method::insert);
    auto slow = large_table();
    EXPECT_EQ(after_trial(slow, milliseconds{100}, milliseconds{180}, 100).method, Method::insert);
}

TEST(MethodChoice, TriesUntilItIsDecided) {
    auto choice = large_table();
    EXPECT_TRUE(choice.is_trying(CopyMethod::automatic));
    EXPECT_FALSE(choice.is_trying(CopyMethod::copy));
    after_trial(choice, milliseconds{300}, milliseconds{200}, 100);
    EXPECT_FALSE(choice.is_trying(CopyMethod::automatic));
    auto without = large_table();
    without.rule_out("a reason");
    EXPECT_FALSE(without.is_trying(CopyMethod::automatic));
    EXPECT_FALSE(MethodChoice(1, 8192, 0).is_trying(CopyMethod::automatic));
}

TEST(MethodChoice, TheFirstChunkOfEachIsNotCounted) {
    auto choice = large_table();
    std::optional<std::string> decision;
    for (int n = 0; n < 4; ++n) {
        choice.took({Method::insert, 1'000, 100'000, milliseconds{200}});
        EXPECT_FALSE(decision);
        decision = choice.took({Method::copy, 1'000, 100'000, milliseconds{n == 0 ? 60'000 : 100}});
    }
    ASSERT_TRUE(decision);
    EXPECT_EQ(choice.next(CopyMethod::automatic), Method::copy);
}

TEST(MethodChoice, WhatIsRuledOutIsNotTried) {
    auto choice = large_table();
    EXPECT_TRUE(choice.rule_out("a reason"));
    EXPECT_FALSE(choice.rule_out("another"));
    EXPECT_EQ(choice.ruled_out(), "a reason");
    EXPECT_EQ(choice.next(CopyMethod::copy), Method::insert);
    EXPECT_EQ(after_trial(choice, milliseconds{300}, milliseconds{1}, 100).words, "");
}

TEST(MethodChoice, IsNotTriedWhereThereIsLittleToGain) {
    MethodChoice small(4'095, 4'095 * 8192, 0);
    MethodChoice toasted(many_blocks, heap, heap / 2);
    for (int n = 0; n < 20; ++n) {
        EXPECT_EQ(small.next(CopyMethod::automatic), Method::insert);
        EXPECT_EQ(toasted.next(CopyMethod::automatic), Method::insert);
    }
}

TEST(WalSaved, IsAboutHalfForNarrowRowsAndNothingForWideOnes) {
    EXPECT_NEAR(wal_saved(84), 0.42, 0.01);
    EXPECT_LE(wal_saved(0), 0.5);
    EXPECT_LT(wal_saved(2'000), 0.03);
}

}  // namespace
}  // namespace pgwraith::transfer
