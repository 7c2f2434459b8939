#include "identity_sql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::migration {
namespace {

using catalog::IdentityKind;
using catalog::ReplicaIdentity;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const ReplicaIdentity none{IdentityKind::nothing, "", 0};
const ReplicaIdentity by_index{IdentityKind::index, "it's", 17};

TEST(HasIdentity, IsTheLetterWhereNoIndexIsMeant) {
    EXPECT_EQ(has_identity(none), "c.relreplident = 'n'");
    EXPECT_EQ(has_identity({IdentityKind::primary_key, "", 0}), "c.relreplident = 'd'");
    EXPECT_EQ(has_identity({IdentityKind::full, "", 0}), "c.relreplident = 'f'");
}

TEST(HasIdentity, KnowsAnIndexByItsOidOrItsName) {
    const auto condition = has_identity(by_index);
    EXPECT_THAT(condition, StartsWith("c.relreplident = 'i' AND EXISTS"));
    EXPECT_THAT(condition, HasSubstr("(i.oid = 17 OR i.relname = 'it''s')"));
}

TEST(HasIdentityOrItsRest, IsAlsoAnIdentityWhoseIndexWasDropped) {
    const auto condition = has_identity_or_its_rest(by_index);
    EXPECT_THAT(condition, HasSubstr(has_identity(by_index)));
    EXPECT_THAT(condition, HasSubstr("OR (c.relreplident = 'i' AND NOT EXISTS"));
}

TEST(ChangeIdentity, LooksUnderTheLockBeforeItChangesAnything) {
    const auto sql =
        change_identity_sql(7, {"app", "t"}, {"c.relreplident = 'n'", by_index, "; COMMENT"}, milliseconds{500});
    EXPECT_THAT(sql, HasSubstr("SET LOCAL lock_timeout = '500ms'"));
    EXPECT_THAT(sql, HasSubstr("SET LOCAL statement_timeout = '1000ms'"));
    const auto limit = sql.find("SET LOCAL");
    const auto lock = sql.find("LOCK TABLE ONLY \"app\".\"t\"");
    const auto check = sql.find("IF NOT EXISTS");
    const auto change = sql.find("ALTER TABLE ONLY \"app\".\"t\" REPLICA IDENTITY USING INDEX \"it's\"; COMMENT");
    ASSERT_NE(change, std::string::npos);
    EXPECT_LT(limit, lock);
    EXPECT_LT(lock, check);
    EXPECT_LT(check, change);
    EXPECT_THAT(sql, HasSubstr("c.oid = 7")) << "the table, and no other that has its name now";
    EXPECT_THAT(sql, HasSubstr("to_regclass('\"app\".\"t\"')"));
    EXPECT_THAT(sql, HasSubstr("AND c.relreplident = 'n')"));
    EXPECT_THAT(sql, HasSubstr(not_as_recorded));
}

TEST(ChangeIdentity, IsOneMessage) {
    const auto sql = change_identity_sql(7, {"app", "t"}, {"true", none, ""}, milliseconds{500});
    EXPECT_THAT(sql, Not(HasSubstr("BEGIN;"))) << "the server runs it as one transaction, to the end without us";
    EXPECT_THAT(sql, Not(HasSubstr("COMMIT")));
}

}  // namespace
}  // namespace pgwraith::migration
