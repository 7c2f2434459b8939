// LD_PRELOAD: fsync() and fdatasync() of files below $FAILING_FSYNC_BELOW fail with EIO while the file
// $FAILING_FSYNC_WHILE exists. As with a real disk, a failure is told once: what the file held beyond its last good
// fsync is lost (read as zeros from then on), and the next fsync succeeds unless the disk still fails.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct synced {
    dev_t device;
    ino_t inode;
    off_t size;
};
static struct synced known[4096];
static size_t known_count;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static struct synced* entry_of(const struct stat* file) {
    for (size_t i = 0; i < known_count; ++i)
        if (known[i].inode == file->st_ino && known[i].device == file->st_dev) return &known[i];
    if (known_count == sizeof known / sizeof *known) abort();
    known[known_count] = (struct synced){file->st_dev, file->st_ino, 0};
    return &known[known_count++];
}

// Whether the file is one of those watched; fills in its path.
static int watched(int descriptor, char* path, size_t room) {
    const char* below = getenv("FAILING_FSYNC_BELOW");
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = readlink(link, path, room - 1);
    if (below == NULL || length <= 0) return 0;
    path[length] = '\0';
    return strncmp(path, below, strlen(below)) == 0;
}

static void lose(const char* path, off_t from, off_t to) {
    static const char zeros[65536];
    const int file = open(path, O_WRONLY | O_CLOEXEC);
    while (file >= 0 && from < to) {
        const size_t piece = (size_t)(to - from) < sizeof zeros ? (size_t)(to - from) : sizeof zeros;
        const ssize_t written = pwrite(file, zeros, piece, from);
        if (written <= 0) abort();
        from += written;
    }
    if (file >= 0) close(file);
}

static int sync_or_fail(int descriptor, const char* name) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    char path[4096];
    struct stat file;
    if (!watched(descriptor, path, sizeof path) || fstat(descriptor, &file) != 0) return real(descriptor);
    const char* while_there = getenv("FAILING_FSYNC_WHILE");
    const int fails = while_there != NULL && access(while_there, F_OK) == 0;
    pthread_mutex_lock(&mutex);
    int result = 0;
    if (S_ISREG(file.st_mode)) {
        struct synced* entry = entry_of(&file);
        if (fails && file.st_size > entry->size) lose(path, entry->size, file.st_size);
        entry->size = file.st_size;  // what was lost counts as written from now on
    }
    if (fails) {
        errno = EIO;
        result = -1;
    }
    pthread_mutex_unlock(&mutex);
    return fails ? result : real(descriptor);
}

int fsync(int descriptor) { return sync_or_fail(descriptor, "fsync"); }
int fdatasync(int descriptor) { return sync_or_fail(descriptor, "fdatasync"); }
