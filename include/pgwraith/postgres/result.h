// One result of a statement: rows of text.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pgwraith::postgres {

// Owns a PGresult. Views into it are valid as long as it lives.
class Result {
  public:
    explicit Result(PGresult* result) : result_(result) {}

    int rows() const { return PQntuples(result_.get()); }
    int columns() const { return PQnfields(result_.get()); }
    bool empty() const { return rows() == 0; }
    std::uint64_t affected() const;  // rows inserted, deleted, …
    bool is_copy() const;            // not an answer yet: rows are to follow, in either direction

    // Of a column's values: a domain shows as what it stands on.
    std::uint32_t type(int column) const { return PQftype(result_.get(), column); }
    int type_modifier(int column) const { return PQfmod(result_.get(), column); }

    bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
    // REQUIRES: the row and the column exist. A NULL reads as "".
    std::string_view text(int row, int column) const;
    std::string str(int row, int column) const { return std::string(text(row, column)); }
    std::optional<std::string> optional_text(int row, int column) const;
    // Throw Error(internal) when the text is not such a value.
    std::int64_t int64(int row, int column) const;
    std::uint64_t uint64(int row, int column) const;
    std::uint32_t oid(int row, int column) const;
    double number(int row, int column) const;
    bool boolean(int row, int column) const;  // 't' or 'f'

  private:
    struct Clear {
        void operator()(PGresult* result) const { PQclear(result); }
    };
    std::unique_ptr<PGresult, Clear> result_;
};

}  // namespace pgwraith::postgres
