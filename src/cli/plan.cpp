// `pgwraith plan`.
#include <cstdio>

#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "pgwraith/base/error.h"
#include "pgwraith/control/display.h"
#include "pgwraith/migration/migration.h"
#include "terminal.h"
#include "wait.h"

namespace pgwraith::cli {

namespace {

// Nothing has begun that could be "stopped": a server that is not there is a refusal.
migration::Plan plan_or_refuse(const config::Settings& settings) {
    try {
        return wait_for(migration::make_plan(settings));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::stopped) throw;
        throw Error(ErrorKind::refused, error.message(), error.hint());
    }
}

}  // namespace

int plan(const config::Settings& settings, const Options& options) {
    start_logging(options.log_level);
    const migration::Plan made = plan_or_refuse(settings);
    const std::string text =
        options.json ? control::plan_json(made).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"
                     : control::plan_text(made);
    std::fputs(text.c_str(), stdout);
    return made.refusals.empty() ? 0 : exit_status(ErrorKind::refused);
}

}  // namespace pgwraith::cli
