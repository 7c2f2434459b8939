#include "pgwraith/plan/spelling.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "pgwraith/base/error.h"
#include "syntax_tree.h"

namespace pgwraith::plan {

namespace {

class Spelling {
  public:
    explicit Spelling(const std::string& sql) : sql_(sql), tokens_(tokens(sql)), partner_(tokens_.size(), none) {
        std::vector<std::size_t> open;
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            const auto word = text(i);
            if (word == "(" || word == "[") open.push_back(i);
            if ((word != ")" && word != "]") || open.empty()) continue;
            partner_[i] = open.back();
            partner_[open.back()] = i;
            open.pop_back();
        }
    }

    // (ARRAY['a'::character varying])::text[] is read as an array of text whose elements are cast. With a cast to the
    // type that it has already in between, it is an array of character varying that is cast.
    void keep_array_casts() {
        for (std::size_t i = 0; i + 2 < tokens_.size(); ++i) {
            if (text(i) != "(" || text(i + 1) != "ARRAY" || text(i + 2) != "[") continue;
            const auto end = partner_[i + 2];
            if (end == none || partner_[i] != end + 1 || text(end + 2) != "::") continue;
            const auto type = element_type(i + 3, end);
            if (!type.empty()) {
                insert_behind(end, "::" + type + "[]");
            } else if (is_compared_as_text(i, end) && begins_with_varchar(i + 3, end)) {
                remove(end + 2, end + 5);
            }
        }
    }

    // (x BETWEEN 1 AND 2) AND y: the server says ((x >= 1) AND (x <= 2)) AND y and reads that as one AND of three,
    // unless the first of two is something else, a cast to the type that it has, say.
    void keep_nested_conditions() {
        for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
            const auto end = partner_[i + 1];
            if (text(i) != "(" || text(i + 1) != "(" || end == none) continue;
            const auto word = text(end + 1);
            if ((word == "AND" || word == "OR") && has(i + 2, end, word)) insert_behind(end, "::boolean");
        }
    }

