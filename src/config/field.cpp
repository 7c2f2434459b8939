#include "field.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pgwraith/base/error.h"
#include "problems.h"

namespace pgwraith::config {
namespace {

template <typename Number>
std::optional<Number> number_of(const std::string& text) {
    Number value{};
    const char* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, value);
    return failure == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

bool digits_only(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

Complaint not_a(const char* kind, const std::string& text) {
    return text.empty() ? "is empty" : fmt::format("{} is not {}", shown(text), kind);
}

// For a value that is written as a number and a unit.
Complaint not_with_unit(const char* kind, const std::string& text) {
    return digits_only(text) ? fmt::format("{} has no unit", shown(text)) : not_a(kind, text);
}

// A setting whose text is parsed to a value that must lie between two others. The range is asked for in a way that
// a NaN does not pass.
template <typename Value, typename Parse, typename Complain>
Field ranged(std::string key, Changes changes, Place<Value> place, Value min, Value max, std::string expected,
             Parse parse, Complain complain) {
    auto set = [=](Settings& settings, const std::string&, const std::string& text) -> Complaint {
        const std::optional<Value> value = parse(text);
        if (!value) {
            return complain(text);
        }
        if (!(*value >= min && *value <= max)) {
            return fmt::format("{} is out of range", text);
        }
        place(settings) = *value;
        return {};
    };
    return bound(Field{std::move(key), changes, std::move(expected), std::move(set)}, place);
}

std::string without_blanks(const std::string& text) { return std::string(trimmed(text, blanks_and_breaks)); }

// As the file takes it: without the blank.
std::string written_size(std::uint64_t bytes) {
    std::string text = format_size(bytes);
    std::erase(text, ' ');
    return text;
}

}  // namespace

std::string in_words(int value) { return std::to_string(value); }
std::string in_words(double value) { return fmt::format("{:g}", value); }
std::string in_words(milliseconds value) { return format_duration(value); }
std::string in_words(std::uint64_t value) { return written_size(value); }
std::string in_words(const std::string& value) { return value.empty() ? "empty" : value; }
std::string in_words(const std::filesystem::path& value) { return in_words(value.string()); }
std::string in_words(const Key& value) { return in_words(value.text()); }
std::string in_words(const std::vector<std::string>& value) {
    return value.empty() ? "empty" : fmt::format("{}", fmt::join(value, ", "));
}

Field whole(std::string key, Changes changes, Place<int> place, int min, int max) {
    auto expected = fmt::format("a whole number from {} to {}", min, max);
    return ranged<int>(
        std::move(key), changes, std::move(place), min, max, std::move(expected),
        [](const std::string& text) -> std::optional<int> {
            // What is too large for an int is a number all the same, and out of range.
            const auto value = number_of<std::int64_t>(text);
            constexpr std::int64_t limit = std::numeric_limits<int>::max();
            return value ? std::optional(static_cast<int>(std::clamp(*value, -limit, limit))) : std::nullopt;
        },
        [](const std::string& text) { return not_a("a whole number", text); });
}

Field fraction(std::string key, Changes changes, Place<double> place, double min, double max) {
    return ranged<double>(
        std::move(key), changes, std::move(place), min, max, fmt::format("a number from {} to {}", min, max),
        [](const std::string& text) { return number_of<double>(text); },
        [](const std::string& text) { return not_a("a number", text); });
}

Field duration(std::string key, Changes changes, Place<milliseconds> place, milliseconds min, milliseconds max) {
    auto expected = fmt::format("a duration with its unit, from {} to {}", format_duration(min), format_duration(max));
    return ranged<milliseconds>(
        std::move(key), changes, std::move(place), min, max, std::move(expected),
        [](const std::string& text) { return parse_duration(text); },
        [](const std::string& text) { return not_with_unit("a duration", text); });
}

Field size(std::string key, Changes changes, Place<std::uint64_t> place, std::uint64_t min, std::uint64_t max) {
    auto expected = fmt::format("a size with its unit, from {} to {}", written_size(min), written_size(max));
    return ranged<std::uint64_t>(
        std::move(key), changes, std::move(place), min, max, std::move(expected),
        [](const std::string& text) { return parse_size(text); },
        [](const std::string& text) { return not_with_unit("a size", text); });
}

Field text(std::string key, Changes changes, Place<std::string> place, std::string expected) {
    auto set = [place](Settings& settings, const std::string&, const std::string& text) {
        place(settings) = text;
        return Complaint{};
    };
    return bound(Field{std::move(key), changes, std::move(expected), std::move(set)}, place);
}

Field directory(std::string key, Changes changes, Place<std::filesystem::path> place) {
    auto set = [place](Settings& settings, const std::string&, const std::string& text) {
        if (text.empty()) {
            return Complaint("is empty");
        }
        place(settings) = text;
        return Complaint{};
    };
    return bound(Field{std::move(key), changes, "a directory", std::move(set)}, place);
}

namespace {

// With or without a schema, which is empty then.
Complaint read_name(const std::string& text, QualifiedName& name) {
    if (text.empty()) {
        return "is empty";
    }
    try {
        name = QualifiedName::parse("unsaid." + text);
        name.schema.clear();
        return {};
    } catch (const Error&) {
        // It has a schema, or is wrong.
    }
    try {
        name = QualifiedName::parse(text);
        return {};
    } catch (const Error& error) {
        return error.message();
    }
}

}  // namespace

Field table_name(std::string key, Changes changes, Place<QualifiedName> place) {
    // Of a name alone the search_path tells the schema, when the server is asked.
    auto set = [place](Settings& settings, const std::string&, const std::string& text) {
        return read_name(text, place(settings));
    };
    return bound(Field{std::move(key), changes, "schema.table as in SQL, quoted where it needs", std::move(set)},
                 place);
}

// An index that is called auto is written in quotes.
Field key(std::string key, Changes changes, Place<Key> place) {
    auto set = [place](Settings& settings, const std::string&, const std::string& text) -> Complaint {
        const auto written = without_blanks(text);
        Key wanted;
        wanted.automatic = written == "auto";
        if (!written.empty() && !wanted.automatic) {
            Complaint complaint = read_name(written, wanted.index);
            if (const auto table = complaint.find("a table name"); table != std::string::npos) {
                complaint.replace(table, 12, "an index's name");
            }
            if (!complaint.empty()) return complaint;
        }
        place(settings) = std::move(wanted);
        return {};
    };
    return bound(Field{std::move(key), changes, "an index of the table as in SQL, auto, or nothing", std::move(set)},
                 place);
}

std::string Key::text() const {
    if (automatic) return "auto";
    if (index.name.empty()) return {};
    return index.schema.empty() ? quote_identifier(index.name) : index.sql();
}

Field text_map(std::string key, Changes changes, Place<Texts> place, std::string expected,
               std::function<Complaint(const std::string& name)> check_name) {
    auto set = [place, check_name = std::move(check_name)](Settings& settings, const std::string& name,
                                                           const std::string& text) -> Complaint {
        if (Complaint complaint = check_name(name); !complaint.empty()) {
            return complaint;
        }
        if (is_blank(text)) {
            return "is empty";
        }
        place(settings)[name] = text;
        return {};
    };
    return bound(Field{std::move(key), changes, std::move(expected), std::move(set), Shape::map}, place);
}

namespace {

Field list(std::string key, Changes changes, Place<std::vector<std::string>> place, std::string expected,
           char separator, const char* empty) {
    auto set = [place, separator, empty](Settings& settings, const std::string& name,
                                         const std::string& text) -> Complaint {
        std::vector<std::string> elements;
        if (!name.empty()) {
            elements = place(settings);
            elements.push_back(text);
        } else {
            for (std::size_t begin = 0; begin <= text.size() && !is_blank(text);) {
                const std::size_t end = std::min(text.find(separator, begin), text.size());
                elements.push_back(without_blanks(text.substr(begin, end - begin)));
                begin = end + 1;
            }
        }
        for (const auto& one : elements) {
            if (is_blank(one)) return empty;
        }
        place(settings) = std::move(elements);
        return {};
    };
    return bound(Field{std::move(key), changes, std::move(expected), std::move(set), Shape::list}, place);
}

}  // namespace

Field name_list(std::string key, Changes changes, Place<std::vector<std::string>> place, std::string expected) {
    return list(std::move(key), changes, std::move(place), std::move(expected), ',', "has an empty name");
}

Field conninfo_list(std::string key, Changes changes, Place<std::vector<std::string>> place) {
    auto field = list(std::move(key), changes, place, "a list of libpq connection strings", ';',
                      "has an empty connection string");
    field.in_words = [place](Settings& settings) {
        std::vector<std::string> shown;
        for (const auto& conninfo : place(settings)) shown.push_back(redact_password(conninfo));
        return in_words(shown);
    };
    return field;
}

Complaint unknown_choice(const std::string& text) {
    return text.empty() ? "is empty" : fmt::format("{} is not known", shown(text));
}

std::string either(const std::vector<std::string>& names) {
    std::string result;
    for (std::size_t i = 0; i < names.size(); ++i) {
        result += i == 0 ? "" : i + 1 == names.size() ? " or " : ", ";
        result += names[i];
    }
    return result;
}

}  // namespace pgwraith::config
