// The user's own signal: a query that answers true, or a number.
#include <fmt/format.h>

#include "all_signals.h"
#include "pgwraith/throttle/readings.h"

namespace pgwraith::throttle {

namespace {

class UserQuery : public Signal {
  public:
    explicit UserQuery(const Surroundings& around) : limits_(around.settings.throttle) {}

    const char* name() const override { return "query"; }
    const char* unit() const override { return ""; }
    bool wanted() const override { return !limits_.query.empty(); }
    bool has_own_session() const override { return true; }

    // With the settings and the search_path that the role's own statements have.
    Task<std::unique_ptr<postgres::Connection>> open(const postgres::Sessions& sessions) const override {
        auto connection = co_await sessions.open_for_rows("throttle query");
        co_await connection->script("SET statement_timeout = '2s'; SET default_transaction_read_only = on");
        co_return connection;
    }

    Task<void> read(postgres::Connection& connection) override {
        // With parameters, though there are none: the server takes one statement only then.
        const auto result = co_await connection.query(limits_.query);
        answer_ = judge_answer(result);
    }

    Reading reading(Clock::time_point) const override {
        Reading reading;
        if (!answer_) return reading;
        reading.over = answer_->yes;
        reading.value = answer_->number;
        if (answer_->number) reading.limit = limits_.query_limit;
        reading.why = answer_->number ? fmt::format("throttle.query answers {:g} (limit {:g})", *answer_->number,
                                                    limits_.query_limit)
                                      : "throttle.query answers true";
        return reading;
    }

  private:
    const config::Throttle& limits_;
    std::optional<QueryAnswer> answer_;
};

}  // namespace

std::unique_ptr<Signal> user_query(const Surroundings& around) { return std::make_unique<UserQuery>(around); }

}  // namespace pgwraith::throttle
