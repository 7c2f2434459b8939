#include "pgwraith/store/key.h"

#include <gmock/gmock.h>

#include "pgwraith/base/error.h"

namespace pgwraith::store {
namespace {

using ::testing::ElementsAreArray;
using Columns = std::vector<std::string_view>;
using namespace std::literals;

TEST(Key, ComesBackAsItWas) {
    for (const Columns& columns : {Columns{"1"}, Columns{""}, Columns{"", ""}, Columns{"a", "", "ccc"},
                                   Columns{"\0\xff\x01"sv, "Zürich"}, Columns{std::string_view("x\0y", 3)}}) {
        const std::string encoded = encode_key(columns);
        EXPECT_THAT(decode_key(encoded, columns.size()), ElementsAreArray(columns));
    }
}

TEST(Key, IsLaidOutAsTheFormatSays) { EXPECT_EQ(encode_key(Columns{"ab", ""}), "\0\0\0\2ab\0\0\0\0"sv); }

TEST(Key, LongColumnComesBack) {
    const std::string wide(70'000, 'w');
    EXPECT_EQ(decode_key(encode_key(Columns{wide, "z"}), 2).at(0), wide);
}

TEST(Key, TellsColumnsApart) {
    EXPECT_NE(encode_key(Columns{"a", "bc"}), encode_key(Columns{"ab", "c"}));
    EXPECT_NE(encode_key(Columns{"a"}), encode_key(Columns{"a", ""}));
}

TEST(Key, NumbersSortAsNumbers) {
    EXPECT_LT(encode_key(Columns{"9"}), encode_key(Columns{"10"}));
    EXPECT_LT(encode_key(Columns{"199"}), encode_key(Columns{"1000"}));
    EXPECT_LT(encode_key(Columns{"128"}), encode_key(Columns{"255"}));
}

TEST(Key, EveryTruncationIsRefused) {
    const std::string encoded = encode_key(Columns{"abc", "de"});
    for (std::size_t size = 0; size < encoded.size(); ++size) {
        EXPECT_THROW(decode_key(std::string_view(encoded).substr(0, size), 2), Error) << size;
    }
}

TEST(Key, WrongNumberOfColumnsIsRefused) {
    const std::string encoded = encode_key(Columns{"abc", "de"});
    EXPECT_THROW(decode_key(encoded, 1), Error);
    EXPECT_THROW(decode_key(encoded, 3), Error);
    EXPECT_THROW(decode_key(encoded + "x", 2), Error);
}

TEST(Key, HostileLengthIsRefused) {
    EXPECT_THROW(decode_key("\xff\xff\xff\xff"
                            "abc"sv,
                            1),
                 Error);
    EXPECT_THROW(decode_key("\x7f\xff\xff\xff"sv, 1), Error);
}

}  // namespace
}  // namespace pgwraith::store
