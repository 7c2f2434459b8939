// `pgwraith run`: the migration, the control socket beside it, the progress display and the signals.
#include <csignal>
#include <cstdio>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <nlohmann/json.hpp>

#include "commands.h"
#include "pgwraith/base/async.h"
#include "pgwraith/base/error.h"
#include "pgwraith/control/display.h"
#include "pgwraith/control/server.h"
#include "pgwraith/control/version.h"
#include "pgwraith/migration/migration.h"
#include "pgwraith/postgres/error.h"
#include "terminal.h"

namespace pgwraith::cli {

namespace {

constexpr milliseconds redraw_interval{200};
constexpr milliseconds log_interval{5'000};
// `pgwraith cutover` asks every 100 ms.
constexpr milliseconds watched_within{1'000};
constexpr milliseconds last_look{300};

std::string dumped(const nlohmann::json& document) {
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

class Runner {
  public:
    Runner(const config::Settings& settings, std::shared_ptr<Terminal> terminal, migration::Purpose purpose)
        : terminal_(std::move(terminal)),
          signals_(io_),
          ended_(io_.get_executor()),
          migration_(migration::Migration::create(io_.get_executor(), settings, purpose)),
          server_(io_.get_executor(), *migration_, control::socket_path(settings.state_dir)) {}

    void listen_for_signals();
    // Returns when the migration is done; throws what it threw otherwise.
    void run();
    migration::Migration& migration() { return *migration_; }

  private:
    void stop(int number);
    void finish(std::exception_ptr error);
    Task<void> show_progress();
    void swallow(std::exception_ptr error, const char* what);

    std::shared_ptr<Terminal> terminal_;
    asio::io_context io_{1};
    asio::signal_set signals_;
    asio::cancellation_signal cancel_;
    Event ended_;
    bool has_ended_ = false;
    bool stopping_ = false;
    std::exception_ptr error_;
    std::unique_ptr<migration::Migration> migration_;
    control::Server server_;
};

void Runner::run() {
    asio::co_spawn(io_, server_.run(), [this](std::exception_ptr error) { swallow(error, "control socket"); });
    asio::co_spawn(io_, show_progress(), [this](std::exception_ptr error) { swallow(error, "progress display"); });
    asio::co_spawn(io_, migration_->run(),
                   asio::bind_cancellation_slot(cancel_.slot(), [this](std::exception_ptr e) { finish(e); }));
    while (!has_ended_ && io_.run_one() > 0) {
    }
    // Clients that follow the status can read how it ended before the socket goes.
    if (server_.asked_within(watched_within)) io_.run_for(last_look);
    server_.close();
    // Answers under way are still written; nothing that hangs keeps a finished process alive.
    io_.run_for(std::chrono::seconds{2});
    ensure(has_ended_, "the migration ended before the event loop ran dry");
    if (error_) std::rethrow_exception(error_);
}

void Runner::finish(std::exception_ptr error) {
    has_ended_ = true;
    error_ = error;
    terminal_->clear();
    signals_.cancel();
    ended_.notify_all();
}

void Runner::swallow(std::exception_ptr error, const char* what) {
    if (!error) return;
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        spdlog::error("{}: {} (the migration goes on)", what, e.what());
    }
}

void Runner::listen_for_signals() {
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        // A signal that was ignored at the start (nohup) stays ignored.
        struct sigaction current {};
        if (::sigaction(number, nullptr, &current) == 0 && current.sa_handler == SIG_IGN) continue;
        signals_.add(number);
    }
    signals_.async_wait([this](const boost::system::error_code& error, int number) {
        if (!error) stop(number);
    });
}

void Runner::stop(int number) {
    if (number == SIGHUP && !terminal_->gone()) {
        migration_->read_settings_again();
    } else if (stopping_) {
        // A terminal and a container's init may both pass the same Ctrl-C on: the second one means nothing.
        spdlog::warn("already stopping (the state is kept; if this hangs, SIGKILL loses nothing either)");
    } else {
        stopping_ = true;
        spdlog::info("SIG{} received: stopping, the state is kept", ::sigabbrev_np(number));
        cancel_.emit(asio::cancellation_type::terminal);
    }
    signals_.async_wait([this](const boost::system::error_code& error, int next) {
        if (!error) stop(next);
    });
}

Task<void> Runner::show_progress() {
    control::ProgressDisplay display;
    while (!has_ended_) {
        if (terminal_->interactive()) {
            terminal_->show(display.line(migration_->progress(), terminal_->width()));
            co_await ended_.wait_for(redraw_interval);
        } else if (!co_await ended_.wait_for(log_interval)) {
            spdlog::info("{}", display.log_line(migration_->progress()));
        }
    }
}

// stdout has what the rehearsal has found out, also when it failed.
int end_rehearsal(const migration::Migration& migration, const Options& options, const Error* error) {
    const auto now = Clock::now();
    const auto& settings = migration.settings();
    std::string text;
    if (options.json) {
        text = dumped(control::rehearsal_json(migration.progress(), settings, now, error));
    } else {
        text = control::rehearsal_text(migration.progress(), settings, now);
    }
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
    return 0;
}

int migrate(const config::Settings& settings, const Options& options, migration::Purpose purpose) {
    // A log or terminal that goes away must not end the migration.
    std::signal(SIGPIPE, SIG_IGN);
    const auto terminal = start_logging(options.log_level);
    postgres::show_row_values(settings.log.row_values);
    Runner runner(settings, terminal, purpose);
    // From the first line on a signal stops it with the state kept.
    runner.listen_for_signals();
    spdlog::info("pgwraith {}: {}, state in {}", control::version, control::display_name(settings.table),
                 settings.state_dir.string());
    if (purpose == migration::Purpose::rehearse) {
        try {
            runner.run();
        } catch (const Error& error) {
            end_rehearsal(runner.migration(), options, &error);
            throw;
        }
        return end_rehearsal(runner.migration(), options, nullptr);
    }
    runner.run();
    const std::string summary = control::summary_text(runner.migration().progress(), settings, Clock::now());
    std::fputs(summary.c_str(), stdout);
    std::fflush(stdout);
    runner.migration().reported();
    return 0;
}

}  // namespace

int run(const config::Settings& settings, const Options& options) {
    return migrate(settings, options, migration::Purpose::migrate);
}

int rehearse(const config::Settings& settings, const Options& options) {
    return migrate(settings, options, migration::Purpose::rehearse);
}

void print_failed_rehearsal(const config::Settings& settings, const Error& error) {
    std::fputs(dumped(control::rehearsal_json({}, settings, {}, &error)).c_str(), stdout);
    std::fflush(stdout);
}

int contract(const config::Settings& settings, const Options& options) {
    if (settings.expand.empty()) {
        throw Error(ErrorKind::usage, "the configuration has no `expand`: there is nothing to contract",
                    "`pgwraith contract` ends what a run with `expand` has begun.");
    }
    return migrate(settings, options, migration::Purpose::contract);
}

}  // namespace pgwraith::cli
