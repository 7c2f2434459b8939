// The Unix socket as a file: binding it safely, and reaching it under a path of any length.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace pgwraith::control {

// A file descriptor that closes itself.
class Descriptor {
  public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();

    int get() const { return fd_; }
    int release();

  private:
    int fd_;
};

// An address holds 107 bytes of path. A longer one is reached through its open directory, under
// /proc/self/fd: valid while this object lives.
class ShortPath {
  public:
    explicit ShortPath(const std::filesystem::path& path);
    const std::string& text() const { return text_; }

  private:
    Descriptor directory_;
    std::string text_;
};

struct Listener {
    Descriptor socket;
    // Which file it is: at the end only our own socket is removed.
    dev_t device = 0;
    ino_t inode = 0;
};

// Listens on `path` with mode 0600. Throws Error(stopped) when another process listens there.
Listener listen_at(const std::filesystem::path& path);
void remove_if_ours(const std::filesystem::path& path, const Listener& listener);

}  // namespace pgwraith::control
