#include "wire/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ACTIVATED_FIRST = 3, ACTIVATED_MAX = 64 };

static bool say(char *error, size_t size, const char *text, const char *why)
{
    snprintf(error, size, "%s: %s", text, why);
    return false;
}

static bool parse_port(const char *text, in_port_t *ret)
{
    if (text[0] < '0' || text[0] > '9' || strlen(text) > 5)
        return false;
    char *end;
    long port = strtol(text, &end, 10);
    if (*end != '\0' || port > 65535)
        return false;
    *ret = htons((in_port_t)port);
    return true;
}

/* Fills text and loopback from the socket address, which may have got its port only now. */
static void describe(struct address *address)
{
    char host[INET6_ADDRSTRLEN] = "";
    if (address->socket.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)&address->socket;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        address->loopback = (ntohl(in->sin_addr.s_addr) >> 24) == 127;
        snprintf(address->text, sizeof address->text, "http://%s:%u", host, ntohs(in->sin_port));
    } else if (address->socket.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&address->socket;
        inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
        address->loopback = IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
        snprintf(address->text, sizeof address->text, "http://[%s]:%u", host,
                 ntohs(in6->sin6_port));
    } else {
        address->is_unix = address->loopback = true;
        snprintf(address->text, sizeof address->text, "unix:%s", address->path);
    }
}

static bool parse_unix(const char *text, struct address *address, char *error, size_t error_size)
{
    const char *path = text + strlen("unix:");
    struct sockaddr_un *un = (struct sockaddr_un *)&address->socket;
    if (path[0] == '\0')
        return say(error, error_size, text, "a path must follow unix:");
    if (strlen(path) >= sizeof address->path || strlen(path) >= sizeof un->sun_path)
        return say(error, error_size, text, "the path is longer than 103 bytes");
    memcpy(address->path, path, strlen(path) + 1);
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, path, strlen(path) + 1);
    address->socket_size = sizeof *un;
    describe(address);
    return true;
}

bool address_parse(const char *text, struct address *ret, char *error, size_t error_size)
{
    static const char want[] = "expected ADDR:PORT, [V6]:PORT or unix:PATH, with a numeric address "
                               "such as 127.0.0.1:9180";
    struct address address = {0};
    char host[64];
    if (strncmp(text, "unix:", 5) == 0) {
        if (!parse_unix(text, &address, error, error_size))
            return false;
        *ret = address;
        return true;
    }
    const char *colon = strrchr(text, ':');
    in_port_t port;
    if (colon == NULL || !parse_port(colon + 1, &port) || (size_t)(colon - text) >= sizeof host ||
        colon == text)
        return say(error, error_size, text, want);
    memcpy(host, text, (size_t)(colon - text));
    host[colon - text] = '\0';
    struct sockaddr_in *in = (struct sockaddr_in *)&address.socket;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address.socket;
    size_t length = strlen(host);
    if (strcmp(host, "localhost") == 0)
        memcpy(host, "127.0.0.1", sizeof "127.0.0.1");
    if (host[0] == '[' && host[length - 1] == ']') {
        host[length - 1] = '\0';
        if (inet_pton(AF_INET6, host + 1, &in6->sin6_addr) != 1)
            return say(error, error_size, text, want);
        in6->sin6_family = AF_INET6;
        in6->sin6_port = port;
        address.socket_size = sizeof *in6;
    } else {
        if (inet_pton(AF_INET, host, &in->sin_addr) != 1)
            return say(error, error_size, text, want);
        in->sin_family = AF_INET;
        in->sin_port = port;
        address.socket_size = sizeof *in;
    }
    describe(&address);
    *ret = address;
    return true;
}

/* --- binding --- */

static int new_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* SO_REUSEPORT lets two servers overlap during a restart, and lets one be started twice by mistake:
 * a bind without it tells whether somebody is there. */
