// LD_PRELOAD, for a PostgreSQL server: files of tables and indexes cannot grow (ENOSPC) while the file $FULL_DISK_WHILE
// exists. What does not make a file longer works, as on a real disk; so does WAL.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_full(int descriptor, off_t end) {
    const char* while_there = getenv("FULL_DISK_WHILE");
    char link[64];
    char path[4096];
    struct stat file;
    if (while_there == NULL || access(while_there, F_OK) != 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = '\0';
    return strstr(path, "/base/") != NULL && fstat(descriptor, &file) == 0 && end > file.st_size;
}

static void* real(const char* name) { return dlsym(RTLD_NEXT, name); }

#define WRITE(name)                                                                            \
    ssize_t name(int descriptor, const void* data, size_t size, off_t offset) {                \
        if (is_full(descriptor, offset + (off_t)size)) {                                       \
            errno = ENOSPC;                                                                    \
            return -1;                                                                         \
        }                                                                                      \
        return ((ssize_t(*)(int, const void*, size_t, off_t))real(#name))(descriptor, data, size, offset); \
    }
WRITE(pwrite)
WRITE(pwrite64)

#define WRITEV(name)                                                                           \
    ssize_t name(int descriptor, const struct iovec* pieces, int count, off_t offset) {        \
        off_t end = offset;                                                                    \
        for (int i = 0; i < count; ++i) end += (off_t)pieces[i].iov_len;                       \
        if (is_full(descriptor, end)) {                                                        \
            errno = ENOSPC;                                                                    \
            return -1;                                                                         \
        }                                                                                      \
        return ((ssize_t(*)(int, const struct iovec*, int, off_t))real(#name))(descriptor, pieces, count, offset); \
    }
WRITEV(pwritev)
WRITEV(pwritev64)

#define ALLOCATE(name)                                                                         \
    int name(int descriptor, off_t offset, off_t size) {                                       \
        if (is_full(descriptor, offset + size)) return ENOSPC;                                 \
        return ((int (*)(int, off_t, off_t))real(#name))(descriptor, offset, size);            \
    }
ALLOCATE(posix_fallocate)
ALLOCATE(posix_fallocate64)
