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
    bool json = false;
    bool verbose = false;          // plan
    std::string connection;        // plan --sql
    std::filesystem::path script;  // plan --sql: "-" for standard input
    std::filesystem::path write;   // plan --sql: the directory for a file per table
    std::string log_level = "info";
    bool no_wait = false;                  // cutover
    std::string at;                        // cutover
    std::vector<std::string> assignments;  // set: KEY=VALUE
};

int plan(const config::Settings& settings, const Options& options);
int plan_script(const Options& options);
// For `rehearse --json` that came to no rehearsal.
void print_failed_rehearsal(const config::Settings& settings, const Error& error);
// For `plan --json` that came to no plan; `object`: what the error is about.
void print_failed_plan(const std::string& object, const Error& error);
int run(const config::Settings& settings, const Options& options);
int rehearse(const config::Settings& settings, const Options& options);
int status(const config::Settings& settings, const Options& options);
int pause(const config::Settings& settings);
int resume(const config::Settings& settings);
int set(const config::Settings& settings, const Options& options);
int verify(const config::Settings& settings);
int cutover(const config::Settings& settings, const Options& options);
int postpone(const config::Settings& settings);
int contract(const config::Settings& settings, const Options& options);
int abort(const config::Settings& settings);

}  // namespace pgwraith::cli
