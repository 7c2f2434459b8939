#include "borrowed_identity.h"

#include <gtest/gtest.h>

#include "objects.h"

namespace pgwraith::migration {
namespace {

const QualifiedName table{"app", "Order \"Items\""};

TEST(BorrowedIdentity, IsReadBackFromTheSchemasComment) {
    const BorrowedIdentity borrowed{{catalog::IdentityKind::index, "old; replica identity \"x", 17},
                                    {catalog::IdentityKind::index, "It's {new}", 18},
                                    true};
    const auto marker = schema_marker(table);
    const auto read = read_identity_note(marker + identity_note(borrowed), marker);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read, borrowed);
    EXPECT_EQ(
        borrowed.in_words(),
        R"(USING INDEX "It's {new}" for the time of the migration, USING INDEX "old; replica identity ""x" before and after)");
}

TEST(BorrowedIdentity, NothingElseIsTakenForOne) {
    const auto marker = schema_marker(table);
    for (const std::string note :
         {"", "; replica identity ", "; replica identity {}", "; replica identity [1]",
          "; replica identity {\"before\":7}",
          "; replica identity {\"before\":{\"kind\":\"\",\"index\":\"\",\"index_oid\":0},\"meanwhile\":{}}", " x"}) {
        EXPECT_FALSE(read_identity_note(marker + note, marker).has_value()) << note;
    }
    EXPECT_FALSE(read_identity_note(schema_marker({"app", "other"}), marker).has_value());
}

TEST(BorrowedIdentity, ATableIsDescribedOnlyWhileItHasIt) {
    MadeObjects made;
    made.borrowed =
        BorrowedIdentity{{catalog::IdentityKind::primary_key}, {catalog::IdentityKind::index, "k", 18}, true};
    EXPECT_TRUE(made.empty());
    EXPECT_TRUE(made.describe().empty());
    made.identity_is_borrowed = true;
    EXPECT_FALSE(made.empty());
    EXPECT_EQ(made.describe().front(), R"(replica identity USING INDEX "k" of the live table (DEFAULT is given back))");
}

}  // namespace
}  // namespace pgwraith::migration
