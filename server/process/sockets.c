#include "process/sockets.h"

#include <stdio.h>
#include <uv.h>

#include "observe/log.h"
#include "process/loop.h"
#include "process/server.h"
#include "wire/address.h"
#include "wire/listener.h"

enum { MAX_LISTENERS = 64 };

static struct address addresses[MAX_LISTENERS];
static size_t n_addresses;

/* A listener that other machines reach must be asked for in so many words. */
static bool check_exposure(const struct address *address)
{
    if (address->loopback || server.settings.auth_tokens != NULL || server.settings.auth_anonymous)
        return true;
    fprintf(
        stderr,
        "astrolabed: %s can be reached from other machines and there are no tokens: anybody could "
        "use it.\nSet auth.tokens (--auth-tokens FILE), or say that this is what you want: "
        "--auth-anonymous true\n",
        address->text);
    return false;
}

bool sockets_parse(void)
{
    char error[256];
    const struct settings_list *listen = &server.settings.listen;
    if (listen->n > MAX_LISTENERS)
        return fprintf(stderr, "astrolabed: more than 64 listeners (listen)\n"), false;
    for (size_t i = 0; i < listen->n; i++) {
        if (!address_parse(listen->items[i], &addresses[i], error, sizeof error)) {
            fprintf(stderr, "astrolabed: listen: %s\n", error);
            return false;
        }
        if (!check_exposure(&addresses[i]))
            return false;
    }
    n_addresses = listen->n;
    return true;
}

static bool open_address(struct address *address, size_t activated_index)
{
    int fds[1024];
    char error[256];
    size_t n = server.n_loops;
    bool bound = address->activated
                     ? address_activated(activated_index, address, fds, n, error, sizeof error)
                     : address_bind(address, fds, n, error, sizeof error);
    if (!bound) {
        fprintf(stderr, "astrolabed: cannot listen on %s\n", error);
        return false;
    }
    bool good = check_exposure(address);
    for (size_t i = 0; i < n; i++) {
        int status = listener_open(server.loops[i], fds[i], address->is_unix);
        if (status != 0) {
            fprintf(stderr, "astrolabed: cannot listen on %s: %s\n", address->text,
                    uv_strerror(status));
            good = false; /* the remaining descriptors end with the process */
            break;
        }
    }
    return good;
}

/* Sockets from the service manager take the place of those in the settings. */
bool sockets_open(void)
{
    size_t activated = address_activated_count();
    if (activated > 0) {
        n_addresses = activated;
        for (size_t i = 0; i < activated; i++)
            addresses[i] = (struct address){.activated = true};
    }
    for (size_t i = 0; i < n_addresses; i++) {
        if (!open_address(&addresses[i], i))
            return false;
    }
    return true;
}

void sockets_announce(void)
{
    for (size_t i = 0; i < n_addresses; i++) {
        printf("listening on %s\n", addresses[i].text);
        LOG_EVENT(LEVEL_INFO, "listening", LOG_S("url", addresses[i].text));
        if (addresses[i].shared)
            LOG_EVENT(LEVEL_WARN, "shared_port", LOG_S("url", addresses[i].text),
                      LOG_S("reason",
                            "another process listens there too and gets its share of connections"));
        if (!addresses[i].loopback && server.settings.auth_tokens == NULL)
            LOG_EVENT(LEVEL_WARN, "open_to_all", LOG_S("url", addresses[i].text));
    }
    fflush(stdout);
}

void sockets_forget(void)
{
    for (size_t i = 0; i < n_addresses; i++)
        address_forget(&addresses[i]);
}

size_t sockets_count(void)
{
    return n_addresses;
}
