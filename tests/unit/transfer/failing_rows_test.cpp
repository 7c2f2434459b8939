#include "failing_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::transfer {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

shadow::Pair pair() {
    shadow::Pair pair;
    pair.live = {"app", "t"};
    plan::MappedKeyColumn key;
    key.live.name = "id";
    pair.mapping.key = {key};
    plan::MappedColumn code;
    code.name = "code";
    code.verify_expression = R"(upper("code"))";
    plan::MappedColumn drawn;
    drawn.name = "drawn";  // by a sequence: nothing says what it will be
    pair.mapping.columns = {code, drawn};
    return pair;
}

TEST(SearchPath, IsSaidWhereANameWasNotFound) {
    EXPECT_EQ(in_force(postgres::PgError("42883", "x"), "app, public"), "; the search_path in force is app, public");
    EXPECT_EQ(in_force(postgres::PgError("3F000", "x"), "app"), "; the search_path in force is app");
    EXPECT_THAT(in_force(postgres::PgError("22P02", "x"), "app"), IsEmpty());
}

TEST(DataRefused, NamesTheRows) {
    const auto refused = data_refused(pair(), postgres::PgError("22P02", "invalid input"), {"id=1", "id=2"});
    EXPECT_EQ(refused.kind(), ErrorKind::stopped);
    EXPECT_THAT(refused.message(), HasSubstr("rows with id=1; id=2"));
    EXPECT_THAT(refused.check(), IsEmpty()) << "no CHECK can be set aside for it";
}

TEST(DataRefused, SaysWhenTheRowsAreGone) {
    const auto refused = data_refused(pair(), postgres::PgError("22P02", "invalid input"), {});
    EXPECT_THAT(refused.message(), HasSubstr("the rows are no longer there"));
}

TEST(Duplicates, AreLookedForByWhatTheNewColumnsWillHold) {
    const auto sql = duplicates_sql(pair(), {"code"}, 3);
    EXPECT_THAT(sql, HasSubstr(R"(upper("code") AS "new code")"));
    EXPECT_THAT(sql, HasSubstr(R"(GROUP BY "new code" HAVING count(*) > 1 LIMIT 3)"));
    EXPECT_THAT(sql, HasSubstr(R"(format('%s=%s', 'id', "id"))"));
}

TEST(Duplicates, CannotBeFoundWhereTheOldRowDoesNotSay) {
    EXPECT_THAT(duplicates_sql(pair(), {"code", "drawn"}, 3), IsEmpty());
    EXPECT_THAT(duplicates_sql(pair(), {"no such column"}, 3), IsEmpty());
    EXPECT_THAT(duplicates_sql(pair(), {}, 3), IsEmpty()) << "of an index on expressions";
}

}  // namespace
}  // namespace pgwraith::transfer
