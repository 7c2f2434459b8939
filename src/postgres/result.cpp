#include "pgwraith/postgres/result.h"

#include <charconv>

#include "pgwraith/base/error.h"

namespace pgwraith::postgres {

namespace {

template <typename Number>
Number parse(std::string_view text, const char* what) {
    Number value{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    ensure(error == std::errc{} && end == text.data() + text.size(), what);
    return value;
}

}  // namespace

bool Result::is_copy() const {
    const auto status = PQresultStatus(result_.get());
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

std::uint64_t Result::affected() const {
    const char* text = PQcmdTuples(result_.get());
    return *text == '\0' ? 0 : parse<std::uint64_t>(text, "row count of a command tag");
}

std::string_view Result::text(int row, int column) const {
    ensure(row >= 0 && row < rows() && column >= 0 && column < columns(), "result row and column exist");
    return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::optional<std::string> Result::optional_text(int row, int column) const {
    if (is_null(row, column)) return std::nullopt;
    return str(row, column);
}

std::int64_t Result::int64(int row, int column) const {
    return parse<std::int64_t>(text(row, column), "integer result");
}

std::uint64_t Result::uint64(int row, int column) const {
    return parse<std::uint64_t>(text(row, column), "unsigned integer result");
}

std::uint32_t Result::oid(int row, int column) const { return parse<std::uint32_t>(text(row, column), "oid result"); }

double Result::number(int row, int column) const { return parse<double>(text(row, column), "number result"); }

bool Result::boolean(int row, int column) const {
    auto value = text(row, column);
    ensure(value == "t" || value == "f", "boolean result");
    return value == "t";
}

}  // namespace pgwraith::postgres
