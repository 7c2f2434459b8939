// A statement's text by its tokens: what is taken out of it keeps the user's own words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "syntax_tree.h"

namespace pgwraith::plan {

class Words {
  public:
    // REQUIRES: `text` has been parsed successfully; it must outlive the words.
    explicit Words(const std::string& text) : text_(text), tokens_(tokens(text)) {}

    std::size_t size() const { return tokens_.size(); }
    // The token is this keyword or sign. `word` in capitals.
    bool is(std::size_t at, std::string_view word) const;
    // Behind the keyword if it stands there.
    std::size_t skip(std::size_t at, std::string_view word) const { return is(at, word) ? at + 1 : at; }
    // Of the token that begins at this place in the text; size(): none does.
    std::size_t at(std::int32_t location) const;
    // Behind the parenthesis that closes the one at `open`.
    std::size_t behind_parenthesis(std::size_t open) const;
    // The first token from `from` on, outside of parentheses, that is `word`; `to`: there is none before that.
    std::size_t find(std::string_view word, std::size_t from, std::size_t to) const;
    // From token to token, the last one left out; what stands between them is kept.
    std::string text(std::size_t from, std::size_t to) const;

  private:
    const std::string& text_;
    std::vector<Token> tokens_;
};

}  // namespace pgwraith::plan
