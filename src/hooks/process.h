// One command: started, its output read, ended at its limit.
//
// posix_spawn() and not fork(): glibc starts the child in the parent's memory and stops the parent until exec(), so no
// page tables are copied, and nothing runs in the child that could wait for a lock of one of our threads.
// Boost.Process 1.81 forks, and would compile into every user. The end is seen by a pidfd, which Asio waits for like
// for any descriptor; where the kernel has none, the process is asked for every 50 ms.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "outcome.h"
#include "pgwraith/base/async.h"

namespace pgwraith::hooks {

struct Started {
    std::vector<std::string> arguments;
    std::vector<std::string> environment;
    std::filesystem::path directory;
    milliseconds limit{0};
    std::function<void(const char* stream, const std::string& line)> line;  // "stdout", "stderr"
};

// Asked to end early.
struct Interruption {
    explicit Interruption(asio::any_io_executor executor) : changed(std::move(executor)) {}
    bool wanted = false;
    Event changed;
};

// Runs it to its end. What is left of its process group then is killed. Throws Error when it cannot be started.
Task<Outcome> run_process(Started started, std::shared_ptr<Interruption> interruption);

}  // namespace pgwraith::hooks
