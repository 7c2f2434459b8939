#include "pgwraith/hooks/hooks.h"

#include <unistd.h>

#include <boost/asio/detached.hpp>
#include <deque>
#include <set>

#include <fmt/format.h>

#include "environment.h"
#include "pgwraith/base/error.h"
#include "pgwraith/base/log_fields.h"
#include "process.h"

namespace pgwraith::hooks {

namespace {

struct Told {
    Moment moment;
    Facts facts;
    bool asks = false;
    std::optional<Outcome> outcome = {};
};

std::vector<std::string> own_environment() {
    std::vector<std::string> result;
    for (char** variable = ::environ; *variable != nullptr; ++variable) result.emplace_back(*variable);
    return result;
}

}  // namespace

struct Hooks::State {
    State(asio::any_io_executor on, const config::Settings& from, std::function<Facts()> how)
        : executor(on),
          settings(from.hooks),
          directory(from.file.parent_path()),
          facts(std::move(how)),
          interruption(std::make_shared<Interruption>(on)),
          changed(on) {}

    asio::any_io_executor executor;
    config::Hooks settings;
    std::filesystem::path directory;
    std::function<Facts()> facts;
    std::deque<std::shared_ptr<Told>> queue;  // the first one runs
    std::set<Moment> once;
    std::shared_ptr<Interruption> interruption;
    Event changed;
    bool working = false;

    // Nothing is run from now on, and what runs ends.
    void stop();
    bool over() const { return interruption->wanted; }
    std::shared_ptr<Told> add(const std::shared_ptr<State>& self, Moment moment, Facts more, bool asks);
    Started start_of(const Told& told) const;
    static Task<void> work(std::shared_ptr<State> self);
};

std::shared_ptr<Told> Hooks::State::add(const std::shared_ptr<State>& self, Moment moment, Facts more, bool asks) {
    if (over() || settings.at(moment).empty()) return nullptr;
    auto all = facts();
    all["HOOK"] = config::moment_name(moment);
    for (auto& [name, value] : more) all[name] = std::move(value);
    auto told = std::make_shared<Told>(Told{moment, std::move(all), asks});
    queue.push_back(told);
    if (!std::exchange(working, true)) asio::co_spawn(executor, work(self), asio::detached);
    return told;
}

Started Hooks::State::start_of(const Told& told) const {
    const std::string name = config::moment_name(told.moment);
    Started started;
    started.arguments = arguments_of(settings.at(told.moment));
    started.environment = environment_of(own_environment(), told.facts);
    started.directory = directory;
    started.limit = settings.timeout;
    started.line = [name](const char* stream, const std::string& line) {
        const LogFields fields{{"hook", name}, {"stream", stream}};
        spdlog::info("hook {}: {}", name, line);
    };
    return started;
}

void Hooks::State::stop() {
    interruption->wanted = true;
    interruption->changed.notify_all();
}

Task<void> Hooks::State::work(std::shared_ptr<State> self) {
    while (!self->queue.empty() && !self->over()) {
        const auto told = self->queue.front();
        const std::string name = config::moment_name(told->moment);
        Outcome outcome;
        try {
            outcome = co_await run_process(self->start_of(*told), self->interruption);
        } catch (const std::exception& error) {
            outcome.how = Outcome::How::not_started;
            outcome.why = error.what();
        }
        told->outcome = outcome;
        const LogFields fields{{"hook", name}};
        if (outcome.well()) {
            spdlog::info("hook {}: done", name);
        } else if (!told->asks) {
            spdlog::warn("hook {} {}; the migration goes on", name, outcome.in_words());
        }
        self->queue.pop_front();
        self->changed.notify_all();
    }
    self->working = false;
    self->queue.clear();
    self->changed.notify_all();
}

Hooks::Hooks(asio::any_io_executor executor, const config::Settings& settings, std::function<Facts()> facts)
    : state_(std::make_shared<State>(executor, settings, std::move(facts))) {}

Hooks::~Hooks() { state_->stop(); }

void Hooks::tell(Moment moment, Facts more) { state_->add(state_, moment, std::move(more), false); }

void Hooks::tell_once(Moment moment) {
    if (state_->once.insert(moment).second) tell(moment);
}

Task<std::optional<std::string>> Hooks::ask(Moment moment) {
    const auto state = state_;
    const auto told = state->add(state, moment, Facts(), true);
    if (!told) co_return std::nullopt;
    while (!told->outcome && state->working) co_await state->changed.wait();
    if (!told->outcome) co_return "the hook was not run, because pgwraith stops";
    if (told->outcome->well()) co_return std::nullopt;
    co_return fmt::format("the hook {} {}", config::moment_name(moment), told->outcome->in_words());
}

Task<void> Hooks::all_told() {
    const auto state = state_;
    while (state->working) co_await state->changed.wait();
}

Task<void> Hooks::end() {
    const auto state = state_;
    state->stop();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    while (state->working) co_await state->changed.wait();
}

}  // namespace pgwraith::hooks
