/* Accepting: who may come in, and what is said to those who may not. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "memory/alloc.h"
#include "observe/log.h"
#include "process/loop.h"
#include "process/server.h"
#include "wire/connection.h"

enum { UNIX_SEND_BUFFER = 4 * 1024 * 1024 };

/* --- accepting --- */

static bool peer_is_local(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_UNIX)
        return true;
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        return (ntohl(in->sin_addr.s_addr) >> 24) == 127;
    }
    if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
        return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr) && in6->sin6_addr.s6_addr[12] == 127);
    }
    return false;
}

/*
 * There is no congestion on a loopback interface, and one that paces what it sends slows bulk down:
 * 16 MB in and 24 MB out took a minimal server 10.6 ms with bbr and 8.2 with cubic. Small requests
 * do not notice. Reno is always there. Over a network the system's choice stands.
 */
static void calm_loopback(struct connection *connection)
{
    int fd;
    if (uv_fileno(&connection->uv.handle, &fd) == 0)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", sizeof "reno" - 1);
}

static void tune_socket(struct connection *connection, bool is_pipe)
{
    if (is_pipe) {
        int size = UNIX_SEND_BUFFER;
        uv_send_buffer_size(&connection->uv.handle, &size);
        connection->peer_local = true;
        return;
    }
    uv_tcp_nodelay(&connection->uv.tcp, 1);
    struct sockaddr_storage address = {0};
    int size = sizeof address;
    if (uv_tcp_getpeername(&connection->uv.tcp, (struct sockaddr *)&address, &size) == 0)
        connection->peer_local = peer_is_local(&address);
    if (connection->peer_local)
        calm_loopback(connection);
}

static uv_buf_t too_many_connections(void)
{
    static const char text[] = "HTTP/1.1 503 Service Unavailable\r\n"
                               "Content-Type: application/json\r\n"
                               "Content-Length: 60\r\n"
                               "X-Error-Code: overloaded\r\n"
                               "Retry-After: 1\r\n"
                               "Connection: close\r\n\r\n"
                               "{\"error\":\"too many connections (limits.connections); retry\"}";
    return uv_buf_init((char *)(uintptr_t)text, sizeof text - 1);
}

/* One canned answer, as far as the socket takes it at once, and good-bye. */
static void refuse(struct connection *connection, uv_buf_t answer)
{
    uv_try_write(&connection->uv.stream, &answer, 1);
    stats_add(&connection->loop->stats->connections_refused, 1);
    connection->unread_input = true;
    connection_uncount(connection);
    connection_finish(connection);
    if (connection->state != CONNECTION_CLOSED)
        connection_advance(connection);
}

/* From the heap, or the loop's reserve when there is no more. */
static struct connection *connection_memory(struct loop *loop)
{
    struct connection *connection = mem_zalloc(1, sizeof *connection);
    if (connection != NULL || loop->spare == NULL)
        return connection;
    connection = loop->spare;
    loop->spare = NULL;
    memset(connection, 0, sizeof *connection);
    connection->is_spare = true;
    return connection;
}

void connection_free(struct connection *connection, struct loop *loop)
{
    if (connection->is_spare)
        loop->spare = connection;
    else
        mem_free(connection);
}

bool connection_reserve(struct loop *loop)
{
    if (loop->spare == NULL)
        loop->spare = mem_zalloc(1, sizeof *loop->spare);
    return loop->spare != NULL;
}

bool connection_accept(struct loop *loop, uv_stream_t *listener, bool is_pipe)
{
    struct connection *connection = connection_memory(loop);
    if (connection == NULL)
        return false; /* the reserve is in use; its close callback tries again */
    if (!connection_open(connection, loop, is_pipe)) {
        connection_free(connection, loop);
        return false;
    }
    int status = uv_accept(listener, &connection->uv.stream);
    if (status != 0) {
        LOG_EVENT(LEVEL_WARN, "accept_failed", LOG_S("reason", uv_strerror(status)));
        connection_close(connection);
        return true;
    }
    tune_socket(connection, is_pipe);
    if (connection->is_spare) {
        LOG_EVENT(LEVEL_WARN, "accept_failed", LOG_S("reason", "out of memory"));
        refuse(connection, response_out_of_memory());
        return true;
    }
    if (atomic_load_explicit(&server.connections, memory_order_relaxed) >
        server.settings.limits_connections) {
        refuse(connection, too_many_connections());
        return true;
    }
    connection_advance(connection);
    return true;
}
