// Files of ours: on the disk before work goes on, and nobody else's business.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>

namespace pgwraith::store {

// Mode 0600, in place of whatever bore that name. Throws StoreUnavailable.
void write_durably(const std::filesystem::path& file, const std::string& text);
// Throws StoreUnavailable.
void sync_directory(const std::filesystem::path& directory);

// What the file holds; nullopt when there is none, or a symbolic link, or it cannot be read.
std::optional<std::string> read_file(const std::filesystem::path& file);

// Whether this user, and nobody but the superuser beside it, may change it. The superuser takes everything for its own.
bool is_ours(const struct stat& found);

// Takes the rights of others on a directory of ours and on the files in it (not below it) away. Throws Error(stopped)
// when `directory`, or a file in it, is a symbolic link or somebody else's.
void close_to_others(const std::filesystem::path& directory);

}  // namespace pgwraith::store
