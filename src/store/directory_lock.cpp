#include "directory_lock.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>
#include <thread>

#include "files.h"
#include "pgwraith/base/error.h"

namespace pgwraith::store {

namespace {

// A process that has been killed, or is just ending, lets go in a moment.
constexpr auto patience = std::chrono::milliseconds{1'000};
constexpr auto pause = std::chrono::milliseconds{20};

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
    return name.data();
}

std::string now_text() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

std::string read_all(int descriptor) {
    std::array<char, 1024> buffer{};
    const ssize_t size = ::pread(descriptor, buffer.data(), buffer.size(), 0);
    return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
}

// The holder writes the file just after it has locked it, so it may also be found empty or of an earlier holder.
std::string describe(const std::string& text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return "another process";
    return fmt::format("process {} on host {} (since {})", json.value("pid", 0), json.value("host", "unknown"),
                       json.value("since", "unknown"));
}

void write_owner(int descriptor) {
    const nlohmann::json json{{"pid", ::getpid()}, {"host", host_name()}, {"since", now_text()}};
    const std::string text = json.dump() + "\n";
    // On a full disk the file stays empty: then a second process is told of "another process", which is true.
    if (::ftruncate(descriptor, 0) != 0) return;
    [[maybe_unused]] const ssize_t written = ::pwrite(descriptor, text.data(), text.size(), 0);
}

// destroy() unlinks the file while it holds the lock: a process that waited for that file has locked a ghost.
bool same_file(int descriptor, const std::filesystem::path& file) {
    struct stat held {};
    struct stat named {};
    return ::fstat(descriptor, &held) == 0 && ::stat(file.c_str(), &named) == 0 && held.st_dev == named.st_dev &&
           held.st_ino == named.st_ino;
}

void require_plain(int descriptor, const std::filesystem::path& file) {
    struct stat found {};
    const bool plain = ::fstat(descriptor, &found) == 0 && S_ISREG(found.st_mode) && is_ours(found);
    if (plain && ((found.st_mode & 0077) == 0 || ::fchmod(descriptor, 0600) == 0)) return;
    throw Error(
        ErrorKind::stopped, fmt::format("{} is not a file of this user that can be closed to others.", file.string()),
        "It was left as it is. Look who put it there, then remove it, or let state_dir name another directory.");
}

}  // namespace

DirectoryLock::DirectoryLock(std::filesystem::path file, int descriptor)
    : file_(std::move(file)), descriptor_(descriptor) {}
DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : file_(std::move(other.file_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
    std::swap(file_, other.file_);
    std::swap(descriptor_, other.descriptor_);
    return *this;
}
DirectoryLock::~DirectoryLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

DirectoryLock DirectoryLock::acquire(const std::filesystem::path& directory) {
    const auto file = directory / "owner.json";
    const auto give_up = std::chrono::steady_clock::now() + patience;
    for (;;) {
        const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
        if (descriptor < 0) {
            throw Error(ErrorKind::usage, fmt::format("Cannot open {}: {}.", file.string(), std::strerror(errno)),
                        "Let state_dir name a directory that this user may write to.");
        }
        DirectoryLock owner(file, descriptor);
        require_plain(descriptor, file);
        if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
            const int error = errno;
            if (error == EWOULDBLOCK && std::chrono::steady_clock::now() < give_up) {
                std::this_thread::sleep_for(pause);
                continue;
            }
            if (error == EWOULDBLOCK) {
                throw Error(ErrorKind::stopped,
                            fmt::format("{} is in use by {}.", directory.string(), describe(read_all(descriptor))),
                            "Wait for that process or stop it; `pgwraith status` shows what it does.");
            }
            throw Error(ErrorKind::stopped, fmt::format("Cannot lock {}: {}.", file.string(), std::strerror(error)),
                        "Put state_dir on a file system that supports flock().");
        }
        if (!same_file(descriptor, file)) continue;
        write_owner(descriptor);
        return owner;
    }
}

std::string DirectoryLock::read(const std::filesystem::path& directory) {
    const auto text = read_file(directory / "owner.json");
    return text ? describe(*text) : "";
}

void DirectoryLock::remove() const { ::unlink(file_.c_str()); }

}  // namespace pgwraith::store
