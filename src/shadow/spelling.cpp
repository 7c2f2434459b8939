#include "spelling.h"

#include <map>
#include <vector>

#include "pgwraith/catalog/qualified.h"

namespace pgwraith::shadow {

namespace {

// Where each parenthesis or bracket outside of quotes has its counterpart, both ways.
std::map<std::size_t, std::size_t> counterparts(const std::string& text) {
    std::map<std::size_t, std::size_t> found;
    std::vector<std::size_t> open;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '(' || c == '[') {
            open.push_back(i);
        } else if ((c == ')' || c == ']') && !open.empty()) {
            found[i] = open.back();
            found[open.back()] = i;
            open.pop_back();
        }
    }
    return found;
}

// 'a'::character varying, 'b''c'::character varying
bool only_varchars(const std::string& elements) {
    constexpr std::string_view type = "::character varying";
    std::size_t at = 0;
    while (at < elements.size()) {
        if (elements[at] != '\'') return false;
        for (++at; at < elements.size(); ++at) {
            if (elements[at] != '\'') continue;
            if (at + 1 >= elements.size() || elements[at + 1] != '\'') break;
            ++at;
        }
        if (elements.compare(at + 1, type.size(), type) != 0) return false;
        at += 1 + type.size();
        if (at == elements.size()) return true;
        if (elements.compare(at, 2, ", ") != 0) return false;
        at += 2;
    }
    return false;
}

bool ends_with_at(const std::string& text, std::size_t end, std::string_view what) {
    return end >= what.size() && text.compare(end - what.size(), what.size(), what) == 0;
}

}  // namespace

std::string without_implied_casts(const std::string& definition) {
    constexpr std::string_view array = "((ARRAY[";
    constexpr std::string_view cast = "::text[])";
    const auto other = counterparts(definition);
    std::string result;
    std::size_t done = 0;
    for (auto at = definition.find(array); at != std::string::npos; at = definition.find(array, at + 1)) {
        const std::size_t bracket = at + array.size() - 1;
        const auto inner = other.find(at + 1);
        const auto end = other.find(bracket);
        if (inner == other.end() || end == other.end() || inner->second != end->second + 1) continue;
        if (definition.compare(inner->second + 1, cast.size(), cast) != 0) continue;
        if (!only_varchars(definition.substr(bracket + 1, end->second - bracket - 1))) continue;
        std::size_t operand = at;  // the end of what is compared
        for (const std::string_view word : {" = ANY ", " <> ALL "}) {
            if (ends_with_at(definition, at, word)) operand = at - word.size();
        }
        if (operand == at || !ends_with_at(definition, operand, ")::text")) continue;
        operand -= std::string_view("::text").size();
        result += definition.substr(done, operand - done);
        const std::size_t after = operand + std::string_view("::text").size();
        result += definition.substr(after, at - after);
        result += definition.substr(at + 1, inner->second - at);  // (ARRAY[…])
        done = inner->second + 1 + cast.size();
    }
    return result + definition.substr(done);
}

Task<std::string> in_same_words(postgres::Connection& connection, std::string sql, std::string read_back,
                                std::string words) {
    const std::string other = without_implied_casts(sql);
    if (other == sql) co_return sql;
    co_await connection.script("SAVEPOINT pgwraith_words");
    bool same = false;
    const auto failure = co_await postgres::try_script(connection, other);
    if (!failure) {
        const auto said = co_await catalog::query_qualified(connection, read_back);
        same = !said.empty() && said.str(0, 0) == words;
    }
    co_await connection.script("ROLLBACK TO SAVEPOINT pgwraith_words");
    if (same) co_return other;
    co_return sql;
}

}  // namespace pgwraith::shadow
