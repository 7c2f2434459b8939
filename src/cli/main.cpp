// The command line, and the one place where an error becomes an exit status.
#include <sys/stat.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "commands.h"
#include "init.h"
#include "interrupt.h"
#include "pgwraith/base/background.h"
#include "pgwraith/base/error.h"
#include "pgwraith/control/log_line.h"
#include "pgwraith/control/version.h"
#include "say.h"
#include "target.h"
#include "terminal.h"

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

// One that works where the state directory and the server are.
CLI::App* command(CLI::App& app, Options& options, const char* name, const char* what) {
    CLI::App* sub = app.add_subcommand(name, what);
    sub->add_option("FILE", options.file, "the migration's YAML file")->required();
    sub->add_option_function<std::string>(
           "--url",
           [name](const std::string&) {
               throw CLI::ValidationError("--url", std::string("`") + name +
                                                       "` needs the state directory and the server, so it runs beside "
                                                       "them, with FILE; status, pause, resume, set, verify, cutover, "
                                                       "postpone and abort of a running migration go by URL");
           })
        ->group("");
    return sub;
}

// One that asks a running process.
CLI::App* question(CLI::App& app, Options& options, const char* name, const char* what) {
    CLI::App* sub = app.add_subcommand(name, what);
    sub->add_option("FILE", options.file, "the migration's YAML file");
    sub->add_option("--url", options.url, "instead of FILE: where the process listens, such as https://host:8443");
    auto* token = sub->add_option("--token-file", options.token_file,
                                  "with --url: a file with the token (else PGWRAITH_TOKEN in the environment)");
    auto* authority = sub->add_option("--ca", options.authority, "with --url: who vouches for its certificate (PEM)");
    for (auto* option : {token, authority}) option->needs("--url");
    sub->callback([&options, sub] {
        // FILE is the first word, which then is another.
        if (!options.url.empty() && !options.file.empty() && sub->get_option_no_throw("KEY=VALUE") != nullptr) {
            options.assignments.insert(options.assignments.begin(), options.file.string());
            options.file.clear();
        }
        if (options.file.empty() == options.url.empty()) throw CLI::RequiredError("FILE (or --url, not both)");
        if (sub->get_option_no_throw("KEY=VALUE") != nullptr && options.assignments.empty()) {
            throw CLI::RequiredError("KEY=VALUE");
        }
    });
    return sub;
}

void add_log_level(CLI::App* sub, Options& options) {
    sub->add_option("--log-level", options.log_level, "how much to log to stderr")
        ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
        ->capture_default_str();
    sub->add_option("--log-format", options.log_format, "how the log is written, instead of log.format in the file")
        ->check(CLI::IsMember({"text", "json"}));
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
    all.status =
        question(app, options, "status", "Whether it is well, what it waits for, how far it is (exit 4: nothing runs)");
    all.status->add_flag("--json", options.json, "print JSON (docs/status.md has the keys)");
    all.status->add_flag("--watch", options.watch, "again and again, until the process ends or Ctrl-C");
    all.status->add_option("--interval", options.interval, "with --watch: how often")->capture_default_str();
    all.pause = question(app, options, "pause", "Hold the work and the swap; changes are still received");
    all.resume = question(app, options, "resume", "Take a pause back");
    all.set = question(app, options, "set", "Change settings of the running migration");
    all.set->add_option("KEY=VALUE", options.assignments, "for example copy.chunk_target=200ms");
    all.verify = question(app, options, "verify",
                          "Compare both tables once more while the swap is awaited, and wait for the outcome");
    all.cutover = question(app, options, "cutover",
                           "Swap as soon as it is ready (cutover.mode: manual), and wait for the outcome");
    all.cutover->add_flag("--no-wait", options.no_wait, "only ask for it");
    all.cutover->add_option("--at", options.at,
                            "not before this moment, such as 2026-11-28T02:00+01:00; does not wait");
    all.postpone = question(app, options, "postpone", "Do not swap, until `cutover` says so");
    all.contract = command(app, options, "contract", "After an expansion: drop the old columns, in one short lock");
    add_log_level(all.contract, options);
    all.abort = question(app, options, "abort", "Drop shadow table, slot, publication and state, alive or dead");
    return all;
}

// From its first request on a signal ends it with a sentence.
int ask_process(const Commands& all, const Target& target, const Options& options) {
    remember_interrupts();
    if (all.status->parsed()) return status(target, options);
    if (all.pause->parsed()) return pause(target);
    if (all.resume->parsed()) return resume(target);
    if (all.set->parsed()) return set(target, options);
    if (all.verify->parsed()) return verify(target);
    if (all.cutover->parsed()) return cutover(target, options);
    if (all.postpone->parsed()) return postpone(target);
    ensure(all.abort->parsed(), "a subcommand was chosen");
    return abort(target);
}

int dispatch(const Commands& all, Options& options) {
    if (all.plan->parsed() && !options.script.empty()) return plan_script(options);
    if (!options.url.empty()) return ask_process(all, Target(options), options);
    const config::Settings settings = config::load(options.file);
    const bool logs = all.plan->parsed() || all.run->parsed() || all.rehearse->parsed() || all.contract->parsed();
    if (logs && settings.log.format == config::LogFormat::json && options.log_format.empty()) {
        options.log_format = "json";
    }
    if (all.plan->parsed()) return plan(settings, options);
    if (all.run->parsed()) return run(settings, options);
    if (all.rehearse->parsed()) return rehearse(settings, options);
    if (all.contract->parsed()) return contract(settings, options);
    return ask_process(all, Target(settings), options);
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

// With --json the answer is JSON, also when something went wrong.
void print_failure_as_json(const Commands& all, const Options& options, const Error& error) {
    if (!options.json) return;
    if (all.plan->parsed()) print_failed_plan("migration " + options.file.string(), error);
    // (Of a file that cannot be read there is no more to say.)
    if (all.rehearse->parsed() && error.kind() == ErrorKind::usage) print_failed_rehearsal(config::Settings(), error);
}

// Before there was an answer.
int end_interrupted(const Commands& all, const Interrupted& interrupted) {
    if (!all.status->parsed()) {
        say(interrupted.unheard
                ? "no answer yet: whether the process has heard it is not known; `pgwraith status` shows "
                  "that, and to ask again does no harm"
                : "interrupted before anything was asked for");
    }
    return interrupted.status;
}

int guarded(const Commands& all, Options& options) {
    std::optional<Error> failure;
    try {
        return dispatch(all, options);
    } catch (const Interrupted& interrupted) {
        return end_interrupted(all, interrupted);
    } catch (const Error& error) {
        failure = error;
    } catch (const std::exception& error) {
        failure = control::completed(Error(ErrorKind::internal, error.what()));
    } catch (...) {
        failure = control::completed(Error(ErrorKind::internal, "an unknown exception"));
    }
    print_failure_as_json(all, options, *failure);
    report_failure(*failure, log_format_of(options));
    return exit_status(failure->kind());
}

}  // namespace

}  // namespace pgwraith::cli

int main(int argc, char** argv) {
    pgwraith::cli::leave_work_to_child_as_pid_1();
    CLI::App app("Online schema change for PostgreSQL: a shadow table, logical replication and one short lock.",
                 "pgwraith");
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
    // Long enough for a request to cancel a statement to reach the server. Who asks elsewhere has sent none.
    const auto patience = std::chrono::seconds{options.url.empty() ? 2 : 0};
    if (pgwraith::finish_background(patience)) return status;
    std::fflush(nullptr);
    std::_Exit(status);
}
