// One row per setting: its key, whether it may change while a migration runs, and how its text becomes a value.
// The file's reader and `pgwraith set` go by the same rows.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pgwraith/config/settings.h"

namespace pgwraith::config {

enum class Shape {
    scalar,
    map,   // names of the user's choice, each with a text
    list,  // of names; `pgwraith set` takes them with commas between them
    tree,  // mappings in mappings, with names of the user's choice among the keys
};

enum class Changes {
    at_start,  // read once, when the migration begins or goes on
    running,   // `pgwraith set` may change it
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
};

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

bool is_blank(const std::string& text);

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
    return {std::move(key), changes, either(names), std::move(set)};
}

// Every setting there is, in the order of config/example.yaml.
const std::vector<Field>& fields();

// Settings that are each fine but do not go together: the keys concerned, and what is wrong.
struct Contradiction {
    std::vector<std::string> keys;
    std::string what;
};
std::vector<Contradiction> contradictions(const Settings& settings);
// Of the columns of `expand`.
std::vector<Contradiction> expand_contradictions(const Settings& settings);

}  // namespace pgwraith::config
