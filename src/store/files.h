// Files that must be on the disk before work goes on.
#pragma once

#include <filesystem>
#include <string>

namespace pgwraith::store {

// Both throw StoreUnavailable.
void write_durably(const std::filesystem::path& file, const std::string& text);
void sync_directory(const std::filesystem::path& directory);

}  // namespace pgwraith::store
