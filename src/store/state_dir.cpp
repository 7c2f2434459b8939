#include "pgwraith/store/state_dir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "files.h"
#include "pgwraith/base/error.h"

namespace pgwraith::store {

namespace {

namespace fs = std::filesystem;

constexpr const char* made_file = "MADE";
constexpr mode_t of_others = 0077;

[[noreturn]] void refuse(const fs::path& directory, const std::string& what, const std::string& hint) {
    throw Error(ErrorKind::usage, fmt::format("state_dir {} {}", directory.string(), what), hint);
}

constexpr const char* other_directory = "Let state_dir name a directory that this user may write to.";

// A name of somebody else's in it: what would the owner say if it were closed to the others?
std::optional<std::string> foreign_entry(const fs::path& directory) {
    constexpr std::array<const char*, 8> ours{"owner.json",    "store",        "store.new", "done.json",
                                              "done.json.new", "control.sock", made_file,   "lost+found"};
    std::error_code error;
    for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
        const auto name = at->path().filename().string();
        if (std::find(ours.begin(), ours.end(), name) == ours.end()) return name;
    }
    return std::nullopt;
}

// The path may be a symbolic link, as the operator wrote it, unless another user could have put it there.
void check_link(const fs::path& directory) {
    struct stat link {};
    if (::lstat(directory.c_str(), &link) != 0 || !S_ISLNK(link.st_mode)) return;
    if (link.st_uid == 0 || link.st_uid == ::geteuid()) return;
    refuse(directory, "is a symbolic link that belongs to another user", other_directory);
}

void check_existing(const fs::path& directory, bool change) {
    check_link(directory);
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) refuse(directory, fmt::format("cannot be used: {}", std::strerror(errno)), other_directory);
    struct stat found {};
    const bool known = ::fstat(descriptor, &found) == 0;
    const mode_t mode = found.st_mode & 07777;
    const bool open_to_others = (mode & of_others) != 0;
    const bool of_superuser = found.st_uid == 0 && ::geteuid() != 0;
    std::optional<std::string> foreign;
    if (known && is_ours(found) && open_to_others) foreign = foreign_entry(directory);
    const bool closable = known && is_ours(found) && open_to_others && !foreign;
    const bool closed = closable && change && ::fchmod(descriptor, 0700) == 0;
    ::close(descriptor);

    if (!known || (!is_ours(found) && !of_superuser)) {
        refuse(directory, "belongs to another user, who could read the migration's state and replace it",
               other_directory);
    }
    if (of_superuser && ::access(directory.c_str(), W_OK | X_OK) != 0) {
        refuse(directory, fmt::format("cannot be written to: {}", std::strerror(errno)), other_directory);
    }
    if (foreign) {
        refuse(
            directory,
            fmt::format("is open to other users (mode {:04o}), and holds files that are not ours ({})", mode, *foreign),
            "Let state_dir name a directory of its own, or take the others' rights away: chmod 700.");
    }
    if (closable && change && !closed) {
        refuse(directory, fmt::format("is open to other users (mode {:04o}), and its mode cannot be changed", mode),
               "Let state_dir name a directory of its own that only this user may enter.");
    }
    if (closed)
        spdlog::warn("{} was open to other users (mode {:04o}): it is closed now (0700)", directory.string(), mode);
}

}  // namespace

void make_state_directory(const fs::path& directory) {
    std::error_code error;
    if (directory.has_parent_path()) fs::create_directories(directory.parent_path(), error);
    if (::mkdir(directory.c_str(), 0700) == 0) {
        // Whatever umask and default ACLs make of it.
        if (::chmod(directory.c_str(), 0700) != 0)
            refuse(directory, "cannot be closed to other users", other_directory);
        const int made = ::open((directory / made_file).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (made >= 0) ::close(made);
        return;
    }
    if (errno != EEXIST) refuse(directory, fmt::format("cannot be made: {}", std::strerror(errno)), other_directory);
    check_existing(directory, true);
}

void check_state_directory(const fs::path& directory) {
    struct stat found {};
    if (::lstat(directory.c_str(), &found) == 0) check_existing(directory, false);
}

void require_removable(const fs::path& directory) {
    if (::access(directory.c_str(), W_OK | X_OK) == 0) return;
    throw Error(
        ErrorKind::stopped,
        fmt::format("state_dir {} cannot be removed by this user: {}", directory.string(), std::strerror(errno)),
        "Nothing was dropped. Abort where the directory can be written to, as the user that the migration ran "
        "as.");
}

void remove_state_directory(const fs::path& directory) {
    struct stat made {};
    if (::lstat((directory / made_file).c_str(), &made) != 0) return;
    std::error_code error;
    for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
        if (at->path().filename() != made_file) return;
    }
    ::unlink((directory / made_file).c_str());
    ::rmdir(directory.c_str());
}

}  // namespace pgwraith::store
