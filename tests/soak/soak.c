/*
 * Soak: a mixture of requests, some of them broken, some abandoned half-way, for as long as it is
 * told.
 *
 * One thread, epoll, several connections, each sending batches of pipelined requests and checking
 * that every answer has the status it should. Reports the number of requests so far on stdout twice
 * a second
 * ("at N"), and at the end "done N broken B aborted A overloaded O". soak.py starts the server,
 * watches its memory and judges. Exit 1: an answer that is wrong, with its text on stderr.
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

enum { MAX_BATCH = 32, READ_SIZE = 256 * 1024, BATCH_BYTES = 64 * 1024, MAX_KINDS = 48 };

struct kind {
    const char *name;
    char *data;
    size_t size;
    int status;
    bool closes;  /* the connection ends with the answer */
    bool no_body; /* HEAD */
    unsigned weight;
};

struct connection {
    int fd;
    bool local; /* Unix socket */
    bool blocked;
    char *out; /* the batch: BATCH_BYTES, or one large request that is borrowed */
    const char *sending;
    size_t size, sent;
    const struct kind *expected[MAX_BATCH];
    unsigned n, answered;
    bool aborting;    /* leave as soon as everything is sent, */
    bool abort_later; /* or as soon as the answer begins */
    struct reply reply;
};

static struct kind good[MAX_KINDS], broken[MAX_KINDS];
static unsigned n_good, n_broken, good_weight, broken_weight;
static struct {
    const char *unix_path;
    int port;
    unsigned connections, pipeline;
    double seconds, broken_share, aborted_share;
    uint64_t requests, seed;
} options = {.connections = 16,
             .pipeline = 8,
             .broken_share = 0.05,
             .aborted_share = 0.05,
             .requests = UINT64_MAX,
             .seed = 1};
static uint64_t done, n_broken_sent, n_aborted, n_overloaded, random_state;
static char read_buffer[READ_SIZE];
static int epoll;

static uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static double random_share(void)
{
    return (double)(random_next() >> 11) / 9007199254740992.0;
}

