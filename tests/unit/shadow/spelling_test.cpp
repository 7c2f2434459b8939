#include "spelling.h"

#include <gtest/gtest.h>

namespace pgwraith::shadow {
namespace {

TEST(Spelling, ImpliedCastsGo) {
    EXPECT_EQ(without_implied_casts("CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character "
                                    "varying])::text[])))"),
              "CHECK (((s) = ANY (ARRAY['a'::character varying, 'b'::character varying])))");
    EXPECT_EQ(
        without_implied_casts(
            R"(((("a ]) b")::text <> ALL ((ARRAY['(['::character varying])::text[])) OR (f((x)::text) = ANY ((ARRAY['it''s'::character varying])::text[])))"),
        R"(((("a ]) b") <> ALL (ARRAY['(['::character varying])) OR (f((x)::text) = ANY ((ARRAY['it''s'::character varying])::text[])))");
}

TEST(Spelling, NothingElseChanges) {
    for (const std::string text :
         {"(s = ANY (ARRAY['a'::text]))", "((s)::text = ANY ((ARRAY['a'::bpchar])::text[]))",
          "((s)::text = ANY ((ARRAY[s, 'a'::character varying])::text[]))", "'((ARRAY['", "((ARRAY[", ""}) {
        EXPECT_EQ(without_implied_casts(text), text);
    }
}

}  // namespace
}  // namespace pgwraith::shadow
