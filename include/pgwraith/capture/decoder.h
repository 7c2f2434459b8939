// pgoutput, protocol version 1 (PostgreSQL documentation, "Logical Replication Message Formats"): bytes to
// values. Pure: no socket, no state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pgwraith/base/error.h"
#include "pgwraith/base/lsn.h"

namespace pgwraith::capture {

// Every string_view points into the decoded bytes.

struct Begin {
    Lsn final_lsn;  // of the commit record
    std::uint32_t xid = 0;
};
struct Commit {
    Lsn commit;  // equals Begin.final_lsn
    Lsn end;     // where the next record begins: what may be acknowledged
};
struct Origin {
    std::string_view name;
};
struct RelationColumn {
    bool key = false;  // part of the replica identity
    std::string_view name;
    Oid type = 0;
};
struct Relation {
    Oid oid = 0;
    std::string_view schema;
    std::string_view name;
    char replica_identity = 0;
    std::vector<RelationColumn> columns;
};
struct Type {
    Oid oid = 0;
};
enum class ValueKind : char { null = 'n', unchanged = 'u', text = 't', binary = 'b' };
struct Value {
    ValueKind kind = ValueKind::null;
    std::string_view data;
};
// The columns of a row, left where they came: millions pass through, and none of them may cost an allocation.
class Tuple {
  public:
    Tuple() = default;
    // REQUIRES: the bytes are those of `columns` columns, as decode() has looked at them.
    Tuple(std::string_view bytes, std::size_t columns) : bytes_(bytes), columns_(columns) {}

    std::size_t size() const { return columns_; }
    bool empty() const { return columns_ == 0; }
    // Goes from the first column to this one. REQUIRES: column < size().
    Value operator[](std::size_t column) const;
    std::string_view bytes() const { return bytes_; }

  private:
    std::string_view bytes_;
    std::size_t columns_ = 0;
};
struct Insert {
    Oid relation = 0;
    Tuple row;
};
struct Update {
    Oid relation = 0;
    std::optional<Tuple> old;  // the replica identity ('K') or the whole row ('O'); only when it was sent
    Tuple row;
};
struct Delete {
    Oid relation = 0;
    Tuple old;
};
struct Truncate {
    std::vector<Oid> relations;
};
struct LogicalMessage {
    bool transactional = false;
    Lsn lsn;
    std::string_view prefix;
    std::string_view content;
};

using Message = std::variant<Begin, Commit, Origin, Relation, Type, Insert, Update, Delete, Truncate, LogicalMessage>;

// The bytes are not a message of this protocol (or break off). A bug here or there, never skipped.
class DecodeError : public Error {
  public:
    explicit DecodeError(std::string what);
};

// Throws DecodeError; reads nothing beyond `bytes`, allocates no more than a small multiple of their number.
Message decode(std::string_view bytes);

}  // namespace pgwraith::capture
