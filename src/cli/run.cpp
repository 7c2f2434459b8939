// `pgwraith run`: the migration, the control socket beside it, the progress display and the signals.
#include <csignal>
#include <cstdio>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "commands.h"
#include "pgwraith/base/async.h"
#include "pgwraith/base/error.h"
#include "pgwraith/control/display.h"
#include "pgwraith/control/server.h"
#include "pgwraith/control/version.h"
#include "pgwraith/migration/migration.h"
#include "pgwraith/postgres/error.h"
#include "pgwraith/web/listener.h"
#include "terminal.h"

namespace pgwraith::cli {

namespace {

constexpr milliseconds redraw_interval{200};
constexpr milliseconds log_interval{5'000};
// `pgwraith cutover` asks every 100 ms; over TCP every half second, and the way may be long.
constexpr milliseconds watched_within{1'000};
constexpr milliseconds last_look{300};
constexpr milliseconds watched_from_afar_within{3'000};
constexpr milliseconds last_look_from_afar{1'500};

class Runner {
  public:
    Runner(const config::Settings& settings, std::shared_ptr<Terminal> terminal, migration::Purpose purpose)
        : terminal_(std::move(terminal)),
          signals_(io_),
          ended_(io_.get_executor()),
          migration_(migration::Migration::create(io_.get_executor(), settings, purpose)),
          routes_(*migration_),
          server_(io_.get_executor(), routes_, control::socket_path(settings.state_dir)) {
        if (settings.control.listen.empty()) return;
        listener_ = std::make_unique<web::Listener>(io_.get_executor(), routes_, settings.control);
    }

    void listen_for_signals();
    // Returns when the migration is done; throws what it threw otherwise.
    void run();
    migration::Migration& migration() { return *migration_; }

  private:
    void stop(int number);
    void finish(std::exception_ptr error);
    void say_end();
    Task<void> show_progress();
    void swallow(std::exception_ptr error, const char* what);
    std::optional<Error> failure() const;
    void wait_for_last_scrape(Clock::time_point ended);

    std::shared_ptr<Terminal> terminal_;
    asio::io_context io_{1};
    asio::signal_set signals_;
    asio::cancellation_signal cancel_;
    Event ended_;
    bool has_ended_ = false;
    bool stopping_ = false;
    std::exception_ptr error_;
    std::unique_ptr<migration::Migration> migration_;
    control::Routes routes_;
    control::Server server_;
    std::unique_ptr<web::Listener> listener_;  // nullptr: no port is open
};

void Runner::run() {
    asio::co_spawn(io_, server_.run(), [this](std::exception_ptr error) { swallow(error, "control socket"); });
    asio::co_spawn(io_, show_progress(), [this](std::exception_ptr error) { swallow(error, "progress display"); });
    if (listener_) {
        spdlog::info("listening at {}", listener_->url());
        asio::co_spawn(io_, listener_->run(), [this](std::exception_ptr error) { swallow(error, "control.listen"); });
    }
    asio::co_spawn(io_, migration_->run(),
                   asio::bind_cancellation_slot(cancel_.slot(), [this](std::exception_ptr e) { finish(e); }));
    while (!has_ended_ && io_.run_one() > 0) {
    }
    const auto ended = Clock::now();
    // Clients that follow the status can read how it ended before the socket goes.
    const bool watched = server_.asked_within(watched_within);
    const bool watched_from_afar = listener_ && listener_->asked_within(watched_from_afar_within);
    say_end();
    if (watched || watched_from_afar) io_.run_for(watched_from_afar ? last_look_from_afar : last_look);
    wait_for_last_scrape(ended);
    if (listener_) listener_->close();
    server_.close();
    // Answers under way are still written; nothing that hangs keeps a finished process alive.
    io_.run_for(std::chrono::seconds{2});
    ensure(has_ended_, "the migration ended before the event loop ran dry");
    if (error_) std::rethrow_exception(error_);
}

// nullopt: it is done.
std::optional<Error> Runner::failure() const {
    if (!error_) return std::nullopt;
    try {
        std::rethrow_exception(error_);
    } catch (const Error& error) {
        return error;
    } catch (const std::exception& error) {
        return Error(ErrorKind::internal, error.what());
    }
}

// Otherwise the last thing that a Prometheus has seen of it is a slot that keeps WAL, which is a reason for an alert.
// A signal ends the waiting.
void Runner::wait_for_last_scrape(Clock::time_point ended) {
    const auto limit = routes_.scrapes().next_within(ended);
    const auto why = failure();
    const bool leaves_nothing = !why || why->kind() == ErrorKind::aborted;
    if (limit <= milliseconds{0} || !leaves_nothing) return;
    spdlog::info("over; the metrics may be read once more, for {} at most", format_duration(limit));
    bool told = false;
    signals_.async_wait([&told](const boost::system::error_code& error, int) { told = !error; });
    while (!told && !routes_.scrapes().come_since(ended) && Clock::now() < ended + limit) {
        io_.run_for(milliseconds{100});
    }
    signals_.cancel();
    io_.run_for(milliseconds{100});  // the answer is written
}

void Runner::finish(std::exception_ptr error) {
    has_ended_ = true;
    error_ = error;
    terminal_->clear();
    signals_.cancel();
    ended_.notify_all();
}

// The page of a process that has gone still shows how it ended, and who waits elsewhere is told.
void Runner::say_end() {
    if (const auto why = failure()) {
        const char* outcome = why->kind() == ErrorKind::aborted ? "aborted" : "stopped";
        routes_.say_end({outcome, why->message(), why->hint(), exit_status(why->kind())});
    } else {
        routes_.say_end({"done", "", "", 0});
    }
    if (listener_) listener_->say_end();
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
    control::ProgressPace pace;
    while (!has_ended_) {
        if (terminal_->interactive()) {
            terminal_->show(display.line(migration_->progress(), terminal_->width()));
            co_await ended_.wait_for(redraw_interval);
        } else if (!co_await ended_.wait_for(log_interval)) {
            const auto& progress = migration_->progress();
            const auto line = display.log_line(progress);
            const LogFields fields{{"event", "progress"}};
            if (pace.say(phase_name(progress.phase), line, Clock::now())) spdlog::info("{}", line);
        }
    }
}

// stdout has what the rehearsal has found out, also when it failed.
int end_rehearsal(const migration::Migration& migration, const Options& options, const Error* error) {
    const auto now = Clock::now();
    const auto& settings = migration.settings();
    std::string text;
    if (options.json) {
        text = control::json_text(control::rehearsal_json(migration.progress(), settings, now, error));
    } else {
        text = control::rehearsal_text(migration.progress(), settings, now);
    }
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
    return 0;
}

// Lines that other threads log outlive the migration.
struct Described {
    Terminal& terminal;
    ~Described() { terminal.stop_describing(); }
};

int migrate(const config::Settings& settings, const Options& options, migration::Purpose purpose) {
    // A log or terminal that goes away must not end the migration.
    std::signal(SIGPIPE, SIG_IGN);
    const auto terminal = start_logging(options.log_level, log_format_of(options));
    postgres::show_row_values(settings.log.row_values);
    Runner runner(settings, terminal, purpose);
    terminal->describe(control::display_name(settings.table),
                       [&runner] { return std::string(phase_name(runner.migration().progress().phase)); });
    const Described described{*terminal};
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
    std::fputs(control::json_text(control::rehearsal_json({}, settings, {}, &error)).c_str(), stdout);
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
