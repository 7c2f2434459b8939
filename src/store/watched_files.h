// The operating system's files for RocksDB, and a record of what failed on them.
#pragma once

#include <rocksdb/env.h>

#include <memory>
#include <mutex>
#include <string>

namespace pgwraith::store {

// The first failure of a write or an fsync, of whatever file, by whichever thread. After it no later success says
// anything: the kernel reports a page that it could not write only once, to one process that asks, and then forgets it.
// Thread contract: everything may be called from several threads.
class DiskFailure {
  public:
    void note(const std::string& what);
    bool happened() const;
    std::string text() const;

  private:
    mutable std::mutex mutex_;
    std::string text_;
};

// Notes what fails in `failure` before RocksDB learns of it. Reading is not watched: that is asked for again.
std::unique_ptr<rocksdb::Env> watched_files(std::shared_ptr<DiskFailure> failure);

}  // namespace pgwraith::store
