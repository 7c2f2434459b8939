#include "pgwraith/plan/escape_strings.h"

#include <algorithm>
#include <string_view>

namespace pgwraith::plan {

namespace {

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           (static_cast<unsigned char>(c) & 0x80U) != 0;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

class Scanner {
  public:
    explicit Scanner(std::string_view sql) : sql_(sql) {}

    std::string text() {
        while (at_ < sql_.size()) step();
        return out_ + std::string(sql_.substr(copied_));
    }

  private:
    void step() {
        if (sql_.substr(at_, 2) == "--" || sql_.substr(at_, 2) == "/*") {
            skip_comment(at_);
        } else if (sql_[at_] == '"') {
            at_ = behind(at_ + 1, '"', false);
        } else if (sql_[at_] == '\'') {
            literal();
        } else if (sql_[at_] == '$') {
            skip_dollar_quoted();
        } else if (is_word(sql_[at_])) {
            word();
        } else {
            ++at_;
        }
    }

    // A word right before a quote says what kind of literal follows.
    void word() {
        const auto begin = at_;
        while (at_ < sql_.size() && is_word(sql_[at_])) ++at_;
        auto kind = sql_.substr(begin, at_ - begin);
        if (kind == "U" || kind == "u") {
            if (sql_.substr(at_, 2) == "&'" || sql_.substr(at_, 2) == "&\"")
                at_ = behind(at_ + 2, sql_[at_ + 1], false);
            return;
        }
        if (at_ >= sql_.size() || sql_[at_] != '\'' || kind.size() != 1) return;
        if (kind == "E" || kind == "e") at_ = end_of_literal(at_).end;
        if (kind == "B" || kind == "b" || kind == "X" || kind == "x") at_ = behind(at_ + 1, '\'', false);
    }

    struct Literal {
        std::size_t end;
        bool escapes = false;
    };

    // Behind the last of the pieces that a line end between them makes one literal.
    Literal end_of_literal(std::size_t quote) const {
        Literal literal{quote};
        for (;;) {
            const auto end = behind(literal.end + 1, '\'', true);
            literal.escapes = literal.escapes || sql_.substr(literal.end, end - literal.end).find('\\') != sql_.npos;
            literal.end = end;
            auto next = end;
            while (next < sql_.size() && (is_blank(sql_[next]) || sql_.substr(next, 2) == "--")) {
                next = sql_.substr(next, 2) == "--" ? std::min(sql_.find('\n', next), sql_.size()) : next + 1;
            }
            const bool goes_on = next < sql_.size() && sql_[next] == '\'' &&
                                 sql_.substr(end, next - end).find_first_of("\r\n") != sql_.npos;
            if (!goes_on) return literal;
            literal.end = next;
        }
    }

    void literal() {
        const auto literal = end_of_literal(at_);
        if (literal.escapes) {
            out_ += sql_.substr(copied_, at_ - copied_);
            // Not to become one word with what stands before it.
            out_ += at_ > 0 && is_word(sql_[at_ - 1]) ? " E" : "E";
            copied_ = at_;
        }
        at_ = literal.end;
    }

    // Behind the quote that ends what begins at `from`; a doubled one does not.
    std::size_t behind(std::size_t from, char quote, bool escapes) const {
        for (auto i = from; i < sql_.size(); ++i) {
            if (escapes && sql_[i] == '\\') {
                ++i;
            } else if (sql_[i] == quote) {
                if (i + 1 >= sql_.size() || sql_[i + 1] != quote) return i + 1;
                ++i;
            }
        }
        return sql_.size();
    }

    void skip_comment(std::size_t begin) {
        if (sql_[begin] == '-') {
            at_ = std::min(sql_.find('\n', begin), sql_.size());
            return;
        }
        int depth = 0;
        do {
            const auto two = sql_.substr(at_, 2);
            depth += two == "/*" ? 1 : two == "*/" ? -1 : 0;
            at_ += two == "/*" || two == "*/" ? 2 : 1;
        } while (depth > 0 && at_ < sql_.size());
    }

    void skip_dollar_quoted() {
        auto end = at_ + 1;
        while (end < sql_.size() && is_word(sql_[end]) && sql_[end] != '$') ++end;
        const bool opens = end < sql_.size() && sql_[end] == '$' && !(sql_[at_ + 1] >= '0' && sql_[at_ + 1] <= '9');
        if (!opens) {
            ++at_;
            return;
        }
        const auto mark = sql_.substr(at_, end + 1 - at_);
        const auto closing = sql_.find(mark, end + 1);
        at_ = closing == sql_.npos ? sql_.size() : closing + mark.size();
    }

    std::string_view sql_;
    std::size_t at_ = 0;
    std::size_t copied_ = 0;
    std::string out_;
};

}  // namespace

std::string with_escape_strings(const std::string& sql) { return Scanner(sql).text(); }

}  // namespace pgwraith::plan
