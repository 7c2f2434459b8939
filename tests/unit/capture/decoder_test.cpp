#include "pgwraith/capture/decoder.h"

#include <gmock/gmock.h>

namespace pgwraith::capture {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::literals;

// Builds messages byte by byte, as the protocol's documentation lays them out.
class Bytes {
  public:
    explicit Bytes(char tag) : bytes_(1, tag) {}
    Bytes& u8(int value) { return integer(static_cast<std::uint64_t>(value), 1); }
    Bytes& u16(std::uint16_t value) { return integer(value, 2); }
    Bytes& u32(std::uint32_t value) { return integer(value, 4); }
    Bytes& u64(std::uint64_t value) { return integer(value, 8); }
    Bytes& tag(char value) { return raw({&value, 1}); }
    Bytes& raw(std::string_view value) {
        bytes_.append(value);
        return *this;
    }
    Bytes& c_string(std::string_view value) { return raw(value).u8(0); }
    Bytes& text(std::string_view value, char kind = 't') {
        return tag(kind).u32(static_cast<std::uint32_t>(value.size())).raw(value);
    }
    operator std::string() const { return bytes_; }

  private:
    Bytes& integer(std::uint64_t value, int size) {
        for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) bytes_.push_back(static_cast<char>(value >> shift));
        return *this;
    }
    std::string bytes_;
};

std::string begin() { return Bytes('B').u64(0x16'b374'd848).u64(7).u32(0xfffffffe); }
std::string commit() { return Bytes('C').u8(0).u64(0x16'b374'd848).u64(0x16'b374'd878).u64(7); }
std::string origin() { return Bytes('O').u64(5).c_string("pgwraith_1"); }
std::string relation() {
    return Bytes('R')
        .u32(16384)
        .c_string("app")
        .c_string("Order Items")
        .tag('d')
        .u16(2)
        .u8(1)
        .c_string("id")
        .u32(20)
        .u32(0xffffffff)
        .u8(0)
        .c_string("")
        .u32(25)
        .u32(0xffffffff);
}
std::string type() { return Bytes('Y').u32(16400).c_string("app").c_string("mood"); }
std::string insert() {
    return Bytes('I').u32(16384).tag('N').u16(4).text("42").tag('n').tag('u').text("\0\xff"sv, 'b');
}
std::string update() { return Bytes('U').u32(16384).tag('N').u16(1).text("42"); }
std::string key_update() {
    return Bytes('U').u32(16384).tag('K').u16(2).text("41").tag('n').tag('N').u16(1).text("42");
}
std::string full_update() { return Bytes('U').u32(16384).tag('O').u16(1).text("").tag('N').u16(1).tag('u'); }
std::string removal() { return Bytes('D').u32(16384).tag('K').u16(1).text("42"); }
std::string full_removal() { return Bytes('D').u32(16384).tag('O').u16(2).text("42").tag('n'); }
std::string truncate() { return Bytes('T').u32(2).u8(3).u32(16384).u32(16385); }
std::string message() { return Bytes('M').u8(1).u64(0x99).c_string("pgwraith_5_16384").u32(3).raw("a\0b"sv); }

std::vector<std::string> all_messages() {
    return {begin(),      commit(),      origin(),  relation(),     type(),     insert(), update(),
            key_update(), full_update(), removal(), full_removal(), truncate(), message()};
}

std::string refusal(const std::string& bytes) {
    try {
        decode(bytes);
    } catch (const DecodeError& error) {
        return error.message();
    }
    return "decoded";
}

TEST(Decoder, Begin) {
    const auto bytes = begin();
    const auto decoded = std::get<Begin>(decode(bytes));
    EXPECT_EQ(decoded.final_lsn, Lsn{0x16'b374'd848});
    EXPECT_EQ(decoded.xid, 0xfffffffeu);
}

TEST(Decoder, Commit) {
    const auto bytes = commit();
    const auto decoded = std::get<Commit>(decode(bytes));
    EXPECT_EQ(decoded.commit, Lsn{0x16'b374'd848});
    EXPECT_EQ(decoded.end, Lsn{0x16'b374'd878});
}

