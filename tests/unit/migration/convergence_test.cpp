#include "convergence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::migration {
namespace {

transfer::PassResult pass(std::uint64_t seen, milliseconds took = std::chrono::seconds{10}) {
    transfer::PassResult result;
    result.seen = seen;
    result.took = took;
    return result;
}

TEST(CaughtUp, IsAfterAShortPassOrFewKeys) {
    EXPECT_TRUE(is_caught_up(pass(1'000'000, milliseconds{500})));
    EXPECT_TRUE(is_caught_up(pass(5'000)));
    EXPECT_FALSE(is_caught_up(pass(5'001, milliseconds{501})));
}

class Converging : public ::testing::Test {
  protected:
    // Five passes; what was said after the last one.
    std::optional<std::string> five(std::uint64_t seen) {
        std::optional<std::string> said;
        for (int i = 0; i < 5; ++i) {
            EXPECT_FALSE(said) << "only every fifth pass says something";
            said = convergence_.after(pass(seen));
        }
        return said;
    }

  private:
    Convergence convergence_;
};

TEST_F(Converging, IsNotJudgedBeforeThereIsSomethingToCompare) { EXPECT_FALSE(five(1'000'000)); }

TEST_F(Converging, IsSilentWhileKeysBecomeFewer) {
    five(1'000'000);
    EXPECT_FALSE(five(999'999));
    EXPECT_FALSE(five(999'998));
}

TEST_F(Converging, IsDeniedWhereKeysDoNot) {
    five(1'000'000);
    const auto said = five(1'000'000);
    ASSERT_TRUE(said);
    EXPECT_THAT(*said, testing::HasSubstr("1,000,000 keys pending after 10 passes, 1,000,000 before"));
    EXPECT_FALSE(five(10)) << "each is compared with the five before";
}

}  // namespace
}  // namespace pgwraith::migration
