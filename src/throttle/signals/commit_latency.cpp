// How long a commit takes, by committing.
#include "pgwraith/throttle/commit_latency.h"

#include <fmt/format.h>

#include "all_signals.h"
#include "pgwraith/postgres/transactions.h"

namespace pgwraith::throttle {

namespace {

constexpr int probes_at_first = 5;

class CommitProbe : public Signal {
  public:
    explicit CommitProbe(const Surroundings& around) : limits_(around.settings.throttle) {}

    const char* name() const override { return "commit_latency"; }
    const char* unit() const override { return "ms"; }
    bool wanted() const override { return !limits_.max_commit_latency.off(); }
    bool has_own_session() const override { return true; }

    // As long as the application's: with the database's and the role's own synchronous_commit. One that waits for
    // nothing tells nothing: then at least our own disk is waited for.
    Task<std::unique_ptr<postgres::Connection>> open(const postgres::Sessions& sessions) const override {
        auto connection = co_await sessions.open("commit probe");
        co_await connection->script("RESET synchronous_commit");
        co_await connection->query(
            "SELECT set_config('synchronous_commit', 'local', false) WHERE current_setting('synchronous_commit') = "
            "'off'");
        co_return connection;
    }

    Task<void> read(postgres::Connection& connection) override {
        const int times = latency_.now() ? 1 : probes_at_first;
        for (int time = 0; time < times; ++time) {
            began_ = Clock::now();
            try {
                co_await postgres::flush_wal(connection);
            } catch (...) {
                began_.reset();
                throw;
            }
            latency_.took(ms_since(*std::exchange(began_, std::nullopt)));
        }
    }

    Reading reading(Clock::time_point now) const override {
        Reading reading;
        reading.value = latency_.now(began_ ? ms_between(*began_, now) : 0);
        reading.limit = latency_.limit(limits_.max_commit_latency);
        if (reading.value && reading.limit) {
            reading.why = fmt::format("a commit takes {:.0f}ms (limit {:.0f}ms{})", *reading.value, *reading.limit,
                                      quiet_in_words());
        }
        return reading;
    }

  private:
    std::string quiet_in_words() const {
        return latency_.quiet() ? fmt::format("; when little goes on {:.1f}ms", *latency_.quiet()) : "";
    }

    const config::Throttle& limits_;
    CommitLatency latency_;
    std::optional<Clock::time_point> began_;
};

}  // namespace

std::unique_ptr<Signal> commit_latency(const Surroundings& around) { return std::make_unique<CommitProbe>(around); }

}  // namespace pgwraith::throttle
