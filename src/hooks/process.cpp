#include "process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "lines.h"
#include "pgwraith/base/error.h"

namespace pgwraith::hooks {

namespace {

using Descriptor = asio::posix::stream_descriptor;

constexpr auto tuple = asio::as_tuple(asio::use_awaitable);
// Between SIGTERM and SIGKILL.
constexpr milliseconds grace{2'000};
// A process that has left the group may keep the pipes open.
constexpr milliseconds pipes_close_within{300};
constexpr milliseconds asked_every{50};

struct Pipe {
    int read = -1;
    int write = -1;

    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Error(ErrorKind::stopped, std::strerror(errno));
        read = ends[0];
        write = ends[1];
    }
    ~Pipe() {
        if (read >= 0) ::close(read);
        if (write >= 0) ::close(write);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    int take_read() { return std::exchange(read, -1); }
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const auto& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

// A child of ours. It is killed and taken away if this goes first.
class Child {
  public:
    explicit Child(pid_t pid) : pid_(pid) {}
    ~Child() {
        if (pid_ <= 0) return;
        kill(SIGKILL);
        int ignored = 0;
        ::waitpid(pid_, &ignored, 0);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    pid_t pid() const { return pid_; }
    // Its group: it is there as long as nobody has taken its leader away.
    void kill(int number) const { ::kill(-pid_, number); }
    bool has_ended() const {
        siginfo_t info{};
        return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid_;
    }
    // REQUIRES: it has ended, or was sent SIGKILL.
    int take_away() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = 0;
        return status;
    }

  private:
    pid_t pid_;
};

// Throws Error with the reason.
pid_t spawn(const Started& what, const Pipe& out, const Pipe& err) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, out.write, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, err.write, STDERR_FILENO);
    // Asio's and other libraries' descriptors: not all of them close by themselves.
    ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    ::posix_spawn_file_actions_addchdir_np(&actions, what.directory.c_str());
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);  // we ignore SIGPIPE; a command must not
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    pid_t pid = 0;
    const auto arguments = pointers(what.arguments);
    const auto environment = pointers(what.environment);
    const int error =
        ::posix_spawnp(&pid, arguments.front(), &actions, &attributes, arguments.data(), environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (error != 0) {
        throw Error(ErrorKind::stopped, fmt::format("{}: {}", what.arguments.front(), std::strerror(error)));
    }
    return pid;
}

// Its two pipes, until the last process that may write to them has gone.
struct Reading {
    std::shared_ptr<Interruption> interruption;
    int open = 2;
};

Task<void> read_all(Descriptor& pipe, Lines& lines, Reading& reading) {
    std::array<char, 16'384> buffer{};
    for (;;) {
        const auto [error, size] = co_await pipe.async_read_some(asio::buffer(buffer), tuple);
        if (size > 0) lines.add({buffer.data(), size});
        if (error) break;
    }
    lines.end();
    --reading.open;
    reading.interruption->changed.notify_all();
}

Task<void> wait_for_end(const Child& child, std::shared_ptr<Interruption> interruption) {
    Descriptor pidfd(co_await asio::this_coro::executor);
    // (glibc 2.36 declares pidfd_open() for C only.)
    if (const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, child.pid(), 0)); fd >= 0) {
        pidfd.assign(fd);
        co_await pidfd.async_wait(Descriptor::wait_read, tuple);
    }
    while (!child.has_ended()) co_await sleep_for(asked_every);
    interruption->changed.notify_all();
}

// False: `limit` has passed.
Task<bool> comes_within(milliseconds limit, std::function<bool()> condition,
                        std::shared_ptr<Interruption> interruption) {
    const auto until = Clock::now() + limit;
    while (!condition()) {
        const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
        if (left <= milliseconds{0}) co_return false;
        co_await interruption->changed.wait_for(left);
    }
    co_return true;
}

// To its end, or to its limit; then its group is ended. Returns when its output has come, too.
Task<void> see_it_through(Child& child, const Reading& reading, milliseconds limit, Outcome& outcome) {
    const auto& interruption = reading.interruption;
    const auto ended = [&child] { return child.has_ended(); };
    co_await comes_within(
        limit, [&] { return ended() || interruption->wanted; }, interruption);
    const bool by_itself = ended();
    if (!by_itself) {
        outcome.how = interruption->wanted ? Outcome::How::stopped : Outcome::How::too_long;
        outcome.limit = limit;
        child.kill(SIGTERM);
        co_await comes_within(grace, ended, interruption);
    }
    child.kill(SIGKILL);
    const auto how = outcome_of(child.take_away());
    if (by_itself) outcome = how;
    co_await comes_within(
        pipes_close_within, [&] { return reading.open == 0; }, interruption);
}

}  // namespace

Task<Outcome> run_process(Started started, std::shared_ptr<Interruption> interruption) {
    Outcome outcome;
    const auto executor = co_await asio::this_coro::executor;
    std::optional<Child> child;
    Descriptor out(executor);
    Descriptor err(executor);
    {
        Pipe out_pipe;
        Pipe err_pipe;
        child.emplace(spawn(started, out_pipe, err_pipe));
        out.assign(out_pipe.take_read());
        err.assign(err_pipe.take_read());
    }

    Lines out_lines([&](const std::string& line) { started.line("stdout", line); });
    Lines err_lines([&](const std::string& line) { started.line("stderr", line); });
    Reading reading{interruption};
    TaskGroup beside(executor);
    beside.spawn(read_all(out, out_lines, reading));
    beside.spawn(read_all(err, err_lines, reading));
    beside.spawn(wait_for_end(*child, interruption));
    std::exception_ptr failure;
    try {
        co_await see_it_through(*child, reading, started.limit, outcome);
    } catch (...) {
        failure = std::current_exception();
    }
    beside.cancel();
    try {
        co_await beside.join();
    } catch (...) {
        if (!failure && !is_cancellation(std::current_exception())) failure = std::current_exception();
    }
    if (failure) std::rethrow_exception(failure);
    if (const auto more = out_lines.left_out() + err_lines.left_out(); more > 0) {
        started.line("stdout", fmt::format("(… and {} lines more)", format_count(more)));
    }
    outcome.said = err_lines.last().empty() ? out_lines.last() : err_lines.last();
    co_return outcome;
}

}  // namespace pgwraith::hooks
