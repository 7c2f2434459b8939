#include "pgwraith/transfer/keys.h"

#include <gtest/gtest.h>

#include "pgwraith/store/key.h"

namespace pgwraith::transfer {
namespace {

plan::MappedKeyColumn key_column(std::string name, std::string type) {
    plan::MappedKeyColumn column;
    column.live.name = std::move(name);
    column.live.base_type_sql = std::move(type);
    return column;
}

std::string encoded(std::vector<std::string_view> columns) { return store::encode_key(columns); }

TEST(Keys, TravelAsOneArrayPerColumn) {
    shadow::Pair pair;
    pair.mapping.key = {key_column("id", "integer"), key_column("Region", "text")};
    const std::vector<std::string> keys{encoded({"1", "a,b"}), encoded({"22", "it's \"x\""})};
    const auto params = key_params(pair, keys);
    ASSERT_EQ(params.size(), 2U);
    EXPECT_EQ(params[0], R"({"1","22"})");
    EXPECT_EQ(params[1], R"({"a,b","it's \"x\""})");
    std::vector<store::LedgerEntry> entries(2);
    entries[0].key = keys[0];
    entries[1].key = keys[1];
    EXPECT_EQ(key_params(pair, entries), params);
    EXPECT_EQ(describe_key(pair, keys[0]), "id=1, Region=a,b");
}

TEST(Keys, AreOneLineEachAsCopyText) {
    std::vector<store::LedgerEntry> entries(2);
    entries[0].key = encoded({"1", "a\tb\nc\r\\N"});
    entries[1].key = encoded({"2", ""});
    EXPECT_EQ(copy_text(entries, 2), "1\ta\\tb\\nc\\r\\\\N\n2\t\n") << "\\N would be NULL";
    EXPECT_EQ(copy_text({}, 2), "");
}

}  // namespace
}  // namespace pgwraith::transfer
