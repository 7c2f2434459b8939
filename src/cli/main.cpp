// The command line, and the one place where an error becomes an exit status.
#include <sys/stat.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "commands.h"
#include "pgwraith/base/error.h"
#include "pgwraith/control/version.h"
#include "pgwraith/postgres/background.h"

namespace pgwraith::cli {

namespace {

constexpr const char* footer =
    "Exit status: 0 done; 1 internal error (a bug); 2 wrong usage or configuration; 3 refused, nothing was changed; "
    "4 stopped with its state kept, the same command resumes (also: no process is running); 5 aborted, everything "
    "of it is gone; 6 the outcome of the cutover could not be determined.";

struct Commands {
    CLI::App* plan = nullptr;
    CLI::App* run = nullptr;
    CLI::App* rehearse = nullptr;
    CLI::App* status = nullptr;
    CLI::App* pause = nullptr;
    CLI::App* resume = nullptr;
    CLI::App* set = nullptr;
    CLI::App* verify = nullptr;
    CLI::App* cutover = nullptr;
    CLI::App* postpone = nullptr;
    CLI::App* contract = nullptr;
    CLI::App* abort = nullptr;
};

CLI::App* command(CLI::App& app, Options& options, const char* name, const char* what) {
    CLI::App* sub = app.add_subcommand(name, what);
    sub->add_option("FILE", options.file, "the migration's YAML file")->required();
    return sub;
}

void add_log_level(CLI::App* sub, Options& options) {
    sub->add_option("--log-level", options.log_level, "how much to log to stderr")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
        ->capture_default_str();
}

Commands define(CLI::App& app, Options& options) {
    app.set_version_flag("--version", std::string("pgwraith ") + control::version);
    app.require_subcommand(1);
    app.footer(footer);
    Commands all;
    all.plan =
        command(app, options, "plan", "Print steps, locks, column mapping and reasons to refuse; change nothing");
    all.plan->add_flag("--json", options.json, "print JSON");
    all.plan->add_flag("--verbose", options.verbose, "show every statement");
    all.plan->add_option("--sql", options.script, "plan a script of one or several tables instead (-: standard input)");
    all.plan->add_option("--connection", options.connection, "with --sql: a libpq connection string");
    all.plan->add_option("--write", options.write, "with --sql: write a YAML file for each table into this directory");
    all.plan->get_option("FILE")->required(false);
    all.plan->callback([&options] {
        if (options.file.empty() == options.script.empty()) throw CLI::RequiredError("FILE (or --sql, not both)");
    });
    add_log_level(all.plan, options);
    all.run = command(app, options, "run", "Migrate the table, or carry on where an earlier run stopped");
    add_log_level(all.run, options);
    all.rehearse = command(app, options, "rehearse",
                           "Do all but the last step on the real table, measure, go back, leave nothing");
    all.rehearse->add_flag("--json", options.json, "print JSON");
    add_log_level(all.rehearse, options);
    all.status = command(app, options, "status", "Phase, progress, ETA, throttle reason, lag (exit 4: nothing runs)");
    all.status->add_flag("--json", options.json, "print JSON");
    all.pause = command(app, options, "pause", "Hold the copy; changes are still received");
    all.resume = command(app, options, "resume", "Let the copy go on");
    all.set = command(app, options, "set", "Change settings of the running migration");
    all.set->add_option("KEY=VALUE", options.assignments, "for example copy.chunk_target=200ms")->required();
    all.verify = command(app, options, "verify", "Compare both tables once more while a manual cutover waits");
    all.cutover = command(app, options, "cutover",
                          "Swap as soon as it is ready (cutover.mode: manual), and wait for the outcome");
    all.cutover->add_flag("--no-wait", options.no_wait, "only ask for it");
    all.cutover->add_option("--at", options.at,
                            "not before this moment, such as 2026-11-28T02:00+01:00; does not wait");
    all.postpone = command(app, options, "postpone", "Do not swap, until `cutover` says so");
    all.contract = command(app, options, "contract", "After an expansion: drop the old columns, in one short lock");
    add_log_level(all.contract, options);
    all.abort = command(app, options, "abort", "Drop shadow table, slot, publication and state, alive or dead");
    return all;
}

int dispatch(const Commands& all, const Options& options) {
    if (all.plan->parsed() && !options.script.empty()) return plan_script(options);
    const config::Settings settings = config::load(options.file);
    if (all.plan->parsed()) return plan(settings, options);
    if (all.run->parsed()) return run(settings, options);
    if (all.rehearse->parsed()) return rehearse(settings, options);
    if (all.status->parsed()) return status(settings, options);
    if (all.pause->parsed()) return pause(settings);
    if (all.resume->parsed()) return resume(settings);
    if (all.set->parsed()) return set(settings, options);
    if (all.verify->parsed()) return verify(settings);
    if (all.cutover->parsed()) return cutover(settings, options);
    if (all.postpone->parsed()) return postpone(settings);
    if (all.contract->parsed()) return contract(settings, options);
    ensure(all.abort->parsed(), "a subcommand was chosen");
    return abort(settings);
}

// As far as it can be told from a command line that is wrong.
bool asks_for_json_plan(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    return std::ranges::find(words, "plan") != words.end() && std::ranges::find(words, "--json") != words.end();
}

// Before anything was parsed: what was meant, and the commands when that cannot be told.
int wrong_usage(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
    const bool no_command = app.get_subcommands().empty();
    if (argc == 1 || (argc == 2 && std::strcmp(argv[1], "help") == 0)) {
        std::fputs(app.help().c_str(), argc == 1 ? stderr : stdout);
        return argc == 1 ? exit_status(ErrorKind::usage) : 0;
    }
    if (no_command) {
        std::fprintf(stderr, "pgwraith: '%s' is no command\nhint: `pgwraith --help` lists the commands\n", argv[1]);
    } else {
        const std::string name = app.get_subcommands().front()->get_name();
        if (name == "plan" && asks_for_json_plan(argc, argv)) {
            print_failed_plan("command line",
                              Error(ErrorKind::usage, error.what(), "`pgwraith plan --help` shows how it is called."));
        }
        std::fprintf(stderr, "pgwraith %s: %s\nhint: `pgwraith %s --help` shows how it is called\n", name.c_str(),
                     error.what(), name.c_str());
    }
    return exit_status(ErrorKind::usage);
}

int guarded(const Commands& all, const Options& options) {
    // With --json the answer is JSON, also when something went wrong.
    const auto tell = [&](const Error& error) {
        if (all.plan->parsed() && options.json) print_failed_plan("migration " + options.file.string(), error);
        // (Of a file that cannot be read there is no more to say.)
        if (all.rehearse->parsed() && options.json && error.kind() == ErrorKind::usage) {
            print_failed_rehearsal(config::Settings(), error);
        }
    };
    try {
        return dispatch(all, options);
    } catch (const Error& error) {
        tell(error);
        std::fprintf(stderr, "pgwraith: %s\n", error.report().c_str());
        return exit_status(error.kind());
    } catch (const std::exception& error) {
        tell(Error(ErrorKind::internal, error.what(), "This is a bug in pgwraith; please report it."));
        std::fprintf(stderr, "pgwraith: %s\nThis is a bug in pgwraith; the state is kept, please report it.\n",
                     error.what());
    } catch (...) {
        tell(Error(ErrorKind::internal, "an unknown exception", "This is a bug in pgwraith; please report it."));
        std::fprintf(stderr, "pgwraith: an unknown exception\nThis is a bug in pgwraith; please report it.\n");
    }
    return exit_status(ErrorKind::internal);
}

// The first process of a container is spared by signals that it does not handle: Ctrl-C would do nothing. `run` puts
// handlers of its own in their place.
void end_on_signals_as_pid_1() {
    if (::getpid() != 1) return;
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        std::signal(number, [](int received) { ::_exit(128 + received); });
    }
}

}  // namespace

}  // namespace pgwraith::cli

int main(int argc, char** argv) {
    CLI::App app("Online schema change for PostgreSQL: a shadow table, logical replication and one short lock.",
                 "pgwraith");
    pgwraith::cli::end_on_signals_as_pid_1();
    ::umask(0077);  // RocksDB's files hold keys, and have no mode of their own
    pgwraith::cli::Options options;
    const auto commands = pgwraith::cli::define(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // CLI11 has statuses of its own; ours are documented.
        if (error.get_exit_code() == 0) return app.exit(error);
        return pgwraith::cli::wrong_usage(app, error, argc, argv);
    }
    const int status = pgwraith::cli::guarded(commands, options);
    // Long enough for a request to cancel a statement to reach the server.
    if (pgwraith::postgres::finish_background(std::chrono::seconds{2})) return status;
    std::fflush(nullptr);
    std::_Exit(status);
}
