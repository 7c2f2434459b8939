#include "dead_rows.h"

#include <fmt/format.h>

namespace pgwraith::online {

namespace {

constexpr milliseconds look_interval{1'000};
constexpr const char* reason = "dead_rows";

// Whether autovacuum has reason to come, by the server's own rule; who keeps it from taking dead rows away.
constexpr const char* dead_sql = R"sql(
SELECT s.n_dead_tup, s.n_live_tup,
       current_setting('autovacuum')::bool AND coalesce((SELECT option_value::bool FROM pg_options_to_table(c.reloptions)
           WHERE option_name = 'autovacuum_enabled'), true)
       AND s.n_dead_tup > coalesce((SELECT option_value::bigint FROM pg_options_to_table(c.reloptions)
               WHERE option_name = 'autovacuum_vacuum_threshold'), current_setting('autovacuum_vacuum_threshold')::bigint)
           + greatest(c.reltuples, 0) * coalesce((SELECT option_value::float8 FROM pg_options_to_table(c.reloptions)
               WHERE option_name = 'autovacuum_vacuum_scale_factor'),
               current_setting('autovacuum_vacuum_scale_factor')::float8),
       pg_relation_size(c.oid),
       (SELECT format('pid %s (%s) has held a snapshot since %s', a.pid, coalesce(nullif(a.application_name, ''),
                      a.usename::text), to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS'))
          FROM pg_stat_activity a
         WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_xmin IS NOT NULL
           AND a.xact_start < now() - interval '1 min' AND a.backend_type = 'client backend'
         ORDER BY age(a.backend_xmin) DESC LIMIT 1)
  FROM pg_class c JOIN pg_stat_all_tables s ON s.relid = c.oid WHERE c.oid = $1::oid)sql";

struct Reading {
    double share = 0;
    bool too_many = false;
    bool vacuum_comes = false;
    std::string held_back;  // by whom; empty: nobody is known
};

Reading read(const postgres::Result& row, const config::Fill& limits) {
    Reading reading;
    const double dead = row.number(0, 0);
    const double all = dead + row.number(0, 1);
    reading.share = all > 0 ? dead / all : 0;
    reading.too_many = row.uint64(0, 3) >= limits.dead_rows_from && reading.share > limits.max_dead_rows;
    reading.vacuum_comes = row.boolean(0, 2);
    if (!row.is_null(0, 4)) reading.held_back = row.str(0, 4);
    return reading;
}

std::string in_words(const Reading& reading, const config::Fill& limits) {
    auto text = fmt::format("{:.0f}% of the rows are dead (fill.max_dead_rows is {:.0f}%): waiting for autovacuum",
                            100 * reading.share, 100 * limits.max_dead_rows);
    if (!reading.held_back.empty()) text += fmt::format("; it cannot take them away while {}", reading.held_back);
    return text;
}

// However the watch ends: nobody would open the gate again.
class Held {
  public:
    explicit Held(throttle::Gate& gate) : gate_(gate) {}
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held() { gate_.clear(reason); }

  private:
    throttle::Gate& gate_;
};

}  // namespace

Task<void> watch_dead_rows(const postgres::Sessions& sessions, const config::Settings& settings, throttle::Gate& gate,
                           Oid table, QualifiedName name) {
    const Held held(gate);
    auto connection = co_await sessions.open("dead rows");
    bool said = false;
    for (;;) {
        const auto row = co_await connection->query(dead_sql, postgres::params(std::to_string(table)));
        const auto reading = row.empty() ? Reading{} : read(row, settings.fill);
        if (reading.too_many && reading.vacuum_comes) {
            gate.hold(reason, in_words(reading, settings.fill));
        } else {
            gate.clear(reason);
        }
        if (reading.too_many && !reading.vacuum_comes && !said) {
            said = true;
            spdlog::warn("{:.0f}% of the rows are dead, and autovacuum is not about to come: VACUUM {} takes them away",
                         100 * reading.share, name.sql());
        }
        co_await sleep_for(look_interval);
    }
}

}  // namespace pgwraith::online
