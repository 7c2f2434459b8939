// What is on disk must be read by a later process as it was written.
#include "pgwraith/transfer/documents.h"

#include <gtest/gtest.h>

namespace pgwraith::transfer {
namespace {

using nlohmann::json;

TEST(Documents, OfTheVerification) {
    const VerifyPosition position{false, {}, {11, 20}, {12, 18}, {{3, 5}, {9, 20}}, 4, 100, 99, 1};
    const auto on_disk = json(position);
    EXPECT_EQ(
        on_disk,
        json::parse(
            R"({"by_key":false,"after":[],"live":{"file_node":11,"blocks":20},"shadow":{"file_node":12,"blocks":18},
        "live_left":[[3,5],[9,20]],"shadow_next":4,"rows_live":100,"rows_shadow":99,"repaired":1})"));
    EXPECT_EQ(json(on_disk.get<VerifyPosition>()), on_disk);
    EXPECT_STREQ(store::document_name<VerifyPosition>, "verify");
    const VerifyPosition by_key{true, {"7", "it's"}, {}, {}, {}, 0, 100, 99, 1};
    EXPECT_EQ(json(by_key).at("after"), json::parse(R"(["7","it's"])"));
    EXPECT_EQ(json(json(by_key).get<VerifyPosition>()), json(by_key));
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
