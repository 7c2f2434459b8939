// One row per setting: its key, whether it may change while a migration runs, how its text becomes a value, and what it
// is for. The file's reader, `pgwraith set` and the reference for users go by the same rows.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "blanks.h"
#include "pgwraith/config/settings.h"

namespace pgwraith::config {

enum class Shape {
    scalar,
    map,      // names of the user's choice, each with a text
    list,     // of names; `pgwraith set` takes them with commas between them
    tree,     // mappings in mappings, with names of the user's choice among the keys
    command,  // a text for the shell, which is not expanded here; or a list of words
};

enum class Changes {
    at_start,  // read once, when the migration begins or goes on
    running,   // `pgwraith set` and a file that is read again may change it
};

// What is wrong with a text, to be read on with " (expected …)"; empty when nothing is.
using Complaint = std::string;

struct Field {
    std::string key;  // dotted path in the file
    Changes changes = Changes::at_start;
    std::string expected;  // for errors: "a whole number from 1 to 32"
    // `name` is the entry's name in a map, one more element's number in a list, and empty for the whole. Leaves the
    // settings alone when it complains.
    std::function<Complaint(Settings&, const std::string& name, const std::string& text)> set;
    Shape shape = Shape::scalar;
    // Of a tree: `path` leads from the setting to the text.
    std::function<Complaint(Settings&, const std::vector<std::string>& path, const std::string& text)> set_inside = {};
    // Both settings are left as they are.
    std::function<bool(Settings&, Settings&)> same = {};
    std::function<void(Settings& to, Settings& from)> take = {};
    std::function<std::string(Settings&)> in_words = {};  // empty, unless it may change while a migration runs
    // For the reference: paragraphs with an empty line between them; one that begins with blanks is an example in YAML.
    // Range, default and whether it may change come from above.
    std::string about = {};
    std::string example = {};  // in the example file, instead of the default, as YAML

    Field says(std::string text) && {
        about = std::move(text);
        return std::move(*this);
    }
    Field shown_as(std::string yaml) && {
        example = std::move(yaml);
        return std::move(*this);
    }
};

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint64_t gib = 1024 * mib;

// Where a value lies in the settings.
template <typename Value>
using Place = std::function<Value&(Settings&)>;

template <typename Value>
Place<Value> at(Value Settings::*member) {
    return [member](Settings& settings) -> Value& { return settings.*member; };
}

template <typename Part, typename Value>
Place<Value> at(Part Settings::*part, Value Part::*member) {
    return [part, member](Settings& settings) -> Value& { return settings.*part.*member; };
}

// As it is written in the file, about.
std::string in_words(int value);
std::string in_words(double value);
std::string in_words(milliseconds value);
std::string in_words(std::uint64_t value);  // bytes
std::string in_words(const std::string& value);
std::string in_words(const std::filesystem::path& value);
std::string in_words(const std::vector<std::string>& value);
std::string in_words(const Hours& value);
std::string in_words(const Key& value);
std::string in_words(const LatencyLimit& value);
std::string in_words(const LagLimit& value);
std::string in_words(const Address& value);
template <typename Value>
std::string in_words(const std::optional<Value>& value) {
    return value ? in_words(*value) : "off";
}

// With what is needed to compare a setting with that of another file.
template <typename Value>
Field bound(Field field, Place<Value> place) {
    field.same = [place](Settings& one, Settings& other) { return place(one) == place(other); };
    field.take = [place](Settings& to, Settings& from) { place(to) = place(from); };
    if constexpr (requires(const Value& value) { in_words(value); }) {
        field.in_words = [place](Settings& settings) { return in_words(place(settings)); };
    }
    return field;
}

using Texts = std::map<std::string, std::string>;

Field whole(std::string key, Changes changes, Place<int> place, int min, int max);
Field fraction(std::string key, Changes changes, Place<double> place, double min, double max);
Field duration(std::string key, Changes changes, Place<milliseconds> place, milliseconds min, milliseconds max);
Field size(std::string key, Changes changes, Place<std::uint64_t> place, std::uint64_t min, std::uint64_t max);
Field text(std::string key, Changes changes, Place<std::string> place, std::string expected);
Field directory(std::string key, Changes changes, Place<std::filesystem::path> place);
Field table_name(std::string key, Changes changes, Place<QualifiedName> place);
Field key(std::string key, Changes changes, Place<Key> place);
// Names of the user's choice to texts that must not be empty; `check_name` complains about a name.
Field text_map(std::string key, Changes changes, Place<Texts> place, std::string expected,
               std::function<Complaint(const std::string& name)> check_name);

Field name_list(std::string key, Changes changes, Place<std::vector<std::string>> place, std::string expected);
// With passwords perhaps, which no message may show. `pgwraith set` takes them with semicolons between them: a
// connection string may hold commas.
Field conninfo_list(std::string key, Changes changes, Place<std::vector<std::string>> place);

// `plain`, which also takes "off".
Field switched_off_by(Field plain, std::function<void(Settings&)> switch_off);
Field latency_limit(std::string key, Changes changes, Place<LatencyLimit> place, milliseconds min, milliseconds max);
Field lag_limit(std::string key, Changes changes, Place<LagLimit> place);
Field hours(std::string key, Changes changes, Place<Hours> place);
Field file(std::string key, Changes changes, Place<std::filesystem::path> place);
Field address(std::string key, Changes changes, Place<Address> place);
// A secret: no complaint and no other message shows it.
Field token(std::string key, Changes changes, Place<std::string> place);

// Where the value of a limit lies that may be off; it is put there when it is not.
template <typename Value>
Place<Value> inside(Place<std::optional<Value>> place) {
    return [place = std::move(place)](Settings& settings) -> Value& {
        auto& value = place(settings);
        return value ? *value : value.emplace();
    };
}

template <typename Value>
Field or_off(Field plain, Place<std::optional<Value>> place) {
    return bound(switched_off_by(std::move(plain), [place](Settings& settings) { place(settings).reset(); }), place);
}

// New columns beside old ones.
Field expand_columns(std::string key, Changes changes, Place<std::vector<ExpandColumn>> place);

Complaint unknown_choice(const std::string& text);
std::string either(const std::vector<std::string>& names);

template <typename Value>
Field choice(std::string key, Changes changes, Place<Value> place, std::vector<std::pair<std::string, Value>> choices) {
    std::vector<std::string> names;
    names.reserve(choices.size());
    for (const auto& [name, value] : choices) {
        names.push_back(name);
    }
    auto set = [place, choices](Settings& settings, const std::string&, const std::string& text) -> Complaint {
        for (const auto& [name, value] : choices) {
            if (name == text) {
                place(settings) = value;
                return {};
            }
        }
        return unknown_choice(text);
    };
    Field field = bound(Field{std::move(key), changes, either(names), std::move(set)}, place);
    field.in_words = [place, choices](Settings& settings) {
        for (const auto& [name, value] : choices) {
            if (place(settings) == value) return name;
        }
        return std::string();
    };
    return field;
}

// Every setting there is, in the order of the reference; those of one section stand together.
const std::vector<Field>& fields();
std::vector<Field> throttle_fields();
std::vector<Field> hook_fields();

// Of a file that says nothing.
Settings defaults();

// Settings that are each fine but do not go together: the keys concerned, and what is wrong.
struct Contradiction {
    std::vector<std::string> keys;
    std::string what;
};
std::vector<Contradiction> contradictions(const Settings& settings);
// Of the columns of `expand`.
std::vector<Contradiction> expand_contradictions(const Settings& settings);
// Of `control`.
std::vector<Contradiction> control_contradictions(const Settings& settings);

}  // namespace pgwraith::config
