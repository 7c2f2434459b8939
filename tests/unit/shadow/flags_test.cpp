#include "pgwraith/shadow/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::shadow {
namespace {

using catalog::Definition;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

plan::MappedColumn column(std::string name, std::optional<std::string> old_name) {
    plan::MappedColumn column;
    column.name = std::move(name);
    column.old_name = std::move(old_name);
    return column;
}

// note is called remark in the new table, n is dropped, added is new.
plan::Mapping mapping() {
    plan::Mapping mapping;
    mapping.columns.push_back(column("remark", "note"));
    mapping.columns.push_back(column("added", std::nullopt));
    return mapping;
}

TEST(Flags, WhatIsLikeTheLiveTablesIsNoChange) {
    const Definition live{{"options of column", "n", "n_distinct=5"},
                          {"owner", "", "app"},
                          {"privileges of column", "note", "app=r/app"},
                          {"storage of column", "note", "x"}};
    const Definition shadow{{"owner", "", "migrator"}, {"storage of column", "remark", "x"}};
    const auto changed = changed_flags(live, shadow, mapping());
    EXPECT_THAT(changed.set, IsEmpty());
    EXPECT_THAT(changed.gone, IsEmpty());
}

TEST(Flags, TheUsersStatementsChangeSomeTheRestIsTheLiveTables) {
    const Definition live{{"storage of column", "note", "x"},
                          {"storage parameter", "fillfactor", "90"},
                          {"storage parameter", "parallel_workers", "2"}};
    const Definition shadow{{"storage of column", "added", "p"},
                            {"storage of column", "remark", "e"},
                            {"storage parameter", "fillfactor", "70"}};
    const auto changed = changed_flags(live, shadow, mapping());
    EXPECT_TRUE(is_changed(changed, "storage parameter", "parallel_workers"));
    EXPECT_FALSE(is_changed(changed, "storage parameter", "user_catalog_table"));
    const Definition later{{"owner", "", "app"},
                           {"privileges of column", "n", "b=r/app"},
                           {"privileges of column", "note", "b=r/app"},
                           {"storage of column", "note", "m"},
                           {"storage parameter", "fillfactor", "80"},
                           {"storage parameter", "user_catalog_table", "true"}};
    EXPECT_THAT(
        expected_flags(later, changed, mapping()),
        ElementsAre(catalog::Fact{"owner", "", "app"}, catalog::Fact{"privileges of column", "remark", "b=r/app"},
                    catalog::Fact{"storage of column", "added", "p"}, catalog::Fact{"storage of column", "remark", "e"},
                    catalog::Fact{"storage parameter", "fillfactor", "70"},
                    catalog::Fact{"storage parameter", "user_catalog_table", "true"}));
}

}  // namespace
}  // namespace pgwraith::shadow
