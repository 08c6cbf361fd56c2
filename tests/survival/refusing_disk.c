// A disk that refuses. Preloaded (LD_PRELOAD), it numbers every call that changes what lies below a folder, and
// refuses one of them, or that one and all that follow:
//
//   watch("/below/here", 17, ENOSPC, 0, "/a/log")     refuse call 17; 0: none, only write the log
//
// The log has a line per call: KIND PATH. A write that is refused has put the first half of its bytes on the disk, and
// a close that is refused has closed, as Linux does it.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char below[PATH_MAX];
static long refused_call;
static int refused_with, and_all_after, log_descriptor = -1;
static atomic_long num_calls;

void watch(const char* folder, long call, int error, int all_after, const char* log) {
  strncpy(below, folder, sizeof below - 1);
  refused_call = call;
  refused_with = error;
  and_all_after = all_after;
  log_descriptor = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static int is_below(const char* path) {
  size_t length = strlen(below);
  return length && strncmp(path, below, length) == 0 && (path[length] == '/' || path[length] == 0);
}

// Counts a call on a path that is below the folder; whether it is to be refused.
static int is_refused(const char* kind, const char* path) {
  if (!is_below(path)) return 0;
  long number = 1 + atomic_fetch_add(&num_calls, 1);
  char line[PATH_MAX + 32];
  int length = snprintf(line, sizeof line, "%s %s\n", kind, path);
  if (log_descriptor >= 0 && syscall(SYS_write, log_descriptor, line, length) < 0) return 0;
  if (!refused_call || number < refused_call || (number > refused_call && !and_all_after)) return 0;
  errno = refused_with;
  return 1;
}

static void path_of(int descriptor, char* path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  path[length < 0 ? 0 : length] = 0;
}

// The absolute path that `name` has, seen from the folder behind a descriptor.
static void resolve(int folder, const char* name, char* path) {
  path[0] = 0;
  if (name[0] == '/') {
    snprintf(path, PATH_MAX, "%s", name);
    return;
  }
  char start[PATH_MAX];
  if (folder != AT_FDCWD) {
    path_of(folder, start);
  } else if (!getcwd(start, sizeof start)) {
    return;
  }
  if (snprintf(path, PATH_MAX, "%s/%s", start, name) >= PATH_MAX) path[0] = 0;
}

static int name_is_refused(const char* kind, int folder, const char* name) {
  if (!below[0]) return 0;
  char path[PATH_MAX];
  resolve(folder, name, path);
  return is_refused(kind, path);
}

static int file_is_refused(const char* kind, int descriptor) {
  if (!below[0]) return 0;
  char path[PATH_MAX];
  path_of(descriptor, path);
  return is_refused(kind, path);
}

#define NEXT(function) ((__typeof__(&function))dlsym(RTLD_NEXT, #function))

// Opening

static int is_for_writing(int flags) { return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)); }

static mode_t mode_of(int flags, va_list rest) {
  return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(rest, mode_t) : 0;
}

