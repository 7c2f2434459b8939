#include "survey.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::migration {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(Refusal, NamesEveryReasonWithItsRemedy) {
    const auto refused = refusal({"app", "t"}, {{"view v is in the way", "Drop it."}, {"no slot is free", ""}});
    EXPECT_EQ(refused.kind(), ErrorKind::refused);
    EXPECT_EQ(refused.message(),
              "\"app\".\"t\" cannot be migrated:\n  - view v is in the way\n    Drop it.\n"
              "  - no slot is free");
    EXPECT_THAT(refused.hint(), HasSubstr("Nothing was changed."));
    EXPECT_THAT(refused.refusals(), SizeIs(2));
}

TEST(Refusal, HasAReason) { EXPECT_THROW(refusal({"app", "t"}, {}), Error); }

TEST(KeyWish, IsWhatTheConfigurationSays) {
    config::Settings settings;
    EXPECT_FALSE(key_wish(settings).automatic);
    settings.key.automatic = true;
    EXPECT_TRUE(key_wish(settings).automatic);
    settings.key.index = {"app", "t_key"};
    EXPECT_EQ(key_wish(settings).index.name, "t_key");
}

}  // namespace
}  // namespace pgwraith::migration
