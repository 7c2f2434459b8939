// The lock of a state directory, and who holds it.
#pragma once

#include <filesystem>
#include <string>

namespace pgwraith::store {

// Holds <state_dir>/owner.json locked (flock) for as long as it lives; the kernel lets go of it when the process
// ends, however it ends. The file says who holds it; its text alone means nothing.
class DirectoryLock {
  public:
    // Throws Error(stopped), naming the holder, when another has it; Error(usage) when the file cannot be made.
    static DirectoryLock acquire(const std::filesystem::path& directory);

    // Who wrote the file, in words; empty when there is none.
    static std::string read(const std::filesystem::path& directory);

    DirectoryLock(DirectoryLock&& other) noexcept;
    DirectoryLock& operator=(DirectoryLock&& other) noexcept;
    ~DirectoryLock();

    // Deletes the file, still locked.
    void remove() const;

  private:
    DirectoryLock(std::filesystem::path file, int descriptor);
    std::filesystem::path file_;
    int descriptor_;
};

}  // namespace pgwraith::store
