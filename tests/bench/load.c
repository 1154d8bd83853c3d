/*
 * Load: one request, over and over, on a number of connections, with or without pipelining; one
 * thread.
 *
 * Closed loop: each connection sends `pipeline` requests in one write, waits for all their answers,
 * and begins again. Latency is that of a whole batch. Every answer must have status 200. Prints one
 * JSON line; the measured time begins after the warm-up.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reply.h"

enum { MAX_CONNECTIONS = 4096, READ_SIZE = 512 * 1024, HISTOGRAM = 64 * 32 };

struct connection {
    int fd;
    size_t sent;      /* bytes of the batch */
    unsigned waiting; /* answers still to come */
    bool blocked;     /* EPOLLOUT is asked for */
    uint64_t begin_ns;
    struct reply reply;
};

static struct {
    const char *unix_path, *host, *file;
    int port;
    unsigned connections, pipeline;
    double seconds, warmup;
} options = {.host = "127.0.0.1",
             .port = 9180,
             .connections = 64,
             .pipeline = 1,
             .seconds = 3,
             .warmup = 0.5};

static char *batch;
static size_t batch_size;
static char read_buffer[READ_SIZE];
static uint64_t answers, failures, bytes_in, histogram[HISTOGRAM];

/* 32 buckets to each power of two: 3 % wide. */
static size_t bucket(uint64_t ns)
{
    if (ns < 32)
        return (size_t)ns;
    unsigned power = 63u - (unsigned)__builtin_clzll(ns);
    return (size_t)(power - 4) * 32 + (size_t)((ns >> (power - 5)) & 31);
}

static double bucket_us(size_t index)
{
    if (index < 32)
        return (double)index / 1e3;
    return (double)((32 + index % 32) << (index / 32 - 1)) / 1e3;
}

static double quantile(double q)
{
    uint64_t total = 0, sum = 0;
    for (size_t i = 0; i < HISTOGRAM; i++)
        total += histogram[i];
    for (size_t i = 0; i < HISTOGRAM; i++) {
        sum += histogram[i];
        if ((double)sum >= q * (double)total)
            return bucket_us(i);
    }
    return 0;
}

static void fail(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void read_request(void)
{
    FILE *file = fopen(options.file, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        fail(options.file);
    long size = ftell(file);
    rewind(file);
    if (size <= 0)
        fail(options.file);
    batch_size = (size_t)size * options.pipeline;
    batch = malloc(batch_size);
    if (!batch || fread(batch, 1, (size_t)size, file) != (size_t)size)
        fail(options.file);
    fclose(file);
    for (unsigned i = 1; i < options.pipeline; i++)
        memcpy(batch + (size_t)size * i, batch, (size_t)size);
}

static void watch(int epoll, struct connection *c, int operation, bool writing)
{
    struct epoll_event event = {.events = EPOLLIN | (writing ? (uint32_t)EPOLLOUT : 0u),
                                .data.ptr = c};
    if (epoll_ctl(epoll, operation, c->fd, &event) != 0)
        fail("epoll_ctl");
    c->blocked = writing;
}

static void send_batch(int epoll, struct connection *c)
{
    while (c->sent < batch_size) {
        ssize_t n = send(c->fd, batch + c->sent, batch_size - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            break;
        if (n < 0)
            fail("send");
        c->sent += (size_t)n;
    }
    if (c->blocked != (c->sent < batch_size))
        watch(epoll, c, EPOLL_CTL_MOD, c->sent < batch_size);
}

static void begin_batch(int epoll, struct connection *c)
{
    c->sent = 0;
    c->waiting = options.pipeline;
    c->begin_ns = reply_clock_ns();
    send_batch(epoll, c);
}

static void receive(int epoll, struct connection *c)
{
    ssize_t n = recv(c->fd, read_buffer, sizeof read_buffer, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0)
        fail("the server closed a connection");
    bytes_in += (uint64_t)n;
    size_t at = 0;
    while (at < (size_t)n) {
        enum reply_event event;
        at += reply_feed(&c->reply, read_buffer + at, (size_t)n - at, &event);
        if (event == REPLY_BAD) {
            fprintf(stderr, "load: an answer without a length, or no answer\n");
            exit(1);
        }
        if (event == REPLY_MORE)
            continue;
        answers++;
        failures += c->reply.status != 200;
        if (--c->waiting == 0) {
            histogram[bucket(reply_clock_ns() - c->begin_ns)]++;
            begin_batch(epoll, c);
        }
    }
}

static void read_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"unix", 1, NULL, 'u'},     {"port", 1, NULL, 'p'},    {"connections", 1, NULL, 'c'},
        {"pipeline", 1, NULL, 'b'}, {"seconds", 1, NULL, 's'}, {"warmup", 1, NULL, 'w'},
        {"request", 1, NULL, 'r'},  {NULL, 0, NULL, 0},
    };
    int which;
    while ((which = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (which) {
        case 'u':
            options.unix_path = optarg;
            break;
        case 'p':
            options.port = atoi(optarg);
            break;
        case 'c':
            options.connections = (unsigned)atoi(optarg);
            break;
        case 'b':
            options.pipeline = (unsigned)atoi(optarg);
            break;
        case 's':
            options.seconds = atof(optarg);
            break;
        case 'w':
            options.warmup = atof(optarg);
            break;
        case 'r':
            options.file = optarg;
            break;
        default:
            exit(2);
        }
    }
    if (!options.file || options.connections < 1 || options.connections > MAX_CONNECTIONS ||
        options.pipeline < 1) {
        fprintf(stderr,
                "usage: test_load --request FILE [--port N | --unix PATH] [--connections N] "
                "[--pipeline N] [--seconds S] [--warmup S]\n");
        exit(2);
    }
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    read_request();
    int epoll = epoll_create1(0);
    struct connection *connections = calloc(options.connections, sizeof *connections);
    if (epoll < 0 || !connections)
        fail("start");
    for (unsigned i = 0; i < options.connections; i++) {
        struct connection *c = &connections[i];
        c->fd = reply_connect(options.unix_path, options.host, options.port);
        if (c->fd < 0)
            fail("connect");
        reply_init(&c->reply);
        watch(epoll, c, EPOLL_CTL_ADD, false);
        begin_batch(epoll, c);
    }

    uint64_t start = reply_clock_ns(), begin = start + (uint64_t)(options.warmup * 1e9);
    uint64_t end = begin + (uint64_t)(options.seconds * 1e9), now = start;
    bool warm = false;
    while (now < end) {
        struct epoll_event events[256];
        int n = epoll_wait(epoll, events, 256, 100);
        if (n < 0 && errno != EINTR)
            fail("epoll_wait");
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            if (events[i].events & EPOLLOUT)
                send_batch(epoll, c);
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
                receive(epoll, c);
        }
        now = reply_clock_ns();
        if (!warm && now >= begin) {
            warm = true;
            begin = now;
            answers = failures = bytes_in = 0;
            memset(histogram, 0, sizeof histogram);
        }
    }
    double seconds = (double)(now - begin) / 1e9;
    printf("{\"requests\": %llu, \"seconds\": %.4f, \"rate\": %.1f, \"failures\": %llu, "
           "\"p50_us\": %.1f, \"p99_us\": %.1f, \"megabytes_in\": %.1f}\n",
           (unsigned long long)answers, seconds, (double)answers / seconds,
           (unsigned long long)failures, quantile(0.5), quantile(0.99), (double)bytes_in / 1e6);
    for (unsigned i = 0; i < options.connections; i++)
        close(connections[i].fd);
    free(connections);
    free(batch);
    return failures > 0;
}
