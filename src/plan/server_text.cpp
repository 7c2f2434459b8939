#include "pgwraith/plan/server_text.h"

#include <algorithm>

#include "pgwraith/base/error.h"

namespace pgwraith::plan {

namespace {

constexpr auto npos = std::string_view::npos;

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0;
}

// Behind the quote that ends what began before `from`; a doubled one does not end it.
std::size_t behind_quote(std::string_view text, std::size_t from, char quote, bool escapes) {
    for (auto i = from; i < text.size(); ++i) {
        if (escapes && text[i] == '\\') {
            ++i;
        } else if (text[i] == quote) {
            if (i + 1 >= text.size() || text[i + 1] != quote) return i + 1;
            ++i;
        }
    }
    return text.size();
}

// E'…', where a backslash escapes.
bool has_escapes(std::string_view text, std::size_t quote) {
    const bool marked = quote > 0 && (text[quote - 1] == 'E' || text[quote - 1] == 'e');
    return marked && (quote < 2 || !is_word(text[quote - 2]));
}

// $tag$…$tag$; `at` itself when it is no such thing.
std::size_t behind_dollars(std::string_view text, std::size_t at) {
    if (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '$')) return at;
    auto end = at + 1;
    while (end < text.size() && is_word(text[end])) ++end;
    if (end >= text.size() || text[end] != '$') return at;
    const auto mark = text.substr(at, end + 1 - at);
    const auto closing = text.find(mark, end + 1);
    return closing == npos ? text.size() : closing + mark.size();
}

// Behind the quoted thing that begins at `at`; `at` itself when none does.
std::size_t behind_quoted(std::string_view text, std::size_t at) {
    if (text[at] == '"') return behind_quote(text, at + 1, '"', false);
    if (text[at] == '\'') return behind_quote(text, at + 1, '\'', has_escapes(text, at));
    if (text[at] == '$') return behind_dollars(text, at);
    return at;
}

[[noreturn]] void throw_unexpected(const char* what, std::string_view text) {
    throw Error(ErrorKind::internal, std::string("the server's text is not ") + what + ": " + std::string(text));
}

// The place behind `word`.
std::size_t behind(std::string_view text, std::string_view word, const char* what) {
    const auto at = find_unquoted(text, word);
    if (at == npos) throw_unexpected(what, text);
    return at + word.size();
}

std::string with_name(const std::string& text, std::size_t begin, const std::string& name) {
    return text.substr(0, begin) + name + text.substr(end_of_name(text, begin));
}

}  // namespace

std::size_t find_unquoted(std::string_view text, std::string_view word, std::size_t from) {
    for (auto at = from; at < text.size();) {
        if (text.substr(at, word.size()) == word) return at;
        const auto behind = behind_quoted(text, at);
        at = std::max(behind, at + 1);
    }
    return npos;
}

std::size_t find_last_unquoted(std::string_view text, std::string_view word) {
    auto last = npos;
    for (auto at = find_unquoted(text, word); at != npos; at = find_unquoted(text, word, at + 1)) last = at;
    return last;
}

std::size_t end_of_name(std::string_view text, std::size_t from) {
    auto at = from;
    while (at < text.size() && text[at] != ' ' && text[at] != '\n' && text[at] != '(') {
        at = text[at] == '"' ? behind_quoted(text, at) : at + 1;
    }
    return at;
}

std::string on_table(const std::string& definition, const std::string& table) {
    constexpr const char* what = "an index or a trigger of a table";
    const auto begin = behind(definition, " ON ", what);
    constexpr std::string_view only = "ONLY ";
    const auto name = definition.compare(begin, only.size(), only) == 0 ? begin + only.size() : begin;
    const auto end = end_of_name(definition, name);
    if (end == name || end >= definition.size()) throw_unexpected(what, definition);
    return definition.substr(0, begin) + table + definition.substr(end);
}

std::string rule_on_table(const std::string& definition, const std::string& table) {
    constexpr const char* what = "a rule";
    const auto begin = behind(definition, " TO ", what);
    if (end_of_name(definition, begin) >= definition.size()) throw_unexpected(what, definition);
    return with_name(definition, begin, table);
}

std::string statistics_on_table(const std::string& definition, const std::string& name, const std::string& table) {
    constexpr std::string_view create = "CREATE STATISTICS ";
    constexpr std::string_view from = " FROM ";
    // An expression may have a FROM of its own.
    const auto end = find_last_unquoted(definition, from);
    if (!definition.starts_with(create) || end == npos) throw_unexpected("extended statistics", definition);
    return with_name(definition.substr(0, end), create.size(), name) + std::string(from) + table;
}

std::string routine_with_name(const std::string& definition, const QualifiedName& name) {
    for (const std::string_view create : {"CREATE OR REPLACE FUNCTION ", "CREATE OR REPLACE PROCEDURE "}) {
        if (definition.starts_with(create)) return with_name(definition, create.size(), name.sql());
    }
    throw_unexpected("a function or a procedure", definition);
}

std::string relation_of(std::string_view statement) {
    for (const std::string_view begin : {"ALTER TABLE ONLY ", "ALTER TABLE ", "REFRESH MATERIALIZED VIEW "}) {
        if (!statement.starts_with(begin)) continue;
        return std::string(statement.substr(begin.size(), end_of_name(statement, begin.size()) - begin.size()));
    }
    return {};
}

std::string without_semicolon(std::string statement) {
    while (!statement.empty() && (statement.back() == ';' || statement.back() == '\n' || statement.back() == ' ')) {
        statement.pop_back();
    }
    return statement;
}

}  // namespace pgwraith::plan
