#include "copy_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::transfer {
namespace {

using testing::HasSubstr;

FilledColumn column(std::string name, std::string type) {
    FilledColumn filled;
    filled.name = std::move(name);
    filled.expression = quote_identifier(filled.name);
    filled.cast_to = std::move(type);
    return filled;
}

TEST(CopyProtocol, ReadsColumnsAsTheyAre) {
    const auto protocol = judge_columns({column("id", "integer"), column("Note", "text")});
    EXPECT_EQ(protocol.obstacle, "");
    EXPECT_EQ(protocol.select, R"("id", "Note")");
}

TEST(CopyProtocol, CastsToTheTypeWithoutItsModifier) {
    auto wider = column("id", "bigint");
    wider.same_type = false;
    auto shorter = column("code", "character varying");
    shorter.same_modifier = false;
    const auto protocol = judge_columns({wider, shorter});
    EXPECT_EQ(protocol.obstacle, "");
    EXPECT_EQ(protocol.select, R"(("id")::bigint, "code")") << "the type's own function sees to the length";
}

TEST(CopyProtocol, CannotBringWhatItsFormatDoesNotGiveBack) {
    auto list = column("tags", "text[]");
    list.faithful = false;
    EXPECT_THAT(judge_columns({column("id", "integer"), list}).obstacle, HasSubstr("tags (text[])"));
}

TEST(CopyProtocol, LeavesOldValuesToInsertThatADomainNeedNotHold) {
    auto percent = column("share", "numeric");
    percent.in_force = false;
    EXPECT_THAT(judge_columns({percent}).obstacle, HasSubstr("old values of share"));
}

TEST(CopyProtocol, TrustsOnlyBuiltInTypesWithAConversion) {
    auto citext = column("mail", "public.citext");
    citext.built_in = false;
    EXPECT_EQ(judge_columns({citext}).obstacle, "");
    auto converted = citext;
    converted.same_type = false;
    EXPECT_THAT(judge_columns({converted}).obstacle, HasSubstr("not PostgreSQL's own"));
    auto narrowed = citext;
    narrowed.same_modifier = false;
    EXPECT_THAT(judge_columns({narrowed}).obstacle, HasSubstr("not PostgreSQL's own"));
}

TEST(CopyProtocol, NeedsAColumn) { EXPECT_NE(judge_columns({}).obstacle, ""); }

}  // namespace
}  // namespace pgwraith::transfer