static void fail(const char *what)
{
    fprintf(stderr, "soak: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* --- the kinds of requests
 * ------------------------------------------------------------------------ */

static void *need(void *memory)
{
    if (!memory)
        fail("memory");
    return memory;
}

static void add(bool is_broken, unsigned weight, int status, const char *name, const char *head,
                const void *body, size_t body_size)
{
    struct kind *kind = is_broken ? &broken[n_broken++] : &good[n_good++];
    bool raw = strstr(head, "\r\n\r\n") != NULL; /* a whole head, as it stands */
    kind->data = need(malloc(strlen(head) + body_size + 128));
    int n = raw ? sprintf(kind->data, "%s", head)
                : sprintf(kind->data, "%s\r\nHost: soak\r\nContent-Length: %zu\r\n\r\n", head,
                          body_size);
    if (body_size)
        memcpy(kind->data + n, body, body_size);
    kind->size = (size_t)n + body_size;
    kind->name = name;
    kind->status = status;
    kind->closes = is_broken && raw;
    kind->no_body = strncmp(head, "HEAD ", 5) == 0;
    kind->weight = weight;
    *(is_broken ? &broken_weight : &good_weight) += weight;
}

static void add_text(bool is_broken, unsigned weight, int status, const char *name,
                     const char *head, const char *body)
{
    add(is_broken, weight, status, name, head, body, strlen(body));
}

static void add_columns(unsigned weight, const char *name, const char *head, size_t points)
{
    char *body = need(malloc(points * 48 + 64));
    size_t n = (size_t)sprintf(body, "{\"ra\":[");
    for (size_t i = 0; i < points; i++)
        n += (size_t)sprintf(body + n, "%s%.10f", i ? "," : "", (double)(i % 3600) / 10.0 + 1e-7);
    n += (size_t)sprintf(body + n, "],\"dec\":[");
    for (size_t i = 0; i < points; i++)
        n +=
            (size_t)sprintf(body + n, "%s%.10f", i ? "," : "", (double)(i % 1800) / 10.0 - 89.9999);
    n += (size_t)sprintf(body + n, "]}");
    add(false, weight, 200, name, head, body, n);
    free(body);
}

static void add_binary(bool is_broken, unsigned weight, const char *name, size_t points, size_t lie)
{
    char json[512], head[256];
    int n = sprintf(
        json,
        "{\"inputs\":[{\"name\":\"ra\",\"datatype\":\"FP64\",\"shape\":[%zu],\"parameters\":"
        "{\"binary_data_size\":%zu}},{\"name\":\"dec\",\"datatype\":\"FP64\",\"shape\":[%zu],"
        "\"parameters\":{\"binary_data_size\":%zu}}],\"parameters\":{\"binary_data_output\":true}}",
        points, points * 8, points, points * 8 + lie);
    sprintf(
        head,
        "POST /v2/models/icrs_to_galactic/infer HTTP/1.1\r\nInference-Header-Content-Length: %d",
        n);
    char *body = need(calloc(1, (size_t)n + points * 16));
    memcpy(body, json, (size_t)n);
    add(is_broken, weight, is_broken ? 400 : 200, name, head, body, (size_t)n + points * 16);
    free(body);
}

#define CONVERT(name) "POST /v1/convert/" name " HTTP/1.1"
#define INFER         "POST /v2/models/radec_to_xyz/infer HTTP/1.1"
#define JSON_INFER                                                                                 \
    "{\"id\":\"s\",\"inputs\":[{\"name\":\"ra\",\"shape\":[2],\"datatype\":\"FP64\",\"data\":[1,"  \
    "2]},"                                                                                         \
    "{\"name\":\"dec\",\"shape\":[2],\"datatype\":\"FP32\",\"data\":[3,4]}]}"

static void make_kinds(void)
{
    static char long_header[20000];

    add_text(false, 300, 200, "scalar", CONVERT("radec_to_xyz"), "{\"ra\":10.68,\"dec\":41.27}");
    add_text(false, 60, 200, "query", CONVERT("icrs_to_fk5?equinox=J2010.5"),
             "{\"ra\":[1,2],\"dec\":3}");
    add_text(false, 60, 200, "inverse", CONVERT("xyz_to_radec"),
             "{\"x\":1,\"y\":[2,3],\"z\":null}");
    add_text(false, 100, 200, "infer", INFER, JSON_INFER);
    add_columns(60, "100 points", CONVERT("icrs_to_galactic"), 100);
    add_columns(10, "packed answer", CONVERT("icrs_to_galactic") "\r\nAccept-Encoding: gzip", 200);
    add_columns(1, "20000 points", CONVERT("icrs_to_ecliptic"), 20000);
    add_binary(false, 60, "binary 500", 500, 0);
    add_binary(false, 1, "binary 50000", 50000, 0);
    add_text(false, 30, 200, "live", "GET /v2/health/live HTTP/1.1", "");
    add_text(false, 10, 200, "head", "HEAD /v2/health/ready HTTP/1.1", "");
    add_text(false, 5, 200, "metrics", "GET /metrics HTTP/1.1", "");
    add_text(false, 5, 200, "ledger", "GET /v1/debug/memory HTTP/1.1", "");
    add_text(false, 5, 200, "conversions", "GET /v1/conversions HTTP/1.1", "");
    add_text(false, 5, 200, "metadata", "GET /v2/models/separation HTTP/1.1", "");
    add_text(false, 5, 200, "statistics", "GET /v2/models/stats HTTP/1.1", "");
    add_text(false, 5, 200, "index", "POST /v2/repository/index HTTP/1.1", "");
    add_text(false, 2, 200, "openapi", "GET /openapi.json HTTP/1.1", "");
    add_text(false, 5, 200, "console", "GET / HTTP/1.1", "");

    add_text(true, 30, 400, "no JSON", CONVERT("radec_to_xyz"), "{\"ra\":10.68,\"dec\":41.27");
    add_text(true, 30, 400, "out of range", CONVERT("radec_to_xyz"),
             "{\"ra\":[1,2],\"dec\":[3,95]}");
    add_text(true, 10, 400, "unknown key", CONVERT("radec_to_xyz"), "{\"ra\":1,\"dek\":2}");
    add_text(true, 10, 400, "ragged", CONVERT("radec_to_xyz"), "{\"ra\":[[1,2],[3]],\"dec\":2}");
    add_text(true, 10, 404, "unknown conversion", CONVERT("radec_to_yxz"), "{\"ra\":1,\"dec\":2}");
    add_text(true, 10, 404, "unknown path", "GET /nowhere HTTP/1.1", "");
    add_text(true, 10, 405, "method", "PUT /v2 HTTP/1.1", "");
    add_text(true, 10, 415, "encoding", CONVERT("radec_to_xyz") "\r\nContent-Encoding: br", "xxx");
    add_text(true, 10, 400, "bad gzip", CONVERT("radec_to_xyz") "\r\nContent-Encoding: gzip",
             "xxx");
    add_text(true, 10, 400, "bad shape", INFER, "{\"inputs\":[{\"name\":\"ra\",\"shape\":[-1]}]}");
    add_binary(true, 10, "binary lie", 500, 8);
    add_text(true, 5, 400, "garbage", "nonsense\r\n\r\n", "");
    add_text(
        true, 5, 400, "two framings",
        "POST /v2 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "0\r\n\r\n");
    memset(long_header, 'a', sizeof long_header - 1);
    memcpy(long_header, "GET / HTTP/1.1\r\nX: ", 19);
    memcpy(long_header + sizeof long_header - 5, "\r\n\r\n", 4);
    add_text(true, 2, 431, "long header", long_header, "");
}

static const struct kind *pick(const struct kind *kinds, unsigned total)
{
    unsigned at = (unsigned)(random_next() % total);
    while (at >= kinds->weight)
        at -= kinds++->weight;
    return kinds;
}

/* --- connections
 * ---------------------------------------------------------------------------------- */

static void watch(struct connection *c, int operation, bool writing)
{
    struct epoll_event event = {.events = EPOLLIN | (writing ? (uint32_t)EPOLLOUT : 0u),
                                .data.ptr = c};
    if (epoll_ctl(epoll, operation, c->fd, &event) != 0)
        fail("epoll_ctl");
    c->blocked = writing;
}

static void open_connection(struct connection *c)
{
    c->fd = reply_connect(c->local ? options.unix_path : NULL, "127.0.0.1", options.port);
    if (c->fd < 0)
        fail("connect");
    reply_init(&c->reply);
    watch(c, EPOLL_CTL_ADD, false);
}

/* Without lingering: the ports are free again at once. */
static void drop_connection(struct connection *c)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    if (!c->local)
        (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(c->fd);
    open_connection(c);
}

static void plan_abort(struct connection *c)
{
    const struct kind *kind = pick(good, good_weight);
    c->n = 1;
    c->expected[0] = kind;
    c->sending = kind->data;
    c->size = random_next() % 2 ? kind->size : 1 + random_next() % kind->size;
    c->abort_later = c->size == kind->size && random_next() % 2;
    c->aborting = !c->abort_later;
    n_aborted++;
    done++;
}

static void plan_batch(struct connection *c)
{
    c->sent = 0;
    c->answered = c->n = 0;
    c->aborting = c->abort_later = false;
    /* An abandoned request goes alone, the others in batches: the share is one of requests. */
    double mean = (1 + options.pipeline) / 2.0, weight = options.aborted_share * mean;
    if (random_share() < weight / (1 - options.aborted_share + weight)) {
        plan_abort(c);
        return;
    }
    unsigned want = 1 + (unsigned)(random_next() % options.pipeline);
    c->sending = c->out;
    c->size = 0;
    while (c->n < want) {
        bool bad = random_share() < options.broken_share;
        const struct kind *kind = bad ? pick(broken, broken_weight) : pick(good, good_weight);
        if (c->size + kind->size > BATCH_BYTES) {
            if (c->n > 0)
                break;
            c->sending = kind->data; /* too large to be copied: alone */
            want = 1;
        } else {
            memcpy(c->out + c->size, kind->data, kind->size);
        }
        c->size += kind->size;
        c->expected[c->n++] = kind;
        n_broken_sent += bad;
        if (kind->closes)
            break;
    }
}

/* False: the connection has been replaced. */
static bool send_batch(struct connection *c)
{
    while (c->sent < c->size) {
        ssize_t n = send(c->fd, c->sending + c->sent, c->size - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            break;
        if (n < 0)
            break; /* refused before its end; the answer tells */
        c->sent += (size_t)n;
    }
    if (c->aborting && c->sent == c->size) {
        drop_connection(c);
        return false;
    }
    if (c->blocked != (c->sent < c->size))
        watch(c, EPOLL_CTL_MOD, c->sent < c->size);
    return true;
}

static void next_batch(struct connection *c)
{
    do {
        plan_batch(c);
        c->reply.no_body = c->expected[0]->no_body;
    } while (!send_batch(c));
}

static void check(struct connection *c)
{
    const struct kind *kind = c->expected[c->answered];
    if (c->reply.status == 503)
        n_overloaded++;
    else if (c->reply.status != kind->status) {
        fprintf(stderr, "soak: %s: status %d instead of %d\n", kind->name, c->reply.status,
                kind->status);
        exit(1);
    }
    done++;
    c->answered++;
    if (c->reply.closes != kind->closes && c->reply.status != 503) {
        fprintf(stderr, "soak: %s: Connection: close %s\n", kind->name,
                kind->closes ? "is missing" : "where the framing was intact");
        exit(1);
    }
}

static void receive(struct connection *c)
{
    ssize_t n = recv(c->fd, read_buffer, sizeof read_buffer, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (c->abort_later) {
        drop_connection(c);
        next_batch(c);
        return;
    }
    if (n <= 0) {
        fprintf(stderr,
                "soak: the connection ended while `%s`, %u of %u, waited for its answer: %s\n",
                c->expected[c->answered]->name, c->answered + 1, c->n,
                n < 0 ? strerror(errno) : "end of stream");
        exit(1);
    }
    size_t at = 0;
    while (at < (size_t)n) {
        enum reply_event event;
        at += reply_feed(&c->reply, read_buffer + at, (size_t)n - at, &event);
        if (event == REPLY_BAD || (event == REPLY_END && c->answered == c->n)) {
            fprintf(stderr, "soak: no answer, or one too many, after `%s`\n",
                    c->expected[c->n - 1]->name);
            exit(1);
        }
        if (event == REPLY_MORE)
            continue;
        check(c);
        if (c->answered < c->n) {
            c->reply.no_body = c->expected[c->answered]->no_body;
            continue;
        }
        if (at != (size_t)n) {
            fprintf(stderr, "soak: more than the answer to `%s`\n", c->expected[c->n - 1]->name);
            exit(1);
        }
        if (c->reply.closes)
            drop_connection(c);
        next_batch(c);
    }
}

static void read_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"unix", 1, NULL, 'u'},     {"port", 1, NULL, 'p'},    {"connections", 1, NULL, 'c'},
        {"pipeline", 1, NULL, 'b'}, {"seconds", 1, NULL, 's'}, {"requests", 1, NULL, 'r'},
        {"broken", 1, NULL, 'x'},   {"aborted", 1, NULL, 'a'}, {"seed", 1, NULL, 'd'},
        {NULL, 0, NULL, 0},
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
        case 'r':
            options.requests = strtoull(optarg, NULL, 10);
            break;
        case 'x':
            options.broken_share = atof(optarg);
            break;
        case 'a':
            options.aborted_share = atof(optarg);
            break;
        case 'd':
            options.seed = strtoull(optarg, NULL, 10);
            break;
        default:
            exit(2);
        }
    }
    if (options.port <= 0 || options.connections < 1 || options.pipeline < 1 ||
        options.pipeline > MAX_BATCH) {
        fprintf(
            stderr,
            "usage: test_soak --port N [--unix PATH] [--requests N] [--seconds S] "
            "[--connections N] [--pipeline 1..32] [--broken SHARE] [--aborted SHARE] [--seed N]\n");
        exit(2);
    }
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    random_state = options.seed * 0x9e3779b97f4a7c15u | 1;
    make_kinds();
    epoll = epoll_create1(0);
    struct connection *connections = need(calloc(options.connections, sizeof *connections));
    for (unsigned i = 0; i < options.connections; i++) {
        connections[i].local = options.unix_path && i % 2;
        connections[i].out = need(malloc(BATCH_BYTES));
        open_connection(&connections[i]);
        next_batch(&connections[i]);
    }
    uint64_t start = reply_clock_ns(), said = start, now = start;
    while (done < options.requests &&
           (options.seconds <= 0 || (double)(now - start) < options.seconds * 1e9)) {
        struct epoll_event events[64];
        int n = epoll_wait(epoll, events, 64, 30000);
        if (n == 0) {
            errno = ETIMEDOUT;
            fail("no answer in 30 s");
        }
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            if ((events[i].events & EPOLLOUT) && !send_batch(c)) {
                next_batch(c);
                continue;
            }
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
                receive(c);
        }
        now = reply_clock_ns();
        if (now - said >= 500000000u) {
            said = now;
            printf("at %llu\n", (unsigned long long)done);
            fflush(stdout);
        }
    }
    printf("done %llu broken %llu aborted %llu overloaded %llu seconds %.2f\n",
           (unsigned long long)done, (unsigned long long)n_broken_sent,
           (unsigned long long)n_aborted, (unsigned long long)n_overloaded,
           (double)(now - start) / 1e9);
    for (unsigned i = 0; i < options.connections; i++) {
        close(connections[i].fd);
        free(connections[i].out);
    }
    free(connections);
    for (unsigned i = 0; i < n_good; i++)
        free(good[i].data);
    for (unsigned i = 0; i < n_broken; i++)
        free(broken[i].data);
    close(epoll);
    return 0;
}
