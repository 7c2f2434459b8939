#include "pgwraith/transfer/last_keys.h"

#include <algorithm>
#include <iterator>

#include "batches.h"
#include "pgwraith/postgres/pipeline.h"
#include "pgwraith/transfer/keys.h"

namespace pgwraith::transfer {

namespace {

constexpr std::size_t last_keys_page = 2'000;
constexpr const char* remove_name = "pgwraith_last_delete";
constexpr const char* put_name = "pgwraith_last_put";
constexpr const char* compare_name = "pgwraith_last_compare";

}  // namespace

Task<void> LastKeys::prepare(postgres::Connection& session) {
    const auto no_keys = key_params(pair_, std::vector<std::string>{});
    postgres::Pipeline pipeline(session);
    const auto prepare = [&](const std::string& name, const std::string& sql) {
        pipeline.add("PREPARE " + name + " AS " + sql);
        pipeline.add_prepared(name, no_keys);
    };
    prepare(remove_name, updated_ ? shadow::delete_gone_keys_sql(pair_) : shadow::delete_keys_sql(pair_));
    prepare(put_name, shadow::put_keys_sql(pair_));
    if (compared_) prepare(compare_name, shadow::compare_keys_sql(pair_, postgres::row_values_shown()));
    pipeline.end_part();
    co_await pipeline.send();
    co_await pipeline.answers();
}

// All that goes goes before anything comes: unique values may have moved between the rows.
Task<std::vector<Difference>> LastKeys::apply(postgres::Connection& session, std::vector<store::LedgerEntry> entries,
                                              std::set<std::string> others) {
    std::vector<std::string> keys;
    keys.reserve(entries.size());
    const auto maybe_gone = keys_maybe_gone(entries);
    for (auto& entry : entries) keys.push_back(std::move(entry.key));
    const auto applied = pages_of(keys, last_keys_page);
    const auto removed = updated_ ? pages_of(maybe_gone, last_keys_page) : applied;
    // What changes all the time is in both, which have the order of the keys.
    std::vector<std::string> only_compared;
    std::set_difference(others.begin(), others.end(), keys.begin(), keys.end(), std::back_inserter(only_compared));
    keys.insert(keys.end(), only_compared.begin(), only_compared.end());
    const auto compared = compared_ ? pages_of(keys, last_keys_page) : std::vector<std::vector<std::string>>{};
    std::vector<Difference> differences;
    if (applied.empty() && compared.empty()) co_return differences;

    postgres::Pipeline pipeline(session);
    for (const auto& part : removed) pipeline.add_prepared(remove_name, key_params(pair_, part));
    for (const auto& part : applied) pipeline.add_prepared(put_name, key_params(pair_, part));
    for (const auto& part : compared) pipeline.add_prepared(compare_name, key_params(pair_, part));
    pipeline.end_part();
    co_await pipeline.send();
    const auto answers = co_await pipeline.answers();
    for (std::size_t number = 0; number < compared.size(); ++number) {
        add_differences(differences, pair_, compared[number], answers.at(removed.size() + applied.size() + number));
    }
    co_return differences;
}

}  // namespace pgwraith::transfer