#define OPEN(function)                                                                     \
  int function(const char* name, int flags, ...) {                                         \
    va_list rest;                                                                          \
    va_start(rest, flags);                                                                 \
    mode_t mode = mode_of(flags, rest);                                                    \
    va_end(rest);                                                                          \
    if (is_for_writing(flags) && name_is_refused("open", AT_FDCWD, name)) return -1;       \
    return NEXT(function)(name, flags, mode);                                              \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(function)                                                             \
  int function(int folder, const char* name, int flags, ...) {                       \
    va_list rest;                                                                    \
    va_start(rest, flags);                                                           \
    mode_t mode = mode_of(flags, rest);                                              \
    va_end(rest);                                                                    \
    if (is_for_writing(flags) && name_is_refused("open", folder, name)) return -1;   \
    return NEXT(function)(folder, name, flags, mode);                                \
  }
OPENAT(openat)
OPENAT(openat64)

#define CREAT(function)                                                \
  int function(const char* name, mode_t mode) {                        \
    if (name_is_refused("open", AT_FDCWD, name)) return -1;            \
    return NEXT(function)(name, mode);                                 \
  }
CREAT(creat)
CREAT(creat64)

#define FOPEN(function)                                                                        \
  FILE* function(const char* name, const char* mode) {                                         \
    if (strpbrk(mode, "wa+") && name_is_refused("open", AT_FDCWD, name)) return NULL;          \
    return NEXT(function)(name, mode);                                                         \
  }
FOPEN(fopen)
FOPEN(fopen64)

// Writing

ssize_t write(int file, const void* data, size_t size) {
  if (!file_is_refused("write", file)) return NEXT(write)(file, data, size);
  int error = errno;
  if (NEXT(write)(file, data, size / 2) >= 0) errno = error;
  return -1;
}

#define PWRITE(function, offset_t)                                              \
  ssize_t function(int file, const void* data, size_t size, offset_t offset) {  \
    if (file_is_refused("write", file)) return -1;                              \
    return NEXT(function)(file, data, size, offset);                            \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t writev(int file, const struct iovec* data, int count) {
  return file_is_refused("write", file) ? -1 : NEXT(writev)(file, data, count);
}

#define PWRITEV(function, offset_t)                                                   \
  ssize_t function(int file, const struct iovec* data, int count, offset_t offset) {  \
    return file_is_refused("write", file) ? -1 : NEXT(function)(file, data, count, offset); \
  }
PWRITEV(pwritev, off_t)
PWRITEV(pwritev64, off64_t)

#define SENDFILE(function, offset_t)                                                 \
  ssize_t function(int file, int source, offset_t* offset, size_t size) {            \
    return file_is_refused("write", file) ? -1 : NEXT(function)(file, source, offset, size); \
  }
SENDFILE(sendfile, off_t)
SENDFILE(sendfile64, off64_t)

ssize_t copy_file_range(int source, off64_t* from, int file, off64_t* to, size_t size, unsigned flags) {
  return file_is_refused("write", file) ? -1 : NEXT(copy_file_range)(source, from, file, to, size, flags);
}

#define TRUNCATE(function, offset_t)                                                   \
  int function(int file, offset_t size) {                                              \
    return file_is_refused("write", file) ? -1 : NEXT(function)(file, size);           \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

int fsync(int file) { return file_is_refused("sync", file) ? -1 : NEXT(fsync)(file); }
int fdatasync(int file) { return file_is_refused("sync", file) ? -1 : NEXT(fdatasync)(file); }

int close(int file) {
  int flags = below[0] ? fcntl(file, F_GETFL) : -1;
  int refused = flags >= 0 && is_for_writing(flags) && file_is_refused("close", file);
  int error = errno, ended = NEXT(close)(file);
  if (!refused) return ended;
  errno = error;
  return -1;
}

// Names

int rename(const char* from, const char* to) {
  return name_is_refused("rename", AT_FDCWD, to) ? -1 : NEXT(rename)(from, to);
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) {
  return name_is_refused("rename", to_folder, to) ? -1 : NEXT(renameat)(from_folder, from, to_folder, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  return name_is_refused("rename", to_folder, to) ? -1 : NEXT(renameat2)(from_folder, from, to_folder, to, flags);
}

int mkdir(const char* name, mode_t mode) { return name_is_refused("mkdir", AT_FDCWD, name) ? -1 : NEXT(mkdir)(name, mode); }

int mkdirat(int folder, const char* name, mode_t mode) {
  return name_is_refused("mkdir", folder, name) ? -1 : NEXT(mkdirat)(folder, name, mode);
}

int unlink(const char* name) { return name_is_refused("unlink", AT_FDCWD, name) ? -1 : NEXT(unlink)(name); }

int unlinkat(int folder, const char* name, int flags) {
  return name_is_refused("unlink", folder, name) ? -1 : NEXT(unlinkat)(folder, name, flags);
}

int rmdir(const char* name) { return name_is_refused("unlink", AT_FDCWD, name) ? -1 : NEXT(rmdir)(name); }
