/*
 * Reply: finds the ends of HTTP/1.1 answers in a stream, fast enough not to be what is measured.
 *
 * Purpose    For load clients: status, length and `Connection: close` of each answer; bodies are
 * passed over. Answers must have a Content-Length; anything else is REPLY_BAD. Ownership  A struct
 * reply owns nothing and needs no release.
 */
#ifndef TEST_REPLY_H
#define TEST_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REPLY_HEAD_MAX = 16 * 1024 };

enum reply_event { REPLY_MORE, REPLY_END, REPLY_BAD };

struct reply {
    bool no_body;       /* set by the caller before the answer to a HEAD request */
    int status;         /* of the answer that has just ended */
    bool closes;        /* it says Connection: close */
    uint64_t body_left; /* bytes of the body still to come */
    bool in_body;
    size_t kept; /* bytes of an incomplete head in `head` */
    char head[REPLY_HEAD_MAX];
};

void reply_init(struct reply *reply);
/* Takes bytes up to the end of one answer at the most; returns how many. */
size_t reply_feed(struct reply *reply, const char *data, size_t size, enum reply_event *ret_event);

/*
 * A connected, non-blocking stream socket, or -1 with errno. unix_path NULL: TCP to host (numeric)
 * and port.
 */
int reply_connect(const char *unix_path, const char *host, int port);
uint64_t reply_clock_ns(void);

#endif
