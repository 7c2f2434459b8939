#include "init.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "pgwraith/base/error.h"

namespace pgwraith::cli {
namespace {

// The kernel spares process 1 every signal that it has no handler for; blocked ones can be waited for.
sigset_t all_signals() {
    sigset_t all;
    ::sigfillset(&all);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGTTIN, SIGTTOU}) {
        ::sigdelset(&all, fault);
    }
    return all;
}

[[noreturn]] void end_as(int status) {
    // The process is gone, and its signal says nothing to whoever started the container.
    std::_Exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

// Orphans become children of process 1.
void reap(pid_t child) {
    int status = 0;
    for (pid_t ended = 0; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        if (ended == child) end_as(status);
    }
}

[[noreturn]] void be_init(pid_t child, const sigset_t& signals) {
    for (;;) {
        siginfo_t info{};
        const int number = ::sigwaitinfo(&signals, &info);
        if (number == SIGCHLD) {
            reap(child);
        } else if (number > 0 && (info.si_code != SI_KERNEL || number == SIGHUP)) {
            // What a terminal's keys send reaches the child without us, because it is in the same process group; that
            // the terminal is gone is told to the session's leader alone.
            ::kill(child, number);
        }
    }
}

}  // namespace

void leave_work_to_child_as_pid_1() {
    if (::getpid() != 1) return;
    const sigset_t signals = all_signals();
    sigset_t before;
    ::sigprocmask(SIG_BLOCK, &signals, &before);
    const pid_t child = ::fork();
    if (child < 0) {
        std::fprintf(stderr, "pgwraith: no second process can be started in this container: %s\n",
                     std::strerror(errno));
        std::_Exit(exit_status(ErrorKind::stopped));
    }
    if (child > 0) be_init(child, signals);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace pgwraith::cli
