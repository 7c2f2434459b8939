#include "watched_files.h"

#include <rocksdb/file_system.h>

namespace pgwraith::store {

namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus noted(DiskFailure& failure, IOStatus status) {
    if (!status.ok() && !status.IsNotSupported()) failure.note(status.ToString());
    return status;
}

class WatchedFile : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    WatchedFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::shared_ptr<DiskFailure> failure)
        : FSWritableFileOwnerWrapper(std::move(file)), failure_(std::move(failure)) {}

    using FSWritableFileOwnerWrapper::Append;
    IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
        return noted(*failure_, FSWritableFileOwnerWrapper::Append(data, options, context));
    }
    IOStatus Flush(const IOOptions& options, IODebugContext* context) override {
        return noted(*failure_, FSWritableFileOwnerWrapper::Flush(options, context));
    }
    IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
        return noted(*failure_, FSWritableFileOwnerWrapper::Sync(options, context));
    }
    IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
        return noted(*failure_, FSWritableFileOwnerWrapper::Fsync(options, context));
    }
    IOStatus RangeSync(std::uint64_t offset, std::uint64_t bytes, const IOOptions& options,
                       IODebugContext* context) override {
        return noted(*failure_, FSWritableFileOwnerWrapper::RangeSync(offset, bytes, options, context));
    }
    IOStatus Close(const IOOptions& options, IODebugContext* context) override {
        return noted(*failure_, FSWritableFileOwnerWrapper::Close(options, context));
    }

  private:
    std::shared_ptr<DiskFailure> failure_;
};

class WatchedDirectory : public rocksdb::FSDirectoryWrapper {
  public:
    WatchedDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, std::shared_ptr<DiskFailure> failure)
        : FSDirectoryWrapper(std::move(directory)), failure_(std::move(failure)) {}

    IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
        return noted(*failure_, FSDirectoryWrapper::Fsync(options, context));
    }
    IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* context,
                                 const rocksdb::DirFsyncOptions& how) override {
        return noted(*failure_, FSDirectoryWrapper::FsyncWithDirOptions(options, context, how));
    }

  private:
    std::shared_ptr<DiskFailure> failure_;
};

class WatchedFileSystem : public rocksdb::FileSystemWrapper {
  public:
    explicit WatchedFileSystem(std::shared_ptr<DiskFailure> failure)
        : FileSystemWrapper(rocksdb::FileSystem::Default()), failure_(std::move(failure)) {}

    const char* Name() const override { return "pgwraith"; }

    IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* context) override {
        return watched(FileSystemWrapper::NewWritableFile(name, options, file, context), file);
    }
    IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                                std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* context) override {
        return watched(FileSystemWrapper::ReopenWritableFile(name, options, file, context), file);
    }
    IOStatus ReuseWritableFile(const std::string& name, const std::string& old, const FileOptions& options,
                               std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* context) override {
        return watched(FileSystemWrapper::ReuseWritableFile(name, old, options, file, context), file);
    }
    IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                          std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext* context) override {
        auto status = FileSystemWrapper::NewDirectory(name, options, directory, context);
        if (status.ok()) *directory = std::make_unique<WatchedDirectory>(std::move(*directory), failure_);
        return status;
    }

  private:
    IOStatus watched(IOStatus status, std::unique_ptr<rocksdb::FSWritableFile>* file) {
        if (status.ok()) *file = std::make_unique<WatchedFile>(std::move(*file), failure_);
        return status;
    }

    std::shared_ptr<DiskFailure> failure_;
};

}  // namespace

void DiskFailure::note(const std::string& what) {
    const std::scoped_lock lock(mutex_);
    if (text_.empty()) text_ = what.empty() ? "unknown" : what;
}

bool DiskFailure::happened() const {
    const std::scoped_lock lock(mutex_);
    return !text_.empty();
}

std::string DiskFailure::text() const {
    const std::scoped_lock lock(mutex_);
    return text_;
}

std::unique_ptr<rocksdb::Env> watched_files(std::shared_ptr<DiskFailure> failure) {
    return rocksdb::NewCompositeEnv(std::make_shared<WatchedFileSystem>(std::move(failure)));
}

}  // namespace pgwraith::store
