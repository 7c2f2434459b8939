#include "words.h"

#include <strings.h>

#include <algorithm>

namespace pgwraith::plan {

bool Words::is(std::size_t at, std::string_view word) const {
    if (at >= tokens_.size()) return false;
    const auto& token = tokens_[at];
    return token.end - token.begin == word.size() &&
           ::strncasecmp(text_.c_str() + token.begin, word.data(), word.size()) == 0;
}

std::size_t Words::at(std::int32_t location) const {
    const auto found = std::ranges::find(tokens_, static_cast<std::size_t>(location), &Token::begin);
    return static_cast<std::size_t>(found - tokens_.begin());
}

std::size_t Words::behind_parenthesis(std::size_t open) const {
    int depth = 0;
    for (std::size_t i = open; i < tokens_.size(); ++i) {
        if (is(i, "(") || is(i, "[")) ++depth;
        if (is(i, ")") || is(i, "]")) --depth;
        if (depth == 0) return i + 1;
    }
    return tokens_.size();
}

std::size_t Words::find(std::string_view word, std::size_t from, std::size_t to) const {
    for (std::size_t i = from; i < to;) {
        if (is(i, word)) return i;
        i = is(i, "(") || is(i, "[") ? behind_parenthesis(i) : i + 1;
    }
    return to;
}

std::string Words::text(std::size_t from, std::size_t to) const {
    if (from >= to) return {};
    return text_.substr(tokens_[from].begin, tokens_[to - 1].end - tokens_[from].begin);
}

}  // namespace pgwraith::plan
