// What a plan says to people besides its steps: what the application must be able to do, how long it may take. Pure.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/catalog/table.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/online/step.h"
#include "pgwraith/plan/parts.h"

namespace pgwraith::migration {

struct Advice {
    std::vector<std::string> before;  // what the application must do, or not do, before the change takes effect
    std::vector<std::string> after;   // from then on
};
Advice advise(const std::vector<plan::Part>& parts);

// "about 3 min": on a server that does little else, with a disk that is no hindrance.
std::string time_in_words(double seconds);
// `filling`: seconds that the steps take which fill columns.
std::string time_of_steps(const std::vector<online::Step>& steps, const catalog::Table& live, double filling = 0);
std::string time_of_expansion(const std::vector<online::Step>& steps, const catalog::Table& live);
std::string time_of_shadow(const catalog::Table& live, const config::Settings& settings);

// What is locked for how long, in one sentence.
std::string locks_of_steps(const std::vector<online::Step>& steps, const config::Settings& settings);

// What a step that fills columns says to the server, without the chunks' conditions.
std::string update_of(const online::Step& step);

}  // namespace pgwraith::migration
