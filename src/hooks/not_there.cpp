// Looked for when a migration begins: a hook that is missing on the night of the swap is found out too late.
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include <fmt/format.h>

#include "environment.h"
#include "pgwraith/hooks/hooks.h"

namespace pgwraith::hooks {

namespace {

namespace fs = std::filesystem;

bool can_be_executed(const fs::path& path) {
    std::error_code ignored;
    return ::access(path.c_str(), X_OK) == 0 && !fs::is_directory(path, ignored);
}

bool is_in_path(const std::string& program) {
    const char* path = std::getenv("PATH");
    std::istringstream directories(path != nullptr ? path : "/bin:/usr/bin");
    for (std::string directory; std::getline(directories, directory, ':');) {
        if (can_be_executed(fs::path(directory.empty() ? "." : directory) / program)) return true;
    }
    return false;
}

std::string complaint_of(const std::string& program, const fs::path& directory) {
    if (program.find('/') == std::string::npos) {
        return is_in_path(program) ? "" : fmt::format("there is no program {} in PATH", program);
    }
    const fs::path path = directory / program;
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return fmt::format("there is no file {}", path.string());
    return can_be_executed(path) ? "" : fmt::format("{} cannot be executed", path.string());
}

}  // namespace

std::vector<std::string> not_there(const config::Settings& settings) {
    std::vector<std::string> complaints;
    for (const Moment moment : config::all_moments) {
        const auto& command = settings.hooks.at(moment);
        if (command.empty()) continue;
        const auto program = program_of(command);
        const auto complaint = program.empty() ? "" : complaint_of(program, settings.file.parent_path());
        if (!complaint.empty())
            complaints.push_back(fmt::format("hooks.{}: {}", config::moment_name(moment), complaint));
    }
    return complaints;
}

}  // namespace pgwraith::hooks
