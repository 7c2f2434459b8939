// What a fill says to the server, and which ranges it looks at once more.
#include <gmock/gmock.h>

#include <algorithm>

#include "fill_comparison.h"
#include "fill_statements.h"

namespace pgwraith::online {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

const FillText two{{"public", "t"}, {{"a", "n * 2"}, {"B b", "lower(x) -- so"}}};

TEST(FillStatements, SetWhatIsNullWhereThereIsAValue) {
    EXPECT_EQ(fill_sql(two, {0}, {0, 8}, RowsTaken::all, false),
              "UPDATE ONLY \"public\".\"t\" SET \"a\" = (n * 2\n) WHERE ctid >= '(0,0)'::pg_catalog.tid AND ctid < "
              "'(8,0)'::pg_catalog.tid AND \"a\" IS NOT DISTINCT FROM NULL AND ((n * 2\n) IS DISTINCT FROM NULL)");
}

TEST(FillStatements, WriteARowOnceForAllOfItsColumns) {
    const auto sql = fill_sql(two, {0, 1}, {8, 16}, RowsTaken::all, true);
    EXPECT_THAT(sql, HasSubstr("SET \"a\" = (n * 2\n), \"B b\" = (lower(x) -- so\n) WHERE"));
    EXPECT_THAT(sql,
                HasSubstr("\"a\" IS NOT DISTINCT FROM NULL AND \"B b\" IS NOT DISTINCT FROM NULL AND ((n * 2\n) IS "
                          "DISTINCT FROM NULL OR (lower(x) -- so\n) IS DISTINCT FROM NULL)"));
    EXPECT_THAT(sql, HasSubstr("RETURNING \"a\" IS DISTINCT FROM NULL AS f0, \"B b\" IS DISTINCT FROM NULL AS f1"));
    EXPECT_THAT(sql, Not(HasSubstr("SKIP LOCKED")));
}

TEST(FillStatements, PassOverRowsThatAreLocked) {
    const auto sql = fill_sql(two, {1}, {8, 16}, RowsTaken::free, true);
    EXPECT_THAT(sql, HasSubstr("ctid = ANY (ARRAY(SELECT ctid FROM ONLY \"public\".\"t\" WHERE ctid >="));
    EXPECT_THAT(sql, HasSubstr("FOR NO KEY UPDATE SKIP LOCKED"));
    // The server looks again at the row that it then finds.
    EXPECT_THAT(sql, HasSubstr("SKIP LOCKED)) AND \"B b\" IS NOT DISTINCT FROM NULL AND"));
}

TEST(FillStatements, AskForAValueFromTheSecondPassOn) {
    EXPECT_THAT(look_sql(two, {0, 8}, 1, 7), HasSubstr("(\"a\" IS NOT DISTINCT FROM NULL) AS w0"));
    EXPECT_THAT(look_sql(two, {0, 8}, 2, 7),
                HasSubstr("(\"a\" IS NOT DISTINCT FROM NULL AND (n * 2\n) IS DISTINCT FROM NULL) AS w0"));
    // The id goes round after 2^32 transactions.
    EXPECT_THAT(look_sql(two, {0, 8}, 1, (Xid{3} << 32) + 7), HasSubstr("age('7'::pg_catalog.xid)"));
}

TEST(SpreadRanges, CoverTheTableOnceAndBeginAllOverIt) {
    EXPECT_THAT(spread_ranges(0, 64), SizeIs(0));
    const auto one = spread_ranges(5, 64);
    ASSERT_THAT(one, SizeIs(1));
    EXPECT_EQ(one.front().end, 5U);
    auto ranges = spread_ranges(64 * 100 + 3, 64);
    ASSERT_THAT(ranges, SizeIs(101));
    // Four of them are in different quarters of the table.
    std::vector<std::uint32_t> quarters;
    for (std::size_t i = 0; i < 4; ++i) quarters.push_back(ranges[i].begin * 4 / (64 * 100 + 3));
    std::ranges::sort(quarters);
    EXPECT_THAT(quarters, testing::ElementsAre(0U, 1U, 2U, 3U));
    std::ranges::sort(ranges, {}, &transfer::BlockRange::begin);
    std::uint32_t covered = 0;
    for (const auto& range : ranges) {
        EXPECT_EQ(range.begin, covered);
        covered = range.end;
    }
    EXPECT_EQ(covered, 64U * 100 + 3);
}

}  // namespace
}  // namespace pgwraith::online
