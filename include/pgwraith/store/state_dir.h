// The state directory: its owner, its mode, and whether we made it (docs/formats.md).
#pragma once

#include <filesystem>

namespace pgwraith::store {

// Makes the directory with mode 0700, or checks the one that is there: other users' rights on one of ours are taken
// away, as long as nothing but ours lies in it. One of the superuser's (a container's volume) is taken as it is: what
// we put into it is closed. Throws Error(usage) with what to do about any other.
void make_state_directory(const std::filesystem::path& directory);

// What make_state_directory() would say about the directory that is there; changes nothing.
void check_state_directory(const std::filesystem::path& directory);

// Throws Error(stopped) if this user cannot remove what lies in the directory, which is there: a volume that is mounted
// to be read only.
void require_removable(const std::filesystem::path& directory);

// Removes the directory if make_state_directory() made it and nothing is left in it.
void remove_state_directory(const std::filesystem::path& directory);

}  // namespace pgwraith::store
