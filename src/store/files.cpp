#include "files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "pgwraith/store/store.h"

namespace pgwraith::store {

namespace {

namespace fs = std::filesystem;

constexpr mode_t of_others = 0077;

[[noreturn]] void throw_not_ours(const fs::path& path, const char* what) {
    throw Error(
        ErrorKind::stopped, fmt::format("{} {}.", path.string(), what),
        "It was left as it is. Look who put it there, then remove it, or let state_dir name another directory.");
}

void close_one(const fs::path& path, bool directory) {
    const int descriptor =
        ::open(path.c_str(), (directory ? O_DIRECTORY : O_NONBLOCK) | O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0) {
        if (errno == ENOENT) return;  // RocksDB has just removed it
        if (errno == ELOOP || errno == ENOTDIR) throw_not_ours(path, "is a symbolic link or not what it has to be");
        throw_not_ours(path, "cannot be opened by this user");
    }
    struct stat found {};
    const bool known = ::fstat(descriptor, &found) == 0;
    const bool ours = known && is_ours(found);
    const bool closed = ours && ((found.st_mode & of_others) == 0 || ::fchmod(descriptor, found.st_mode & 0700) == 0);
    ::close(descriptor);
    if (!ours) throw_not_ours(path, "belongs to another user");
    if (!closed) throw_not_ours(path, "can be read by other users, and its mode cannot be changed");
}

}  // namespace

void write_durably(const fs::path& file, const std::string& text) {
    ::unlink(file.c_str());
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    const bool written = descriptor >= 0 &&
                         ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                         ::fsync(descriptor) == 0;
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (!written) throw StoreUnavailable(fmt::format("Cannot write {}: {}.", file.string(), std::strerror(error)));
}

void sync_directory(const fs::path& directory) {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
    const int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (!synced) throw StoreUnavailable(fmt::format("Cannot sync {}: {}.", directory.string(), std::strerror(error)));
}

std::optional<std::string> read_file(const fs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) return std::nullopt;
    std::string text;
    std::array<char, 4096> buffer{};
    ssize_t size = 0;
    while ((size = ::read(descriptor, buffer.data(), buffer.size())) > 0) {
        text.append(buffer.data(), static_cast<std::size_t>(size));
    }
    ::close(descriptor);
    if (size < 0) return std::nullopt;
    return text;
}

bool is_ours(const struct stat& found) { return found.st_uid == ::geteuid() || ::geteuid() == 0; }

void close_to_others(const fs::path& directory) {
    close_one(directory, true);
    std::error_code error;
    for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
        if (!fs::is_directory(at->symlink_status())) close_one(at->path(), false);
    }
}

}  // namespace pgwraith::store