TEST(Decoder, OriginAndType) {
    const auto first = origin();
    EXPECT_EQ(std::get<Origin>(decode(first)).name, "pgwraith_1");
    const auto second = type();
    EXPECT_EQ(std::get<Type>(decode(second)).oid, 16400u);
}

TEST(Decoder, Relation) {
    const auto bytes = relation();
    const auto decoded = std::get<Relation>(decode(bytes));
    EXPECT_EQ(decoded.oid, 16384u);
    EXPECT_EQ(decoded.schema, "app");
    EXPECT_EQ(decoded.name, "Order Items");
    EXPECT_EQ(decoded.replica_identity, 'd');
    ASSERT_EQ(decoded.columns.size(), 2u);
    EXPECT_TRUE(decoded.columns[0].key);
    EXPECT_EQ(decoded.columns[0].name, "id");
    EXPECT_EQ(decoded.columns[0].type, 20u);
    EXPECT_FALSE(decoded.columns[1].key);
    EXPECT_EQ(decoded.columns[1].name, "");
    EXPECT_EQ(decoded.columns[1].type, 25u);
}

TEST(Decoder, InsertWithEveryKindOfValue) {
    const auto bytes = insert();
    const auto decoded = std::get<Insert>(decode(bytes));
    EXPECT_EQ(decoded.relation, 16384u);
    ASSERT_EQ(decoded.row.size(), 4u);
    EXPECT_EQ(decoded.row[0].kind, ValueKind::text);
    EXPECT_EQ(decoded.row[0].data, "42");
    EXPECT_EQ(decoded.row[1].kind, ValueKind::null);
    EXPECT_EQ(decoded.row[2].kind, ValueKind::unchanged);
    EXPECT_EQ(decoded.row[3].kind, ValueKind::binary);
    EXPECT_EQ(decoded.row[3].data, "\0\xff"sv);
}

TEST(Decoder, UpdateWithoutOldKey) {
    const auto bytes = update();
    const auto decoded = std::get<Update>(decode(bytes));
    EXPECT_FALSE(decoded.old);
    ASSERT_EQ(decoded.row.size(), 1u);
    EXPECT_EQ(decoded.row[0].data, "42");
}

TEST(Decoder, UpdateWithOldKey) {
    const auto bytes = key_update();
    const auto decoded = std::get<Update>(decode(bytes));
    ASSERT_TRUE(decoded.old);
    ASSERT_EQ(decoded.old->size(), 2u);
    EXPECT_EQ((*decoded.old)[0].data, "41");
    EXPECT_EQ((*decoded.old)[1].kind, ValueKind::null);
    EXPECT_EQ(decoded.row[0].data, "42");
}

TEST(Decoder, UpdateWithOldRow) {
    const auto bytes = full_update();
    const auto decoded = std::get<Update>(decode(bytes));
    ASSERT_TRUE(decoded.old);
    EXPECT_EQ((*decoded.old)[0].kind, ValueKind::text);
    EXPECT_EQ((*decoded.old)[0].data, "");
    EXPECT_EQ(decoded.row[0].kind, ValueKind::unchanged);
}

TEST(Decoder, DeleteByKeyAndByRow) {
    const auto by_key = removal();
    EXPECT_EQ(std::get<Delete>(decode(by_key)).relation, 16384u);
    EXPECT_EQ(std::get<Delete>(decode(by_key)).old[0].data, "42");
    const auto by_row = full_removal();
    EXPECT_EQ(std::get<Delete>(decode(by_row)).old.size(), 2u);
}

TEST(Decoder, Truncate) {
    const auto bytes = truncate();
    EXPECT_THAT(std::get<Truncate>(decode(bytes)).relations, ElementsAre(16384u, 16385u));
}

TEST(Decoder, LogicalMessage) {
    const auto bytes = message();
    const auto decoded = std::get<LogicalMessage>(decode(bytes));
    EXPECT_TRUE(decoded.transactional);
    EXPECT_EQ(decoded.lsn, Lsn{0x99});
    EXPECT_EQ(decoded.prefix, "pgwraith_5_16384");
    EXPECT_EQ(decoded.content, "a\0b"sv);
    const std::string plain = Bytes('M').u8(0).u64(1).c_string("").u32(0);
    EXPECT_FALSE(std::get<LogicalMessage>(decode(plain)).transactional);
}

