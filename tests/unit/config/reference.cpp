#include "reference.h"

#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "field.h"

namespace pgwraith::config {
namespace {

using Lines = std::vector<std::string>;

constexpr std::size_t width = 118;
constexpr const char* first_section_of_fine_tuning = "copy";

constexpr const char* example_head =
    R"(# One migration of one table: every setting with its default. Only `table` must be there; everything below the line
# "fine tuning" is rarely needed. docs/configuration.md is the same to read.
#
# ${NAME} and ${NAME:-default} in a value come from the environment ($${ is a literal ${).
# Durations carry a unit: ms, s, m, h, d. Sizes too: B, KiB, MiB, GiB, TiB (or kB, MB, GB, TB).
)";

constexpr const char* page_head =
    R"(# Configuration

Every setting of a migration's YAML file, with its range and its default. Only `table` must be there.
[config/example.yaml](../config/example.yaml) is the same as a file to start from.

- A dotted name is a path: `copy.workers` is written as `copy: { workers: 4 }`.
- `${NAME}` and `${NAME:-default}` in a value come from the environment; `$${` is a literal `${`.
- Durations carry a unit: `ms`, `s`, `m`, `h`, `d`. Sizes too: `B`, `KiB`, `MiB`, `GiB`, `TiB` (or `kB`, `MB`, `GB`,
  `TB`).
- A key that is not known, a value of another type, or a missing unit is an error (exit status 2) that names file, line,
  key and what was expected.
- "Nothing" is an empty text; a setting for which no default is named has none.
- Settings that may change while a migration runs are changed by `pgwraith set FILE KEY=VALUE`, or in the file and then
  SIGHUP to the process. The others are read when a process starts.

This page and the example are written from the program's own table of settings.
)";

Lines split(const std::string& text, char separator) {
    Lines parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
    return parts;
}

Lines wrapped(const std::string& text, std::size_t room) {
    Lines lines;
    for (const std::string& word : split(text, ' ')) {
        if (!lines.empty() && lines.back().size() + 1 + word.size() <= room) {
            lines.back() += ' ' + word;
        } else {
            lines.push_back(word);
        }
    }
    return lines;
}

struct Paragraph {
    bool example = false;
    std::string text;
};

std::vector<Paragraph> paragraphs(const std::string& about) {
    std::vector<Paragraph> result;
    for (std::size_t begin = 0; begin < about.size();) {
        const std::size_t end = std::min(about.find("\n\n", begin), about.size());
        result.push_back({about[begin] == ' ', about.substr(begin, end - begin)});
        begin = end + 2;
    }
    return result;
}

std::string default_in_words(const Field& field) {
    Settings settings = defaults();
    const std::string words = field.in_words ? field.in_words(settings) : "";
    return words == "empty" ? "" : words;
}

std::string yaml_value(const Field& field) {
    if (!field.example.empty()) return field.example;
    if (field.shape == Shape::list) return "[]";
    if (field.shape != Shape::scalar && field.shape != Shape::command) return "{}";
    const std::string words = default_in_words(field);
    return words.empty() ? "\"\"" : words;
}

std::string facts(const Field& field, const char* quote) {
    const std::string words = default_in_words(field);
    return fmt::format("Takes {}.{}{}", field.expected,
                       words.empty() ? "" : fmt::format(" Default: {}{}{}.", quote, words, quote),
                       field.changes == Changes::running ? " May change while it runs." : "");
}

void add_comment(std::string& file, const std::string& indent, const Field& field) {
    auto parts = paragraphs(field.about);
    parts.push_back({false, facts(field, "")});
    for (const Paragraph& part : parts) {
        const auto lines = part.example ? split(part.text, '\n') : wrapped(part.text, width - indent.size());
        for (const std::string& line : lines) {
            file += fmt::format("{}#{}{}\n", indent, part.example ? "" : " ", part.example ? line.substr(1) : line);
        }
    }
}

void add_setting(std::string& file, const std::string& indent, const std::string& name, const Field& field) {
    add_comment(file, indent, field);
    const Lines value = split(yaml_value(field), '\n');
    file += fmt::format("{}{}:{}{}\n", indent, name, value.front().empty() ? "" : " ", value.front());
    for (std::size_t i = 1; i < value.size(); ++i) file += indent + value[i] + '\n';
}

// <oid> is no HTML.
std::string markdown(const std::string& text) {
    std::string result;
    bool in_code = false;
    for (const char letter : text) {
        in_code = in_code != (letter == '`');
        if (letter == '<' && !in_code) result += '\\';
        result += letter;
    }
    return result;
}

std::string section_of(const Field& field) {
    const auto dot = field.key.find('.');
    return dot == std::string::npos ? "" : field.key.substr(0, dot);
}

std::string overview() {
    std::string table = "\n| setting | default | while it runs |\n| --- | --- | --- |\n";
    for (const Field& field : fields()) {
        std::string anchor = field.key;
        std::erase(anchor, '.');
        const std::string words = default_in_words(field);
        table += fmt::format("| [`{}`](#{}) | {} | {} |\n", field.key, anchor, words.empty() ? "" : '`' + words + '`',
                             field.changes == Changes::running ? "may change" : "");
    }
    return table;
}

// The example of a paragraph, with the sections around it.
std::string fenced(const Field& field, const std::string& example) {
    constexpr std::size_t written_indent = 4;
    std::string text = "\n```yaml\n";
    Lines sections = split(field.key, '.');
    sections.pop_back();
    for (std::size_t depth = 0; depth < sections.size(); ++depth) {
        text += fmt::format("{:{}}{}:\n", "", 2 * depth, sections[depth]);
    }
    for (const std::string& line : split(example, '\n')) {
        text += std::string(2 * sections.size(), ' ') + line.substr(written_indent) + '\n';
    }
    return text + "```\n";
}

}  // namespace

std::string example_file_text() {
    std::string file = example_head;
    Lines open;  // the sections that the line before was in
    for (const Field& field : fields()) {
        Lines path = split(field.key, '.');
        const std::string name = path.back();
        path.pop_back();
        if (path.empty() || open.empty() || path.front() != open.front()) file += '\n';
        if (!path.empty() && path.front() == first_section_of_fine_tuning && open != path) {
            file += "# ---- fine tuning ----\n\n";
        }
        bool same = true;
        for (std::size_t depth = 0; depth < path.size(); ++depth) {
            same = same && depth < open.size() && open[depth] == path[depth];
            if (!same) file += fmt::format("{:{}}{}:\n", "", 2 * depth, path[depth]);
        }
        add_setting(file, std::string(2 * path.size(), ' '), name, field);
        open = path;
    }
    return file;
}

std::string reference_page_text() {
    std::string page = page_head + overview();
    std::string section = "none yet";
    for (const Field& field : fields()) {
        if (section_of(field) != section) {
            section = section_of(field);
            page += fmt::format("\n## {}\n", section.empty() ? "The migration" : section);
        }
        page += fmt::format("\n### `{}`\n\n", field.key);
        page += fmt::format("{}\n", fmt::join(wrapped(facts(field, "`"), width), "\n"));
        for (const Paragraph& part : paragraphs(field.about)) {
            page += part.example ? fenced(field, part.text)
                                 : fmt::format("\n{}\n", fmt::join(wrapped(markdown(part.text), width), "\n"));
        }
    }
    return page;
}

}  // namespace pgwraith::config
