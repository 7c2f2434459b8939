#include "pgwraith/transfer/purge.h"

#include <gtest/gtest.h>

namespace pgwraith::transfer {
namespace {

TEST(PurgeBlocks, AreWhatFitsIfThereAreFewKeys) {
    EXPECT_EQ(purge_blocks(4096, 0), 4096U);
    EXPECT_EQ(purge_blocks(4096, 40'000), 4096U);
}

// Otherwise the keys would be hashed anew for each small range.
TEST(PurgeBlocks, GrowWithTheKeys) {
    EXPECT_EQ(purge_blocks(4096, 1'000'000), 100'000U);
    EXPECT_EQ(purge_blocks(128, 10'000'000'000'000), 1U << 30);
}

}  // namespace
}  // namespace pgwraith::transfer
