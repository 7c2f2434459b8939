// Which values of synchronous_standby_names make a walsender a synchronous standby.
#include "pgwraith/catalog/company.h"

#include <gtest/gtest.h>

namespace pgwraith::catalog {
namespace {

constexpr const char* ours = "pgwraith stream (pid 7 on host)";

TEST(CountsAsSynchronous, ThePatternDoesHoweverItIsWritten) {
    for (const char* value :
         {"*", " * ", "ANY 1 (*)", "FIRST 2 (a, *)", "2 (a,*,b)", "a,*", R"("*")", "any 1 (a, \"*\")"}) {
        EXPECT_TRUE(counts_as_synchronous(value, ours)) << value;
    }
}

TEST(CountsAsSynchronous, OtherNamesDoNot) {
    for (const char* value : {"", "a", "ANY 1 (a, b)", "FIRST 1 (standby)", R"("a*b")", R"("a""*")", "pgwraith",
                              R"("* ")", R"x(ANY 1 ("x,*", y))x"}) {
        EXPECT_FALSE(counts_as_synchronous(value, ours)) << value;
    }
}

TEST(CountsAsSynchronous, OurOwnNameDoesInAnyCase) {
    EXPECT_TRUE(counts_as_synchronous(R"x(FIRST 1 (a, "PGWRAITH stream (pid 7 on HOST)"))x", ours));
    // The server knows the first 63 bytes of it.
    const std::string longer = "pgwraith stream (pid 7 on " + std::string(80, 'h') + ")";
    EXPECT_TRUE(counts_as_synchronous('"' + longer.substr(0, 63) + '"', longer));
}

}  // namespace
}  // namespace pgwraith::catalog
