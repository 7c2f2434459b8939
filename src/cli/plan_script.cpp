// `pgwraith plan --connection … --sql FILE`: a script of several tables, as an ORM prints it.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "commands.h"
#include "pgwraith/control/display.h"
#include "pgwraith/migration/migration.h"
#include "terminal.h"
#include "wait.h"

namespace pgwraith::cli {

namespace {

std::string read_script(const std::filesystem::path& file) {
    std::string text;
    if (file == "-") {
        text.assign(std::istreambuf_iterator<char>(std::cin), {});
        return text;
    }
    std::ifstream in(file, std::ios::binary);
    if (!in)
        throw Error(ErrorKind::usage, fmt::format("{} cannot be read", file.string()),
                    "Give a file, or - for standard input.");
    text.assign(std::istreambuf_iterator<char>(in), {});
    return text;
}

std::string indented(const std::string& text) {
    std::string out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) out += "  " + line + "\n";
    return out;
}

// In YAML a dollar sign with a brace would be read from the environment.
std::string literal(std::string text) {
    for (auto at = text.find("${"); at != std::string::npos; at = text.find("${", at + 3)) text.insert(at, "$");
    return text;
}

std::string yaml_text(const config::Settings& settings) {
    const bool secret = config::redact_password(settings.connection) != settings.connection;
    const nlohmann::json connection = secret ? std::string("${PGWRAITH_CONNECTION}") : literal(settings.connection);
    const nlohmann::json table = literal(settings.table.sql());
    const nlohmann::json state = literal("./state-" + settings.table.schema + "." + settings.table.name);
    std::string text;
    if (secret) text += "# The connection string has a password: it is read from the environment.\n";
    text += fmt::format("connection: {}\ntable: {}\nsql: |\n{}state_dir: {}\n", connection.dump(), table.dump(),
                        indented(literal(settings.sql)), state.dump());
    return text;
}

// Never over a file that is there: somebody may have gone on writing in it.
void write_file(const std::filesystem::path& directory, const config::Settings& settings) {
    std::filesystem::create_directories(directory);
    std::string name = settings.table.schema + "." + settings.table.name + ".yaml";
    for (char& c : name) {
        if (c == '/') c = '_';
    }
    const auto file = directory / name;
    if (std::filesystem::exists(file)) {
        throw Error(ErrorKind::usage, fmt::format("{} is there already", file.string()),
                    "Remove it, or give another directory.");
    }
    std::ofstream out(file, std::ios::binary);
    out << yaml_text(settings);
    out.close();
    if (!out)
        throw Error(ErrorKind::usage, fmt::format("{} cannot be written", file.string()),
                    "Is there room, and the right?");
    std::fprintf(stderr, "wrote %s\n", file.c_str());
}

nlohmann::json as_json(const migration::ScriptPlan& made) {
    auto tables = nlohmann::json::array();
    auto left = nlohmann::json::array();
    for (const auto& table : made.tables) tables.push_back(control::plan_json(table.plan));
    for (const auto& one : made.left) left.push_back({{"line", one.line}, {"sql", one.text}, {"why", one.why}});
    return {{"tables", std::move(tables)}, {"left", std::move(left)}};
}

std::string as_text(const migration::ScriptPlan& made, bool verbose) {
    std::string text;
    for (const auto& table : made.tables) text += control::plan_text(table.plan, verbose) + "\n";
    if (made.tables.empty() && made.left.empty()) text += "There is no statement in the script.\n";
    if (!made.left.empty()) text += "Left to you, no part of a migration:\n";
    for (const auto& one : made.left) {
        text += fmt::format("  - line {}: {}\n{}", one.line, one.why, indented(indented(one.text)));
    }
    return text;
}

}  // namespace

int plan_script(const Options& options) {
    start_logging(options.log_level, log_format_of(options));
    config::Settings settings;
    settings.connection = options.connection;
    settings.state_dir = std::filesystem::absolute("state");
    const auto made = wait_for(migration::make_script_plan(settings, read_script(options.script)));
    const std::string text = options.json ? control::json_text(as_json(made)) : as_text(made, options.verbose);
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
    bool refused = false;
    for (const auto& table : made.tables) refused = refused || !table.plan.refusals.empty();
    if (!options.write.empty()) {
        for (const auto& table : made.tables) write_file(options.write, table.settings);
    }
    return refused ? exit_status(ErrorKind::refused) : 0;
}

}  // namespace pgwraith::cli
