#include "carry_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::carry {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// public.t (note, n): note is called remark in the new table, n is dropped.
CarryContext context(catalog::Definition start, catalog::Definition now) {
    CarryContext context;
    context.live.name = {"public", "t"};
    plan::MappedColumn remark;
    remark.name = "remark";
    remark.type_sql = "text";
    remark.old_name = "note";
    context.pair.mapping.columns.push_back(std::move(remark));
    context.start = std::move(start);
    context.now = std::move(now);
    return context;
}

TEST(CarriedSettings, NothingChangedNothingSaid) {
    const catalog::Definition same{{"comment", "", "c"}, {"column", "note", "#1 text"}};
    EXPECT_THAT(settings_sql(context(same, same), {}, {}, {}), IsEmpty());
}

TEST(CarriedSettings, WhatWasChangedIsSetOnTheNewTable) {
    const auto sql = settings_sql(context({{"comment", "", "before"},
                                           {"options of column", "note", "n_distinct='-0.5'"},
                                           {"statistics targets of index", "i", "1 10"}},
                                          {{"comment", "", "it's"},
                                           {"comment of column", "note", "a note"},
                                           {"comment of foreign key to the table", "table constraint k on s.c", "key"},
                                           {"CLUSTER mark", "", "i"},
                                           {"statistics targets of index", "i", "2 20"}}),
                                  {{"comment", "", "before"},
                                   {"index", "i", "…"},
                                   {"options of column", "remark", "n_distinct='-0.5'"},
                                   {"statistics targets of index", "i", "1 10"}},
                                  {}, {});
    EXPECT_THAT(
        sql,
        ElementsAre(R"(ALTER TABLE "public"."t" CLUSTER ON "i")", R"(COMMENT ON TABLE "public"."t" IS 'it''s')",
                    R"(COMMENT ON COLUMN "public"."t"."remark" IS 'a note')", "COMMENT ON CONSTRAINT k on s.c IS 'key'",
                    R"(ALTER TABLE "public"."t" ALTER COLUMN "remark" RESET (n_distinct))",
                    R"(ALTER INDEX "public"."i" ALTER COLUMN 1 SET STATISTICS -1)",
                    R"(ALTER INDEX "public"."i" ALTER COLUMN 2 SET STATISTICS 20)"));
}

// a=1, b=2, c=3; then somebody takes b away, sets a anew and adds d, which comes last. The change has set c.
TEST(CarriedSettings, StorageParametersComeInTheirOrder) {
    auto changed =
        context({{"storage parameter", "a", "1"}, {"storage parameter", "b", "2"}, {"storage parameter", "c", "3"}},
                {{"storage parameter", "a", "9"}, {"storage parameter", "c", "3"}, {"storage parameter", "d", "it's"}});
    changed.live.storage_parameters = "c='3', a='9', d='it''s'";
    shadow::Blueprint blueprint;
    blueprint.storage_parameters = {{"a", "1"}, {"b", "2"}, {"c", "7"}};
    blueprint.flags.set = {{"storage parameter", "c", "7"}};
    EXPECT_THAT(settings_sql(changed, {}, blueprint, {}),
                ElementsAre(R"(ALTER TABLE "public"."t" RESET (a, b, c), SET (a = '9', d = 'it''s', c = '7'))"));
    changed.now = changed.start;
    EXPECT_THAT(settings_sql(changed, {}, blueprint, {}), IsEmpty());
}

TEST(CarriedSettings, WhatTheChangeRenamesIsFound) {
    shadow::Blueprint blueprint;
    blueprint.renamed_indexes = {{"i", "j"}};
    blueprint.renamed_constraints = {{"k", "l"}};
    EXPECT_THAT(settings_sql(context({}, {{"comment of index", "i", "c"},
                                          {"comment of constraint", "k", "d"},
                                          {"CLUSTER mark", "", "i"}}),
                             {{"index", "j", "…"}, {"constraint", "l", "…"}}, blueprint, {}),
                testing::UnorderedElementsAre(R"(COMMENT ON INDEX "public"."j" IS 'c')",
                                              R"(COMMENT ON CONSTRAINT "l" ON "public"."t" IS 'd')",
                                              R"(ALTER TABLE "public"."t" CLUSTER ON "j")"));
}

TEST(CarriedSettings, TheUsersStatementsWin) {
    const auto sql =
        settings_sql(context({{"comment", "", "before"}, {"statistics target of column", "note", "10"}},
                             {{"comment", "", "somebody's"}, {"statistics target of column", "note", "20"}}),
                     {{"comment", "", "of the change"}, {"statistics target of column", "remark", "100"}}, {}, {});
    EXPECT_THAT(sql, IsEmpty());
    // The shadow's own parameters say nothing until the swap.
    shadow::Blueprint by_them;
    by_them.flags = {{{"storage parameter", "fillfactor", "70"}}, {{"storage parameter", "toast.x", "1"}}};
    EXPECT_THAT(
        settings_sql(context({{"storage parameter", "toast.x", "1"}},
                             {{"storage parameter", "fillfactor", "80"}, {"storage parameter", "toast.x", "2"}}),
                     {}, by_them, {}),
        IsEmpty());
}

TEST(CarriedSettings, WhatTheNewTableLacksIsLeft) {
    const catalog::Definition now{{"comment of column", "n", "c"},
                                  {"comment of constraint", "gone", "c"},
                                  {"comment of constraint", "later", "c"},
                                  {"comment of index", "gone", "c"},
                                  {"comment of sequence", "public.t_n_seq", "c"}};
    EXPECT_THAT(settings_sql(context({}, now), {}, {}, {"later"}),
                ElementsAre(R"(COMMENT ON CONSTRAINT "later" ON "public"."t" IS 'c')"));
}

}  // namespace
}  // namespace pgwraith::carry