TEST(Decoder, EveryTruncationOfEveryMessageIsRefused) {
    for (const auto& bytes : all_messages()) {
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            // A buffer of exactly that size, so that a sanitizer sees a read beyond it.
            const std::vector<char> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
            EXPECT_THROW(decode({cut.data(), cut.size()}), DecodeError) << bytes[0] << " cut to " << size;
        }
    }
}

TEST(Decoder, TrailingBytesAreRefused) {
    for (const auto& bytes : all_messages()) {
        EXPECT_THAT(refusal(bytes + '\0'), HasSubstr("1 bytes after its end")) << bytes[0];
    }
}

TEST(Decoder, EveryOtherTypeIsRefusedAndNamed) {
    for (int tag = 0; tag < 256; ++tag) {
        if ("BCORYIUDTM"sv.find(static_cast<char>(tag)) != std::string_view::npos) continue;
        const std::string bytes(40, static_cast<char>(tag));
        EXPECT_THROW(decode(bytes), DecodeError) << tag;
    }
    EXPECT_THAT(refusal("S1234"), HasSubstr("message 'S'"));
    EXPECT_THAT(refusal("\x01"), HasSubstr("\\x01"));
}

TEST(Decoder, UnknownMarksInsideAMessageAreRefused) {
    EXPECT_THAT(refusal(Bytes('I').u32(1).tag('K').u16(0)), HasSubstr("'K'"));
    EXPECT_THAT(refusal(Bytes('U').u32(1).tag('X').u16(0)), HasSubstr("'X'"));
    EXPECT_THAT(refusal(Bytes('U').u32(1).tag('K').u16(0).tag('K').u16(0)), HasSubstr("'K'"));
    EXPECT_THAT(refusal(Bytes('D').u32(1).tag('N').u16(0)), HasSubstr("'N'"));
    EXPECT_THAT(refusal(Bytes('I').u32(1).tag('N').u16(1).tag('x')), HasSubstr("kind 'x'"));
    EXPECT_THAT(refusal(Bytes('C').u8(1).u64(1).u64(1).u64(1)), HasSubstr("flags 0x1"));
    EXPECT_THAT(refusal(Bytes('M').u8(2).u64(1).c_string("").u32(0)), HasSubstr("flags 0x2"));
}

TEST(Decoder, CountsBeyondTheBytesAreRefusedBeforeAnythingIsAllocated) {
    EXPECT_THAT(refusal(Bytes('I').u32(1).tag('N').u16(0xffff).tag('n')), HasSubstr("count of 65535"));
    EXPECT_THAT(refusal(Bytes('R').u32(1).c_string("s").c_string("t").tag('d').u16(0xffff).u8(0)),
                HasSubstr("count of 65535"));
    EXPECT_THAT(refusal(Bytes('T').u32(0xffffffff).u8(0).u32(1)), HasSubstr("count of 4294967295"));
    EXPECT_THAT(refusal(Bytes('T').u32(2).u8(0).u32(1).u16(1)), HasSubstr("count of 2"));
}

TEST(Decoder, LengthsBeyondTheBytesAreRefused) {
    EXPECT_THAT(refusal(Bytes('I').u32(1).tag('N').u16(1).tag('t').u32(0xffffffff).raw("abc")), HasSubstr("missing"));
    EXPECT_THAT(refusal(Bytes('I').u32(1).tag('N').u16(1).tag('b').u32(4).raw("abc")), HasSubstr("1 bytes missing"));
    EXPECT_THAT(refusal(Bytes('M').u8(0).u64(1).c_string("p").u32(0x80000000).raw("abc")), HasSubstr("missing"));
    EXPECT_THAT(refusal(Bytes('O').u64(1).raw("never ends")), HasSubstr("does not end"));
}

TEST(Decoder, RowWithoutColumnsIsFine) {
    const std::string bytes = Bytes('I').u32(1).tag('N').u16(0);
    const auto row = std::get<Insert>(decode(bytes)).row;
    EXPECT_TRUE(row.empty());
    EXPECT_THROW(row[0], Error) << "it has no first one";
}

}  // namespace
}  // namespace pgwraith::capture
