/*
 * Addresses to listen on: ADDR:PORT, [V6]:PORT, unix:PATH. Sockets are made before any thread
 * starts, so that mistakes end the start and port 0 is known when it is printed.
 */
#ifndef ASTRO_WIRE_ADDRESS_H
#define ASTRO_WIRE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct address {
    bool is_unix;
    bool loopback;  /* reachable from this machine only; Unix sockets too */
    bool shared;    /* another process listens there already, and lets us */
    bool activated; /* handed to us by the service manager: never unlinked */
    struct sockaddr_storage socket;
    socklen_t socket_size;
    bool has_file;  /* of a Unix socket: made by us, to be removed by us */
    char path[104]; /* of a Unix socket */
    char text[192]; /* as printed: "http://127.0.0.1:9180", "unix:/run/astrolabe.sock" */
};

/* False: *ret_error (static or within `error`) says what is wrong and what would be right. */
bool address_parse(const char *text, struct address *ret, char *error, size_t error_size);

/*
 * Bound sockets, one per loop for TCP (SO_REUSEPORT), duplicates of one for Unix sockets; not yet
 * listening. On success address->text holds the real port. The caller owns fds[0..n).
 */
bool address_bind(struct address *address, int *fds, size_t n, char *error, size_t error_size);

/* Sockets from the service manager (LISTEN_PID, LISTEN_FDS): how many; they begin at descriptor 3.
 */
size_t address_activated_count(void);
bool address_activated(size_t index, struct address *ret, int *fds, size_t n, char *error,
                       size_t error_size);

/* Removes a Unix socket's file, if it is ours; a second time does nothing. While the socket listens no
 * other server takes the path, so this comes before it is closed. */
void address_forget(struct address *address);

#endif
