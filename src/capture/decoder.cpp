#include "pgwraith/capture/decoder.h"

#include <fmt/format.h>

namespace pgwraith::capture {

namespace {

// Takes integers (big-endian) and strings off the front of the bytes; throws rather than read past their end.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : begin_(bytes.data()), at_(begin_), end_(begin_ + bytes.size()) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(*take(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(integer<2>()); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(integer<4>()); }
    std::uint64_t u64() { return integer<8>(); }
    Lsn lsn() { return Lsn{u64()}; }
    void skip(std::size_t count) { take(count); }

    std::string_view bytes(std::size_t count) { return {take(count), count}; }

    std::string_view c_string() {
        const char* start = at_;
        const void* zero = remaining() == 0 ? nullptr : std::memchr(at_, '\0', remaining());
        if (zero == nullptr) fail("a string that does not end");
        at_ = static_cast<const char*>(zero) + 1;
        return {start, static_cast<std::size_t>(at_ - 1 - start)};
    }

    // A count of items of at least `item_bytes` bytes each: no count can make us allocate more than the bytes
    // that are really there could fill.
    std::size_t count_of(std::size_t count, std::size_t item_bytes) {
        if (count > remaining() / item_bytes) fail(fmt::format("a count of {} that the bytes cannot hold", count));
        return count;
    }

    const char* at() const { return at_; }
    std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }

    void finish() {
        if (at_ != end_) fail(fmt::format("{} bytes after its end", remaining()));
    }

    [[noreturn]] void fail(const std::string& what) const {
        throw DecodeError(fmt::format("The change stream carries a message '{}' of {} bytes with {} at byte {}.",
                                      printable(*begin_), end_ - begin_, what, at_ - begin_));
    }

    static std::string printable(char tag) {
        const auto byte = static_cast<unsigned char>(tag);
        return byte >= 0x20 && byte < 0x7f ? std::string(1, tag) : fmt::format("\\x{:02x}", byte);
    }

  private:
    const char* take(std::size_t count) {
        if (count > remaining()) fail(fmt::format("{} bytes missing", count - remaining()));
        const char* start = at_;
        at_ += count;
        return start;
    }

    template <std::size_t size>
    std::uint64_t integer() {
        const char* start = take(size);
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<std::uint8_t>(start[i]);
        return value;
    }

    const char* begin_;
    const char* at_;
    const char* end_;
};

Value read_value(Reader& in) {
    const auto kind = static_cast<char>(in.u8());
    switch (kind) {
        case 'n':
            return {ValueKind::null, {}};
        case 'u':
            return {ValueKind::unchanged, {}};
        case 't':
        case 'b': {
            // A negative length becomes one that no message can hold.
            const std::uint32_t length = in.u32();
            return {static_cast<ValueKind>(kind), in.bytes(length)};
        }
        default:
            in.fail(fmt::format("a column of unknown kind '{}'", Reader::printable(kind)));
    }
}

Tuple read_tuple(Reader& in) {
    const std::size_t columns = in.count_of(in.u16(), 1);
    const char* begin = in.at();
    for (std::size_t i = 0; i < columns; ++i) read_value(in);
    return {{begin, static_cast<std::size_t>(in.at() - begin)}, columns};
}

void expect_new_row(Reader& in, std::uint8_t tag) {
    if (tag != 'N') in.fail(fmt::format("'{}' where a new row must be", Reader::printable(static_cast<char>(tag))));
}

Begin read_begin(Reader& in) {
    Begin begin;
    begin.final_lsn = in.lsn();
    in.skip(8);  // commit time
    begin.xid = in.u32();
    return begin;
}

Commit read_commit(Reader& in) {
    if (const auto flags = in.u8(); flags != 0) in.fail(fmt::format("unknown flags {:#x}", flags));
    Commit commit;
    commit.commit = in.lsn();
    commit.end = in.lsn();
    in.skip(8);  // commit time
    return commit;
}

