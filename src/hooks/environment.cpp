#include "environment.h"

#include <algorithm>

namespace pgwraith::hooks {

namespace {

// exec() takes 128 KiB for one variable; a reason that long says nothing more.
constexpr std::size_t longest_fact = 4'096;

std::string name_in(const std::string& variable) { return variable.substr(0, variable.find('=')); }

std::string as_value(std::string text) {
    if (text.size() > longest_fact) text = text.substr(0, longest_fact) + " …";
    std::erase(text, '\0');
    return text;
}

}  // namespace

std::vector<std::string> environment_of(const std::vector<std::string>& inherited, const Facts& facts) {
    std::vector<std::string> result;
    for (const auto& variable : inherited) {
        const auto name = name_in(variable);
        const bool replaced = name.starts_with("PGWRAITH_") && facts.contains(name.substr(9));
        if (!replaced) result.push_back(variable);
    }
    for (const auto& [name, value] : facts) result.push_back("PGWRAITH_" + name + "=" + as_value(value));
    return result;
}

std::vector<std::string> arguments_of(const config::Command& command) {
    if (!command.words.empty()) return command.words;
    return {"/bin/sh", "-c", command.script};
}

std::string program_of(const config::Command& command) {
    if (!command.words.empty()) return command.words.front();
    const auto begin = command.script.find_first_not_of(" \t\n");
    if (begin == std::string::npos) return {};
    const auto end = std::min(command.script.find_first_of(" \t\n;&|", begin), command.script.size());
    const auto word = command.script.substr(begin, end - begin);
    // What the shell makes something else of, and what it may know by itself.
    if (word.find('/') == std::string::npos || word.find_first_of("$`'\"\\*?[~(){}<>#=!") != std::string::npos)
        return {};
    return word;
}

}  // namespace pgwraith::hooks
