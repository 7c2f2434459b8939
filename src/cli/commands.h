// One function per subcommand. Each returns the exit status, or throws Error.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pgwraith/base/error.h"
#include "pgwraith/config/settings.h"

namespace pgwraith::cli {

// What the command line said.
struct Options {
    std::filesystem::path file;
    std::string url;                   // instead of the file: where the process listens
    std::filesystem::path token_file;  // with --url
    std::filesystem::path authority;   // with --url: --ca
    bool json = false;
    bool verbose = false;          // plan
    std::string connection;        // plan --sql
    std::filesystem::path script;  // plan --sql: "-" for standard input
    std::filesystem::path write;   // plan --sql: the directory for a file per table
    std::string log_level = "info";
    std::string log_format;                // empty: as the file has it
    bool watch = false;                    // status
    std::string interval = "1s";           // status --watch
    bool no_wait = false;                  // cutover
    std::string at;                        // cutover
    std::vector<std::string> assignments;  // set: KEY=VALUE
};

class Target;

int plan(const config::Settings& settings, const Options& options);
int plan_script(const Options& options);
// For `rehearse --json` that came to no rehearsal.
void print_failed_rehearsal(const config::Settings& settings, const Error& error);
// For `plan --json` that came to no plan; `object`: what the error is about.
void print_failed_plan(const std::string& object, const Error& error);
int run(const config::Settings& settings, const Options& options);
int rehearse(const config::Settings& settings, const Options& options);
int status(const Target& target, const Options& options);
// For a command that needs a process: in what state the migration is, and what helps.
Error not_running(const config::Settings& settings);
int pause(const Target& target);
int resume(const Target& target);
int set(const Target& target, const Options& options);
int verify(const Target& target);
int cutover(const Target& target, const Options& options);
int postpone(const Target& target);
int contract(const config::Settings& settings, const Options& options);
int abort(const Target& target);

}  // namespace pgwraith::cli
