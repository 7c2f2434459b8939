#include "pgwraith/base/names.h"

#include <vector>

#include <fmt/format.h>

#include "pgwraith/base/error.h"

namespace pgwraith {
namespace {

// NAMEDATALEN - 1. PostgreSQL cuts longer names silently, and a cut name could be another table's.
constexpr std::size_t name_bytes_max = 63;

std::string doubled(std::string_view text, std::string_view special) {
    std::string result;
    result.reserve(text.size() + 2);
    for (const char c : text) {
        if (special.find(c) != std::string_view::npos) {
            result += c;
        }
        result += c;
    }
    return result;
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

// Reads `part [. part]*` as PostgreSQL's scanner does.
class NameReader {
  public:
    explicit NameReader(std::string_view text) : text_(text) {}

    std::vector<std::string> parts() {
        std::vector<std::string> result;
        for (;;) {
            skip_blanks();
            result.push_back(part());
            skip_blanks();
            if (at_end()) {
                return result;
            }
            if (text_[position_] != '.') {
                fail(fmt::format("'{}' is not expected after a name; quote it: \"My Table\"", text_[position_]));
            }
            ++position_;
        }
    }

    [[noreturn]] void fail(const std::string& reason) const {
        throw Error(ErrorKind::usage, fmt::format("'{}' is not a table name: {}", text_, reason));
    }

  private:
    bool at_end() const { return position_ == text_.size(); }

    void skip_blanks() {
        while (!at_end() && is_blank(text_[position_])) {
            ++position_;
        }
    }

    std::string part() {
        if (at_end()) {
            fail("a name is missing");
        }
        std::string name = text_[position_] == '"' ? quoted() : unquoted();
        if (name.size() > name_bytes_max) {
            fail(fmt::format("'{}' has {} bytes, PostgreSQL's names have at most {}", name, name.size(),
                             name_bytes_max));
        }
        return name;
    }

    std::string quoted() {
        std::string name;
        for (++position_; !at_end(); ++position_) {
            if (text_[position_] == '"') {
                if (position_ + 1 == text_.size() || text_[position_ + 1] != '"') {
                    break;
                }
                ++position_;
            }
            if (text_[position_] == '\0') {
                fail("it contains a zero byte");
            }
            name += text_[position_];
        }
        if (at_end()) {
            fail("the closing double quote is missing");
        }
        ++position_;
        if (name.empty()) {
            fail("\"\" names nothing");
        }
        return name;
    }

    std::string unquoted() {
        if (!is_letter(text_[position_])) {
            fail("an unquoted name begins with a letter or an underscore");
        }
        std::string name;
        while (!at_end() && (is_letter(text_[position_]) || is_digit(text_[position_]) || text_[position_] == '$')) {
            const char c = text_[position_++];
            name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        return name;
    }

    std::string_view text_;
    std::size_t position_ = 0;
};

}  // namespace

std::string quote_identifier(std::string_view name) { return '"' + doubled(name, "\"") + '"'; }

std::string quote_literal(std::string_view text) {
    // E'..' means the same whatever standard_conforming_strings says.
    const bool escape = text.find('\\') != std::string_view::npos;
    return (escape ? "E'" : "'") + doubled(text, "'\\") + '\'';
}

std::string QualifiedName::sql() const { return quote_identifier(schema) + '.' + quote_identifier(name); }

QualifiedName QualifiedName::parse(std::string_view text) {
    NameReader reader(text);
    auto parts = reader.parts();
    if (parts.size() == 1) {
        reader.fail(fmt::format("the schema is missing; write it before the name, for example public.{}", text));
    }
    if (parts.size() > 2) {
        reader.fail("it has more than two parts; write schema.table, the database comes from the connection");
    }
    return {std::move(parts[0]), std::move(parts[1])};
}

MigrationNames::MigrationNames(Oid database, Oid table)
    : new_schema(fmt::format("pgwraith_new_{}", table)),
      old_schema(fmt::format("pgwraith_old_{}", table)),
      publication(fmt::format("pgwraith_{}", table)),
      slot(fmt::format("pgwraith_{}_{}", database, table)) {}

}  // namespace pgwraith
