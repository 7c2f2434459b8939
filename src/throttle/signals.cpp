#include "pgwraith/throttle/signals.h"

#include <fmt/format.h>

#include <algorithm>

#include "all_signals.h"

namespace pgwraith::throttle {

namespace {

constexpr milliseconds poll_interval{500};
constexpr milliseconds judge_interval{250};
constexpr milliseconds first_answer{2'500};

}  // namespace

struct Signals::Watched {
    explicit Watched(std::unique_ptr<Signal> of) : signal(std::move(of)), judge(signal->name(), signal->unit()) {}

    std::unique_ptr<Signal> signal;
    SignalJudge judge;
    std::optional<Clock::time_point> wanted_since;
    std::optional<Clock::time_point> read;
    std::string failure;
    std::unique_ptr<postgres::Connection> session;  // if it has one of its own
};

Task<std::unique_ptr<postgres::Connection>> Signal::open(const postgres::Sessions& sessions) const {
    auto connection = co_await sessions.open(name());
    co_return connection;
}

Signals::Signals(Context context, std::string own_slot) : context_(context), facts_(std::make_unique<Facts>()) {
    const Surroundings around{context.settings, context.standbys, *facts_, std::move(own_slot)};
    for (const auto& make : {replica_lag, named_replicas, commit_latency, slot_lag, slot_lag_bytes, retained_wal,
                             active_sessions, lock_waiters, wal_rate, forced_checkpoints, wal_directory, database_size,
                             user_query, flag_file, working_hours}) {
        watched_.push_back(std::make_unique<Watched>(make(around)));
    }
}

Signals::~Signals() = default;

Task<void> Signals::begin() {
    TaskGroup group(co_await asio::this_coro::executor);
    group.spawn(begin_shared());
    for (auto& one : watched_) {
        if (one->signal->has_own_session() && one->signal->wanted()) group.spawn(begin_alone(*one));
    }
    co_await group.join();
    allow();  // who begins now need not wait for the next look
}

Task<void> Signals::begin_shared() {
    connection_ = co_await context_.sessions.open("throttle");
    connection_->let_finish(poll_interval);  // a poll that is cancelled is an error in the server's log
    co_await connection_->script("SET statement_timeout = '2s'");
    co_await read_shared();
}

Task<void> Signals::begin_alone(Watched& one) {
    co_await make_session(one);
    // A commit may wait for a synchronous standby that is away, for ever; the stream must begin all the same.
    const bool answered = co_await within(first_answer, read(one, *one.session));
    if (!answered) one.session.reset();
}

Task<void> Signals::run() {
    TaskGroup group(co_await asio::this_coro::executor);
    group.spawn(read_for_ever());
    group.spawn(judge_for_ever());
    for (auto& one : watched_) {
        if (one->signal->has_own_session()) group.spawn(read_alone(*one));
    }
    co_await group.join();
}

Task<void> Signals::read_for_ever() {
    for (;;) {
        co_await read_shared();
        co_await sleep_for(poll_interval);
    }
}

Task<void> Signals::read_shared() {
    for (auto& one : watched_) {
        if (!one->signal->has_own_session() && one->signal->wanted()) co_await read(*one, *connection_);
    }
}

Task<void> Signals::read_alone(Watched& one) {
    for (;;) {
        if (one.signal->wanted()) {
            if (!one.session) co_await make_session(one);
            co_await read(one, *one.session);
        } else {
            one.session.reset();
        }
        co_await sleep_for(poll_interval);
    }
}

Task<void> Signals::make_session(Watched& one) {
    one.session = co_await one.signal->open(context_.sessions);
    one.session->let_finish(poll_interval);
}

Task<void> Signals::read(Watched& one, postgres::Connection& connection) {
    try {
        co_await one.signal->read(connection);
        one.read = Clock::now();
        one.failure.clear();
    } catch (const postgres::PgError& error) {
        if (error.connection_lost()) throw;
        one.failure = error.message();
    } catch (const Error& error) {
        one.failure = error.message();
    }
    judge(one);
}

// One that waits for its answer is judged meanwhile.
Task<void> Signals::judge_for_ever() {
    for (;;) {
        co_await sleep_for(judge_interval);
        for (auto& one : watched_) judge(*one);
        allow();
    }
}

void Signals::allow() {
    const double felt = pressure(states());
    context_.gate.feel(felt);
    context_.gate.allow(allowance_.look(Clock::now(), felt, most_workers_wanted()));
}

int Signals::most_workers_wanted() const {
    const auto& settings = context_.settings;
    return std::max({settings.copy.workers, settings.build.workers, settings.apply.workers});
}

void Signals::judge(Watched& one) {
    if (!one.signal->wanted()) {
        context_.gate.clear(one.signal->name());
        one.wanted_since.reset();
        one.read.reset();
        one.failure.clear();
        return;
    }
    const auto now = Clock::now();
    if (!one.wanted_since) one.wanted_since = now;
    // One that `set` has switched on just now is read in a moment.
    auto known_at = one.read;
    if (!known_at && one.failure.empty()) known_at = one.wanted_since;
    const auto& state = one.judge.judge({now, known_at, one.failure, one.signal->reading(now)});
    // Before the gate opens: what begins then asks how many of the server's workers it may have.
    context_.gate.feel(pressure(states()));
    if (state.holds) {
        context_.gate.hold(state.name, state.why, one.judge.severity());
    } else {
        context_.gate.clear(state.name);
    }
}

std::vector<SignalState> Signals::states() const {
    std::vector<SignalState> states;
    for (const auto& one : watched_) {
        if (!one->signal->wanted()) continue;
        states.push_back(one->judge.state());
        states.back().limit = one->signal->reading(Clock::now()).limit;  // that may have been changed just now
    }
    return states;
}

}  // namespace pgwraith::throttle
