// How far standbys are behind that are asked for by connection string.
#include <fmt/format.h>

#include <algorithm>

#include "all_signals.h"
#include "pgwraith/throttle/asked_replica.h"

namespace pgwraith::throttle {

namespace {

constexpr milliseconds unreachable_grace{3'000};
// One that cannot be reached costs a thread for each try.
constexpr milliseconds try_again_after{2'000};

struct Named {
    explicit Named(const std::string& conninfo) : replica(conninfo) {}

    AskedReplica replica;
    std::optional<Lsn> replayed{};
    std::optional<Clock::time_point> answered{};
    std::optional<Clock::time_point> failed{};
    std::string failure{};
};

class NamedReplicas : public Signal {
  public:
    explicit NamedReplicas(const Surroundings& around) : limits_(around.settings.throttle) {}

    const char* name() const override { return "named_replicas"; }
    const char* unit() const override { return "ms"; }
    bool wanted() const override { return !limits_.replicas.empty(); }
    bool has_own_session() const override { return true; }

    Task<void> read(postgres::Connection& primary) override {
        take_list();
        ReplicaReading reading{Clock::now(), {}, {}};
        const auto row = co_await primary.query("SELECT pg_current_wal_lsn()::text");
        reading.position = Lsn::parse(row.text(0, 0)).value();
        TaskGroup group(co_await asio::this_coro::executor);
        for (const auto& one : named_) group.spawn(ask(one, primary.server()));
        co_await group.join();
        for (const auto& one : named_) {
            if (one->replayed) reading.replicas.push_back({one->replica.name(), 0, one->replayed});
        }
        // Nobody is missed by its absence here: each that does not answer is named by itself.
        Standbys nobody;
        verdict_ = judge_.judge(reading, limits_, nobody);
    }

    Reading reading(Clock::time_point now) const override {
        auto reading = reading_of(verdict_, limits_);
        for (const auto& one : named_) {
            if (one->failure.empty() || limits_.ignores(one->replica.name())) continue;
            if (one->answered && now - *one->answered <= unreachable_grace) continue;
            reading.why = fmt::format(
                "replica {} cannot be asked how far it is: {}; if it does not count, `pgwraith set FILE "
                "throttle.ignore_replicas=NAME`",
                one->replica.name(), one->failure);
            reading.over = true;
        }
        return reading;
    }

  private:
    // `pgwraith set` may have changed it.
    void take_list() {
        std::vector<std::shared_ptr<Named>> now;
        for (const auto& conninfo : limits_.replicas) {
            const auto known =
                std::ranges::find_if(named_, [&](const auto& one) { return one->replica.conninfo() == conninfo; });
            now.push_back(known == named_.end() ? std::make_shared<Named>(conninfo) : *known);
        }
        named_ = std::move(now);
    }

    Task<void> ask(std::shared_ptr<Named> one, postgres::ServerIdentity primary) {
        if (limits_.ignores(one->replica.name())) co_return;
        if (one->failed && Clock::now() - *one->failed < try_again_after) co_return;
        try {
            one->replayed = co_await one->replica.ask(std::move(primary));
            one->answered = Clock::now();
            one->failed.reset();
            one->failure.clear();
        } catch (const Error& error) {
            one->failed = Clock::now();
            one->failure = error.message();
        }
    }

    const config::Throttle& limits_;
    std::vector<std::shared_ptr<Named>> named_;
    ReplicaJudge judge_;
    ReplicaVerdict verdict_;
};

}  // namespace

std::unique_ptr<Signal> named_replicas(const Surroundings& around) { return std::make_unique<NamedReplicas>(around); }

}  // namespace pgwraith::throttle
