#include "pgwraith/base/background.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace pgwraith {

namespace {

struct Running {
    std::mutex mutex;
    std::condition_variable ended;
    int count = 0;
};

// Never destroyed: a thread may outlast main().
Running& running() {
    static auto* const one = new Running;
    return *one;
}

}  // namespace

void in_background(std::function<void()> work) {
    auto& all = running();
    {
        const std::lock_guard lock(all.mutex);
        ++all.count;
    }
    std::thread([work = std::move(work), &all]() mutable {
        work();
        work = nullptr;  // what it owned goes before it counts as ended
        const std::lock_guard lock(all.mutex);
        --all.count;
        all.ended.notify_all();
    }).detach();
}

bool finish_background(milliseconds patience) {
    auto& all = running();
    std::unique_lock lock(all.mutex);
    return all.ended.wait_for(lock, patience, [&] { return all.count == 0; });
}

}  // namespace pgwraith