    // What follows the first SELECT of a UNION, or EXISTS, may have columns without a name, as a constant has none
    // ('a'). The server says that with its type ('a'::text), and names what is cast by its type.
    void keep_nameless_columns() {
        static const std::set<std::string_view> no_query{"FOR", "GRANT", "REVOKE", ","};
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (text(i) != "SELECT" || (i > 0 && no_query.contains(text(i - 1)))) continue;
            std::size_t begin = i + 1;
            if (text(begin) == "DISTINCT") ++begin;
            if (text(begin) == "ON" && begin + 1 < tokens_.size() && partner_[begin + 1] != none) {
                begin = partner_[begin + 1] + 1;
            }
            name_columns(begin);
        }
    }

    std::string result() const {
        std::string said;
        std::size_t done = 0;
        const auto say_until = [&](std::size_t at) {
            said += sql_.substr(done, at - done);
            done = at;
        };
        auto removed = removed_.begin();
        for (const auto& [at, added] : added_) {
            for (; removed != removed_.end() && removed->first < at; ++removed) {
                say_until(removed->first);
                done = removed->second;
            }
            say_until(at);
            said += added;
        }
        for (; removed != removed_.end(); ++removed) {
            say_until(removed->first);
            done = removed->second;
        }
        return said + sql_.substr(done);
    }

  private:
    static constexpr std::size_t none = std::string::npos;

    std::string_view text(std::size_t token) const {
        if (token >= tokens_.size()) return {};
        return std::string_view(sql_).substr(tokens_[token].begin, tokens_[token].end - tokens_[token].begin);
    }

    void insert_behind(std::size_t token, const std::string& what) { added_[tokens_[token].end] += what; }

    // Of both tokens and what is between them.
    void remove(std::size_t begin, std::size_t end) { removed_[tokens_[begin].begin] = tokens_[end].end; }

    // The next token on the same level.
    std::size_t next(std::size_t token) const {
        const auto word = text(token);
        const bool opens = (word == "(" || word == "[") && partner_[token] != none;
        return (opens ? partner_[token] : token) + 1;
    }

    bool has(std::size_t begin, std::size_t end, std::string_view word) const {
        for (auto i = begin; i < end; i = next(i)) {
            if (text(i) == word) return true;
        }
        return false;
    }

    // What the elements are cast to; empty: they do not say. The server does not show the casts that it adds by itself:
    // where only some elements say a type, or each another one, it need not be the array's. It is where the first one
    // says text or character varying, both without a length: no other kind of text then takes their place. (All but
    // name, of which an array of character varying would keep more than 63 bytes.)
    std::string element_type(std::size_t begin, std::size_t end) const {
        std::string type;
        bool all = true;
        std::size_t cast = none;
        bool branches = false;  // CASE … END holds casts that are not its own
        for (auto i = begin; i <= end; i = next(i)) {
            if (text(i) == "CASE") branches = true;
            if (text(i) == "::") cast = i;
            if (i != end && text(i) != ",") continue;
            if (cast == none || branches) {
                if (type.empty()) return {};
                all = false;
            } else {
                const auto said = sql_.substr(tokens_[cast + 1].begin, tokens_[i - 1].end - tokens_[cast + 1].begin);
                if (!type.empty() && said != type) return {};
                type = said;
            }
            cast = none;
            branches = false;
        }
        return all || type == "text" || type == "character varying" ? type : std::string();
    }

    // (s)::text = ANY ((ARRAY[…])::text[]), of character varying with different lengths: a cast of the array would go
    // to the elements. Without any the server makes the array text by itself, as it did when it read the original.
    bool is_compared_as_text(std::size_t open, std::size_t end) const {
        static const std::set<std::string_view> operators{"=", "<>", "~~", "!~~"};
        if (open < 5 || text(open - 1) != "(" || (text(open - 2) != "ANY" && text(open - 2) != "ALL")) return false;
        if (!operators.contains(text(open - 3)) || text(open - 4) != "text" || text(open - 5) != "::") return false;
        return text(end + 3) == "text" && text(end + 4) == "[" && text(end + 5) == "]" && partner_[open - 1] == end + 6;
    }

    bool begins_with_varchar(std::size_t begin, std::size_t end) const {
        for (auto i = begin; i < end && text(i) != ","; i = next(i)) {
            if (text(i) == "CASE") return false;
            if (text(i) == "::" && text(i + 1) == "character" && text(i + 2) == "varying") return true;
        }
        return false;
    }

    void name_columns(std::size_t begin) {
        static const std::set<std::string_view> ends{")",      ";",     "FROM",   "UNION",  "INTERSECT",
                                                     "EXCEPT", "WHERE", "GROUP",  "HAVING", "WINDOW",
                                                     "ORDER",  "LIMIT", "OFFSET", "FETCH",  "FOR"};
        bool named = false;
        bool plain = true;  // a column, which has its own name
        for (auto i = begin;; i = next(i)) {
            const bool end = i >= tokens_.size() || ends.contains(text(i));
            if (end || text(i) == ",") {
                if (!named && !plain && i > begin) insert_behind(i - 1, " AS \"?column?\"");
                if (end) return;
                named = false;
                plain = true;
                begin = i + 1;
            } else {
                named = named || text(i) == "AS";
                plain = plain && is_name(text(i));
            }
        }
    }

    static bool is_name(std::string_view word) {
        const auto first = static_cast<unsigned char>(word.front());
        return word == "." || word == "*" || first == '"' || first == '_' || first >= 0x80 || std::isalpha(first) != 0;
    }

    const std::string& sql_;
    std::vector<Token> tokens_;
    std::vector<std::size_t> partner_;
    std::map<std::size_t, std::string> added_;    // by place
    std::map<std::size_t, std::size_t> removed_;  // from, to
};

bool parses(const std::string& sql) {
    try {
        SyntaxTree::parse(sql);
        return true;
    } catch (const SyntaxError&) {
        return false;
    }
}

std::string respelled(const std::string& statement) {
    Spelling spelling(statement);
    spelling.keep_array_casts();
    spelling.keep_nested_conditions();
    const auto expressions = spelling.result();
    spelling.keep_nameless_columns();
    auto all = spelling.result();
    return parses(all) ? all : expressions;
}

}  // namespace

std::string in_same_words(const std::string& statement) {
    const bool concerned = std::ranges::any_of(std::array{"(ARRAY[", " AND ", " OR ", "SELECT"}, [&](const char* word) {
        return statement.find(word) != std::string::npos;
    });
    if (!concerned) return statement;
    try {
        return respelled(statement);
    } catch (const Error& error) {
        spdlog::debug("left as the server says it: {}", error.message());  // a token that is not known here
    }
    return statement;
}

}  // namespace pgwraith::plan