static bool is_taken(const struct address *address)
{
    int fd = new_socket(address->socket.ss_family);
    int on = 1;
    if (fd < 0)
        return false;
    if (address->socket.ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bool taken = bind(fd, (const struct sockaddr *)&address->socket, address->socket_size) != 0 &&
                 errno == EADDRINUSE;
    close(fd);
    return taken;
}

static int bind_tcp(struct address *address)
{
    int fd = new_socket(address->socket.ss_family);
    int on = 1;
    if (fd < 0)
        return -1;
    if (address->socket.ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    socklen_t size = sizeof address->socket;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&address->socket, address->socket_size) != 0 ||
        getsockname(fd, (struct sockaddr *)&address->socket, &size) != 0) {
        int reason = errno;
        close(fd);
        errno = reason;
        return -1;
    }
    return fd;
}

/* A socket file whose server is gone refuses connections: it may be replaced. A live one may not.
 */
static bool clear_stale(const struct address *address)
{
    struct stat status;
    if (lstat(address->path, &status) != 0)
        return true;
    if (!S_ISSOCK(status.st_mode)) {
        errno = EEXIST;
        return false;
    }
    int fd = new_socket(AF_UNIX);
    if (fd < 0)
        return false;
    int result = connect(fd, (const struct sockaddr *)&address->socket, address->socket_size);
    int reason = errno;
    close(fd);
    if (result == 0 || reason != ECONNREFUSED) {
        errno = EADDRINUSE;
        return false;
    }
    return unlink(address->path) == 0;
}

static int bind_unix(struct address *address)
{
    if (!clear_stale(address))
        return -1;
    int fd = new_socket(AF_UNIX);
    if (fd < 0)
        return -1;
    if (bind(fd, (struct sockaddr *)&address->socket, address->socket_size) != 0) {
        int reason = errno;
        close(fd);
        errno = reason;
        return -1;
    }
    address->has_file = true;
    return fd;
}

static void close_all(const int *fds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
}

bool address_bind(struct address *address, int *fds, size_t n, char *error, size_t error_size)
{
    address->shared = !address->is_unix && is_taken(address);
    for (size_t i = 0; i < n; i++) {
        if (address->is_unix)
            fds[i] = i == 0 ? bind_unix(address) : fcntl(fds[0], F_DUPFD_CLOEXEC, 3);
        else
            fds[i] = bind_tcp(address);
        if (fds[i] < 0) {
            say(error, error_size, address->text, strerror(errno));
            close_all(fds, i);
            return false;
        }
        describe(address);
    }
    return true;
}

void address_forget(struct address *address)
{
    if (address->has_file)
        unlink(address->path);
    address->has_file = false;
}

/* --- socket activation --- */

size_t address_activated_count(void)
{
    const char *pid = getenv("LISTEN_PID");
    const char *fds = getenv("LISTEN_FDS");
    if (pid == NULL || fds == NULL || strtol(pid, NULL, 10) != (long)getpid())
        return 0;
    long n = strtol(fds, NULL, 10);
    return n > 0 && n <= ACTIVATED_MAX ? (size_t)n : 0;
}

bool address_activated(size_t index, struct address *ret, int *fds, size_t n, char *error,
                       size_t error_size)
{
    struct address address = {.activated = true};
    int given = ACTIVATED_FIRST + (int)index;
    address.socket_size = sizeof address.socket;
    if (getsockname(given, (struct sockaddr *)&address.socket, &address.socket_size) != 0)
        return say(error, error_size, "socket from the service manager", strerror(errno));
    if (address.socket.ss_family == AF_UNIX) {
        const struct sockaddr_un *un = (const struct sockaddr_un *)&address.socket;
        snprintf(address.path, sizeof address.path, "%.100s", un->sun_path);
    }
    describe(&address);
    for (size_t i = 0; i < n; i++) {
        fds[i] = i == 0 ? given : fcntl(given, F_DUPFD_CLOEXEC, 3);
        if (fds[i] < 0) {
            say(error, error_size, address.text, strerror(errno));
            close_all(fds, i);
            return false;
        }
    }
    *ret = address;
    return true;
}
