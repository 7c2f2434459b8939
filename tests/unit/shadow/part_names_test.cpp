#include "part_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::shadow {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(PartNames, ARenamedOneIsFollowedThoughItIsMadeAnew) {
    PartNames names;
    names.begin({{1, "a"}, {2, "b"}, {3, "c"}});
    names.follow({{1, "a"}, {2, "b"}, {3, "c"}});
    EXPECT_THAT(names.renamed(), IsEmpty());
    names.follow({{1, "a"}, {2, "x"}, {9, "c"}});  // b is renamed, c made anew
    names.follow({{1, "a"}, {8, "x"}, {9, "z"}});  // and the other way round
    EXPECT_THAT(names.renamed(), ElementsAre(Pair("b", "x"), Pair("c", "z")));
    names.follow({{1, "b"}, {9, "z"}, {10, "x2"}});  // x is dropped, a takes b's first name
    EXPECT_THAT(names.renamed(), ElementsAre(Pair("a", "b"), Pair("c", "z")));
}

}  // namespace
}  // namespace pgwraith::shadow
