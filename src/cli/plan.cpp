// `pgwraith plan`.
#include <cstdio>

#include <boost/algorithm/string.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "pgwraith/base/error.h"
#include "pgwraith/control/display.h"
#include "pgwraith/migration/migration.h"
#include "pgwraith/postgres/error.h"
#include "pgwraith/store/state_dir.h"
#include "terminal.h"
#include "wait.h"

namespace pgwraith::cli {

namespace {

constexpr const char* no_remedy = "Nothing was changed. Fix what the message names, and plan again.";

// Nothing has begun that could be "stopped": a server that is not there is a refusal.
migration::Plan plan_or_refuse(const config::Settings& settings) {
    try {
        return wait_for(migration::make_plan(settings));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::stopped) throw;
        throw Error(ErrorKind::refused, error.message(), error.hint().empty() ? no_remedy : error.hint());
    }
}

void print(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

std::string as_json(const migration::Plan& plan) { return control::json_text(control::plan_json(plan)); }

}  // namespace

// A configuration's problems are a line each.
void print_failed_plan(const std::string& object, const Error& error) {
    migration::Plan plan;
    std::vector<std::string> reasons{error.message()};
    if (error.kind() == ErrorKind::usage) boost::split(reasons, error.message(), [](char c) { return c == '\n'; });
    for (auto& reason : reasons) {
        plan.refusals.push_back({std::move(reason), error.hint().empty() ? no_remedy : error.hint(), object});
    }
    print(as_json(plan));
}

int plan(const config::Settings& settings, const Options& options) {
    start_logging(options.log_level, log_format_of(options));
    postgres::show_row_values(true);  // it reads none; what may be quoted is the user's SQL
    store::check_state_directory(settings.state_dir);
    const migration::Plan made = plan_or_refuse(settings);
    print(options.json ? as_json(made) : control::plan_text(made, options.verbose));
    return made.refusals.empty() ? 0 : exit_status(ErrorKind::refused);
}

}  // namespace pgwraith::cli
