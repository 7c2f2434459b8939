#include "socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "pgwraith/base/error.h"
#include "pgwraith/store/store.h"

namespace pgwraith::control {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* what, int error) {
    throw Error(ErrorKind::usage,
                fmt::format("the control socket {} cannot be made: {}: {}", path.string(), what,
                            std::generic_category().message(error)),
                "state_dir must be a directory on a local file system that this user may write to");
}

sockaddr_un address_of(const ShortPath& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    ensure(path.text().size() < sizeof address.sun_path, "a shortened socket path fits an address");
    std::memcpy(address.sun_path, path.text().c_str(), path.text().size() + 1);
    return address;
}

// Who accepts connections there: its pid, 0 when that cannot be told, nullopt when nobody does. Never blocks.
std::optional<pid_t> listener(const sockaddr_un& address, const std::filesystem::path& path) {
    const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (probe.get() < 0) fail(path, "socket", errno);
    if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        ucred peer{};
        socklen_t size = sizeof peer;
        const bool known = ::getsockopt(probe.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
        return known ? peer.pid : 0;
    }
    // EAGAIN: a listener whose queue is full.
    if (errno == EAGAIN) return 0;
    return std::nullopt;
}

void remove_stale(const ShortPath& reachable, const sockaddr_un& address, const std::filesystem::path& path) {
    struct stat found {};
    if (::lstat(reachable.text().c_str(), &found) != 0) return;
    if (!S_ISSOCK(found.st_mode)) {
        throw Error(ErrorKind::usage, fmt::format("{} is in the way: it is not a socket", path.string()),
                    "remove it, or choose another state_dir");
    }
    if (const auto owner = listener(address, path)) {
        auto who = store::Store::owner(path.parent_path());
        if (who.empty()) who = fmt::format("process {}", *owner);
        throw Error(ErrorKind::stopped,
                    fmt::format("another pgwraith runs with this state directory: {} ({} answers)", who, path.string()),
                    "`pgwraith status` shows what it does");
    }
    ::unlink(reachable.text().c_str());
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0) ::close(fd_);
        fd_ = other.release();
    }
    return *this;
}

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

int Descriptor::release() { return std::exchange(fd_, -1); }

ShortPath::ShortPath(const std::filesystem::path& path) : text_(path.string()) {
    if (text_.size() < sizeof(sockaddr_un::sun_path)) return;
    directory_ = Descriptor(::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    // Without the directory the caller's own call fails with ENOENT, as it would for a short path.
    text_ = fmt::format("/proc/self/fd/{}/{}", directory_.get(), path.filename().string());
}

Listener listen_at(const std::filesystem::path& path) {
    // Two processes that start at once must not both find the same stale socket and replace each other's new
    // one: the directory is locked meanwhile.
    const Descriptor directory(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() < 0 || ::flock(directory.get(), LOCK_EX) != 0) fail(path, "its directory", errno);

    const ShortPath reachable(path);
    const sockaddr_un address = address_of(reachable);
    remove_stale(reachable, address, path);

    Listener listener{Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))};
    const int fd = listener.socket.get();
    if (fd < 0) fail(path, "socket", errno);
    // On Linux the file takes its mode from the socket, so there is no moment at which others may connect.
    ::fchmod(fd, 0600);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail(path, "bind", errno);
    if (::chmod(reachable.text().c_str(), 0600) != 0) fail(path, "chmod", errno);
    if (::listen(fd, 16) != 0) fail(path, "listen", errno);
    struct stat made {};
    if (::lstat(reachable.text().c_str(), &made) != 0) fail(path, "stat", errno);
    listener.device = made.st_dev;
    listener.inode = made.st_ino;
    return listener;
}

void remove_if_ours(const std::filesystem::path& path, const Listener& listener) {
    const ShortPath reachable(path);
    struct stat found {};
    if (::lstat(reachable.text().c_str(), &found) != 0) return;
    if (found.st_dev == listener.device && found.st_ino == listener.inode) ::unlink(reachable.text().c_str());
}

}  // namespace pgwraith::control
