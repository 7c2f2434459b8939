#include "pgwraith/catalog/statement.h"

#include <string_view>

namespace pgwraith::catalog {

namespace {

constexpr std::size_t longest = 60;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
    return is_digit(c) || c == '_' || c == '$' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
}

// The server shows what fits of a statement: a literal may have no end.
class Reader {
  public:
    Reader(std::string_view sql, bool values) : rest_(sql), values_(values) {}

    std::string read() {
        while (!rest_.empty() && words_.size() <= longest && !unsure_) take();
        while (!words_.empty() && (words_.back() == ' ' || words_.back() == ';')) words_.pop_back();
        if (words_.size() <= longest && !unsure_) return words_;
        auto end = std::min(words_.size(), longest);
        while (end > 0 && (static_cast<unsigned char>(words_[end]) & 0xC0) == 0x80) --end;  // no half of a character
        return words_.substr(0, end) + "…";
    }

  private:
    void take() {
        const char c = rest_.front();
        if (is_space(c)) return take_space(1);
        if (rest_.starts_with("--")) return take_space(std::min(rest_.find('\n'), rest_.size()));
        if (rest_.starts_with("/*")) return take_comment();
        if (!values_ && c == '\'') return take_string();
        if (c == '"') return take_as_it_is(std::min(rest_.find('"', 1), rest_.size() - 1) + 1);
        if (!values_ && c == '$' && rest_.size() > 1 && !is_digit(rest_[1])) return take_dollar_string();
        if (!values_ && (is_digit(c) || (c == '.' && rest_.size() > 1 && is_digit(rest_[1])))) return take_number();
        std::size_t length = 1;
        while (is_word(c) && length < rest_.size() && is_word(rest_[length])) ++length;
        take_as_it_is(length);
    }

    void take_as_it_is(std::size_t length) {
        words_ += rest_.substr(0, length);
        rest_.remove_prefix(length);
    }

    void take_instead(std::string_view text, std::size_t length) {
        words_ += text;
        rest_.remove_prefix(std::min(length, rest_.size()));
    }

    void take_space(std::size_t length) { take_instead(words_.empty() || words_.back() == ' ' ? "" : " ", length); }

    void take_comment() {
        const auto end = rest_.find("*/");
        // They may be nested: what follows the first end may be a comment's.
        unsure_ = end == std::string_view::npos || rest_.substr(2, end - 2).find("/*") != std::string_view::npos;
        take_space(end == std::string_view::npos ? rest_.size() : end + 2);
    }

    // Where a backslash may guard a quote nobody knows where the string ends.
    void take_string() {
        std::size_t at = 1;
        for (; at < rest_.size(); ++at) {
            unsure_ = unsure_ || rest_[at] == '\\';
            if (rest_[at] != '\'') continue;
            if (at + 1 < rest_.size() && rest_[at + 1] == '\'') {
                ++at;
            } else {
                break;
            }
        }
        take_instead("?", at + 1);
    }

    void take_dollar_string() {
        const auto tag = rest_.substr(0, rest_.find('$', 1) + 1);
        const auto end = tag.empty() ? std::string_view::npos : rest_.find(tag, tag.size());
        take_instead("?", end == std::string_view::npos ? rest_.size() : end + tag.size());
    }

    void take_number() {
        std::size_t at = 1;
        while (at < rest_.size() && (is_word(rest_[at]) || rest_[at] == '.')) ++at;
        take_instead("?", at);
    }

    std::string_view rest_;
    bool values_;
    bool unsure_ = false;  // of what follows
    std::string words_;
};

}  // namespace

std::string statement_in_words(const std::string& sql, bool values) { return Reader(sql, values).read(); }

}  // namespace pgwraith::catalog
