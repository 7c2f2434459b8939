// The process as /proc shows it.
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include <fmt/format.h>

#include "pgwraith/control/metrics.h"

namespace pgwraith::control {

namespace {

std::string content(const char* path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// What stands behind the name in /proc/stat: "btime 1795000000".
double number_after(const std::string& text, const std::string& name) {
    const auto at = text.find(name);
    return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + name.size(), nullptr);
}

}  // namespace

std::string process_metrics_text() {
    const auto stat = content("/proc/self/stat");
    const auto boot = number_after(content("/proc/stat"), "\nbtime ");
    // Behind the program's name, which may hold blanks.
    const auto behind = stat.rfind(')');
    if (behind == std::string::npos || boot == 0) return {};
    std::istringstream fields(stat.substr(behind + 1));
    const std::vector<std::string> field(std::istream_iterator<std::string>(fields), {});
    if (field.size() < 22) return {};
    // proc(5) counts from 1, and two of them came before.
    const auto at = [&](std::size_t number) { return std::strtod(field.at(number - 3).c_str(), nullptr); };
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
    return fmt::format(
        "# HELP process_cpu_seconds_total Processor time of this process.\n"
        "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total {:.2f}\n"
        "# HELP process_start_time_seconds When this process began, as Unix time.\n"
        "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds {:.2f}\n"
        "# HELP process_resident_memory_bytes Memory of this process.\n"
        "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes {:.0f}\n",
        (at(14) + at(15)) / ticks, boot + at(22) / ticks, at(24) * page);
}

}  // namespace pgwraith::control
