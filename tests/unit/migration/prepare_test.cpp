#include "prepare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::migration {
namespace {

using testing::HasSubstr;

catalog::Key key_of(const std::vector<int>& attnums) {
    catalog::Key key;
    for (const int attnum : attnums) {
        catalog::KeyColumn column;
        column.attnum = attnum;
        key.columns.push_back(column);
    }
    return key;
}

plan::Mapping mapping_of(const std::vector<int>& attnums) {
    plan::Mapping mapping;
    for (const auto& column : key_of(attnums).columns) mapping.key.push_back({column, "k", "integer"});
    return mapping;
}

std::string refused(const catalog::Key& key, const plan::Mapping& mapping) {
    try {
        require_same_key({"app", "t"}, key, mapping);
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::refused);
        return error.message();
    }
    return "";
}

TEST(SameKey, IsOfTheSameColumnsInTheSameOrder) {
    EXPECT_EQ(refused(key_of({1, 3}), mapping_of({1, 3})), "");
    EXPECT_THAT(refused(key_of({3, 1}), mapping_of({1, 3})), HasSubstr("was changed by somebody just now"));
    EXPECT_THAT(refused(key_of({1}), mapping_of({1, 3})), HasSubstr("was changed"));
    EXPECT_THAT(refused(key_of({1, 3, 4}), mapping_of({1, 3})), HasSubstr("was changed"));
}

TEST(SameKey, IsOneThatTheServerIdentifiesRowsByAlready) {
    auto key = key_of({1});
    key.borrows_identity = true;
    EXPECT_THAT(refused(key, mapping_of({1})), HasSubstr("was changed"))
        << "what was borrowed has been taken back: a publication would make writes fail";
}

}  // namespace
}  // namespace pgwraith::migration
