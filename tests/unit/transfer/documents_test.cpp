// What is on disk must be read by a later process as it was written.
#include "pgwraith/transfer/documents.h"

#include <gtest/gtest.h>

namespace pgwraith::transfer {
namespace {

using nlohmann::json;

TEST(Documents, OfTheVerification) {
    const VerifyPosition position{{"7", "it's"}, 100, 99, 1};
    const auto on_disk = json(position);
    EXPECT_EQ(on_disk, json::parse(R"({"position":["7","it's"],"rows_live":100,"rows_shadow":99,"repaired":1})"));
    EXPECT_EQ(json(on_disk.get<VerifyPosition>()), on_disk);
    EXPECT_STREQ(store::document_name<VerifyPosition>, "verify");
}

TEST(Documents, OfKeysThatAreNeverAtRestAreABareList) {
    const RestlessKeys restless{{{"7", "a"}, {"8", ""}}};
    const auto on_disk = json(restless);
    EXPECT_EQ(on_disk, json::parse(R"([["7","a"],["8",""]])"));
    EXPECT_EQ(on_disk.get<RestlessKeys>().keys, restless.keys);
    EXPECT_STREQ(store::document_name<RestlessKeys>, "restless");
}

}  // namespace
}  // namespace pgwraith::transfer
