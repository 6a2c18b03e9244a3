/* Stands between a process and its disk (LD_PRELOAD). In the directory TEST_DISK:
 *
 *   full   while it is there, nothing more can be written below TEST_DISK_OF: ENOSPC
 *   sync   while it is there, nothing there reaches the disk: EIO
 *   log    gets a line for each write to a write-ahead log, for each sync of it that has returned, and for each answer
 *          of HTTP before it is sent: what is told when
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int ordered(const char *order)
{
    char path[PATH_MAX];
    const char *directory = getenv("TEST_DISK");
    if (!directory) return 0;
    snprintf(path, sizeof path, "%s/%s", directory, order);
    return access(path, F_OK) == 0;
}

static void tell(const char *line)
{
    char path[PATH_MAX];
    const char *directory = getenv("TEST_DISK");
    int before = errno, log;
    if (!directory) return;
    snprintf(path, sizeof path, "%s/log", directory);
    /* Not by the functions below. */
    log = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (log >= 0) {
        syscall(SYS_write, log, line, strlen(line));
        syscall(SYS_close, log);
    }
    errno = before;
}

/* What a file is called, if it is below the directory that the test is about. */
static const char *name_of(int file)
{
    static __thread char name[PATH_MAX];
    char link[64];
    const char *of = getenv("TEST_DISK_OF");
    int before = errno;
    ssize_t length;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    length = readlink(link, name, sizeof name - 1);
    errno = before;
    if (length < 0 || !of) return NULL;
    name[length] = 0;
    return strncmp(name, of, strlen(of)) == 0 ? name : NULL;
}

static int is_log(const char *name)
{
    size_t length = strlen(name);
    return length > 4 && strcmp(name + length - 4, "-wal") == 0;
}

/* Whether a write must fail; one to the log is told of. */
static int fails(int file)
{
    const char *name = name_of(file);
    if (!name) return 0;
    if (ordered("full")) {
        errno = ENOSPC;
        return 1;
    }
    if (is_log(name)) tell("write\n");
    return 0;
}

static void told(const void *bytes, size_t length)
{
    char line[] = "answer 000\n";
    if (length < 12 || memcmp(bytes, "HTTP/1.1 ", 9) != 0) return;
    memcpy(line + 7, (const char *)bytes + 9, 3);
    tell(line);
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t at)
{
    return fails(file) ? -1 : NEXT(pwrite)(file, bytes, length, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at)
{
    return fails(file) ? -1 : NEXT(pwrite64)(file, bytes, length, at);
}

ssize_t write(int file, const void *bytes, size_t length)
{
    if (fails(file)) return -1;
    told(bytes, length);
    return NEXT(write)(file, bytes, length);
}

ssize_t writev(int file, const struct iovec *parts, int count)
{
    if (fails(file)) return -1;
    if (count > 0) told(parts[0].iov_base, parts[0].iov_len);
    return NEXT(writev)(file, parts, count);
}

ssize_t send(int socket, const void *bytes, size_t length, int flags)
{
    told(bytes, length);
    return NEXT(send)(socket, bytes, length, flags);
}

ssize_t sendto(int socket, const void *bytes, size_t length, int flags, const struct sockaddr *to, socklen_t size)
{
    told(bytes, length);
    return NEXT(sendto)(socket, bytes, length, flags, to, size);
}

ssize_t sendmsg(int socket, const struct msghdr *message, int flags)
{
    if (message->msg_iovlen > 0) told(message->msg_iov[0].iov_base, message->msg_iov[0].iov_len);
    return NEXT(sendmsg)(socket, message, flags);
}

static int synced(int file, int (*sync)(int))
{
    const char *name = name_of(file);
    int of_log = name && is_log(name), done;
    if (name && ordered("sync")) {
        errno = EIO;
        return -1;
    }
    done = sync(file);
    if (of_log && done == 0) tell("sync\n");
    return done;
}

int fdatasync(int file)
{
    return synced(file, NEXT(fdatasync));
}

int fsync(int file)
{
    return synced(file, NEXT(fsync));
}
