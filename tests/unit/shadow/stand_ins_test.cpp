#include <gtest/gtest.h>

#include "additions.h"
#include "foreign_keys.h"

namespace pgwraith::shadow {
namespace {

TEST(StandIns, MessagesNameWhatTheyPlay) {
    const std::vector<StandIn> stand_ins{{{"pgwraith_new_1_fk1", "child"}, {"app", "child"}, "key"},
                                         {{"pgwraith_new_1_1", "parent"}, {"public", "parent"}, {}},
                                         {{}, {"public", "t"}, "self"}};
    const auto names = real_names(stand_ins);
    EXPECT_EQ(with_real_names("constraint key on table pgwraith_new_1_fk1.child depends on index x", names),
              "constraint key on table app.child depends on index x");
    EXPECT_EQ(with_real_names(R"(REFERENCES "pgwraith_new_1_1"."parent")", names), R"(REFERENCES "public"."parent")");
}

catalog::Column stood_in_column(const std::string& name, const std::string& type) {
    catalog::Column made;
    made.name = name;
    made.type_sql = type;
    made.storage = 'p';
    return made;
}

catalog::Index index(const std::string& name, bool valid = true) {
    catalog::Index made;
    made.name = name;
    made.valid = valid;
    return made;
}

catalog::Table table() {
    catalog::Table made;
    made.access_method = "heap";
    made.persistence = catalog::Persistence::permanent;
    made.replica_identity = catalog::IdentityKind::primary_key;
    made.columns.push_back(stood_in_column("id", "integer"));
    made.columns.back().not_null = true;
    made.indexes.push_back(index("t_pkey"));
    return made;
}

TEST(Additions, ACopyIsTheSame) {
    auto copy = table();
    copy.columns[0].attnum = 2;  // the live table may have dropped columns
    EXPECT_TRUE(differences(copy, table()).empty());
}

TEST(Additions, EachDifferenceIsNamed) {
    auto copy = table();
    copy.row_security = true;
    copy.storage_parameters = "fillfactor='50'";
    copy.columns.push_back(stood_in_column("added_at", "timestamp"));
    copy.columns[0].storage = 'x';
    copy.indexes.push_back(index("more"));
    const std::vector<std::string> expected{
        R"(storage parameters: "fillfactor='50'" instead of "")", R"(row level security: "true" instead of "false")",
        "column added_at appeared", "constraint or index more appeared",
        R"(column id: "integer NOT NULL, storage x" instead of "integer NOT NULL, storage p")"};
    EXPECT_EQ(differences(table(), copy), expected);
}

TEST(Additions, AnInvalidIndexIsNotMissed) {
    auto live = table();
    live.indexes.push_back(index("t_pkey_ccnew", false));
    EXPECT_TRUE(differences(live, table()).empty());
}

}  // namespace
}  // namespace pgwraith::shadow