Origin read_origin(Reader& in) {
    in.skip(8);  // the commit's LSN at the origin
    return {in.c_string()};
}

Relation read_relation(Reader& in) {
    constexpr std::size_t column_bytes = 1 + 1 + 4 + 4;  // flags, an empty name's NUL, type, type modifier
    Relation relation;
    relation.oid = in.u32();
    relation.schema = in.c_string();
    relation.name = in.c_string();
    relation.replica_identity = static_cast<char>(in.u8());
    const std::size_t columns = in.count_of(in.u16(), column_bytes);
    relation.columns.reserve(columns);
    for (std::size_t i = 0; i < columns; ++i) {
        RelationColumn column;
        column.key = (in.u8() & 1) != 0;
        column.name = in.c_string();
        column.type = in.u32();
        in.skip(4);  // type modifier
        relation.columns.push_back(column);
    }
    return relation;
}

Type read_type(Reader& in) {
    Type type{in.u32()};
    in.c_string();  // schema
    in.c_string();  // name
    return type;
}

Insert read_insert(Reader& in) {
    Insert insert;
    insert.relation = in.u32();
    expect_new_row(in, in.u8());
    insert.row = read_tuple(in);
    return insert;
}

Update read_update(Reader& in) {
    Update update;
    update.relation = in.u32();
    std::uint8_t tag = in.u8();
    if (tag == 'K' || tag == 'O') {
        update.old = read_tuple(in);
        tag = in.u8();
    }
    expect_new_row(in, tag);
    update.row = read_tuple(in);
    return update;
}

Delete read_delete(Reader& in) {
    Delete gone;
    gone.relation = in.u32();
    const std::uint8_t tag = in.u8();
    if (tag != 'K' && tag != 'O') {
        in.fail(fmt::format("'{}' where the old row must be", Reader::printable(static_cast<char>(tag))));
    }
    gone.old = read_tuple(in);
    return gone;
}

Truncate read_truncate(Reader& in) {
    const std::uint32_t count = in.u32();
    in.skip(1);  // CASCADE, RESTART IDENTITY
    Truncate truncate;
    truncate.relations.resize(in.count_of(count, 4));
    for (Oid& relation : truncate.relations) relation = in.u32();
    return truncate;
}

LogicalMessage read_message(Reader& in) {
    LogicalMessage message;
    const std::uint8_t flags = in.u8();
    if (flags > 1) in.fail(fmt::format("unknown flags {:#x}", flags));
    message.transactional = flags == 1;
    message.lsn = in.lsn();
    message.prefix = in.c_string();
    const std::uint32_t length = in.u32();
    message.content = in.bytes(length);
    return message;
}

Message read_any(Reader& in, char tag) {
    switch (tag) {
        case 'B':
            return read_begin(in);
        case 'C':
            return read_commit(in);
        case 'O':
            return read_origin(in);
        case 'R':
            return read_relation(in);
        case 'Y':
            return read_type(in);
        case 'I':
            return read_insert(in);
        case 'U':
            return read_update(in);
        case 'D':
            return read_delete(in);
        case 'T':
            return read_truncate(in);
        case 'M':
            return read_message(in);
        default:
            in.fail("a type that protocol version 1 does not have,");
    }
}

}  // namespace

DecodeError::DecodeError(std::string what)
    : Error(ErrorKind::internal, std::move(what),
            "Nothing was skipped or acknowledged; start again, and if it comes back report it with the versions of "
            "pgwraith and PostgreSQL.") {}

Value Tuple::operator[](std::size_t column) const {
    ensure(column < columns_, "the row has the column");
    Reader in(bytes_);
    for (std::size_t i = 0; i < column; ++i) read_value(in);
    return read_value(in);
}

Message decode(std::string_view bytes) {
    if (bytes.empty()) throw DecodeError("The change stream carries an empty message.");
    Reader in(bytes);
    const auto tag = static_cast<char>(in.u8());
    Message message = read_any(in, tag);
    in.finish();
    return message;
}

}  // namespace pgwraith::capture
