/*
 * astrolabed: reads the settings, opens the sockets, runs the loops, ends.
 */
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <uv.h>

#include "api/api.h"
#include "astrolabe/kernels.h"
#include "dispatch/pool.h"
#include "memory/alloc.h"
#include "memory/slab.h"
#include "observe/log.h"
#include "process/life.h"
#include "process/loop.h"
#include "process/server.h"
#include "wire/address.h"
#include "wire/listener.h"

enum { MAX_LISTENERS = 64, EXIT_USAGE = 2 };

static struct address addresses[MAX_LISTENERS];
static size_t n_addresses;

static bool complain(const char *what)
{
    fprintf(stderr, "astrolabed: %s\n", what);
    return false;
}

/* --- before anything is opened --- */

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

static bool parse_addresses(void)
{
    char error[256];
    const struct settings_list *listen = &server.settings.listen;
    if (listen->n > MAX_LISTENERS)
        return complain("more than 64 listeners (listen)");
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

static bool read_tokens(struct token_table **ret)
{
    *ret = NULL;
    if (server.settings.auth_tokens == NULL)
        return true;
    char *error = NULL;
    *ret = token_table_read(server.settings.auth_tokens, &error);
    if (*ret != NULL)
        return true;
    fprintf(stderr, "astrolabed: auth.tokens: %s\n", error != NULL ? error : "out of memory");
    mem_free(error);
    return false;
}

/* All that --check-config looks at, and all that must be right before the first socket is made. */
static bool check(struct token_table **ret_tokens)
{
    if (!astro_kernels_init((enum astro_target)server.settings.simd)) {
        fprintf(stderr, "astrolabed: simd: %s cannot run on this machine\n",
                astro_target_name((enum astro_target)server.settings.simd));
        return false;
    }
    return parse_addresses() && read_tokens(ret_tokens);
}

/* --- sockets --- */

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
static bool open_sockets(void)
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

/* As many descriptors as the system allows: one per connection. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
        limit.rlim_cur < server.settings.limits_connections + 64ul)
        LOG_EVENT(LEVEL_WARN, "few_descriptors", LOG_I("limit", limit.rlim_cur),
                  LOG_I("limits.connections", server.settings.limits_connections));
}

/* --- running --- */

static void run_thread(void *argument)
{
    loop_run(argument);
}

static bool create_loops(struct token_table *tokens)
{
    server.loops = mem_zalloc(server.settings.loops, sizeof *server.loops);
    if (server.loops == NULL)
        return complain("out of memory");
    for (size_t i = 0; i < server.settings.loops; i++) {
        server.loops[i] = loop_create(i, tokens);
        if (server.loops[i] == NULL)
            return complain("cannot create an event loop");
        server.n_loops++;
    }
    server.pool = pool_create(server.settings.threads);
    return server.pool != NULL || complain("cannot start the compute threads");
}

static void announce(void)
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

static int run(struct token_table *tokens)
{
    slab_pool_init(server.settings.limits_memory);
    server.started_ns = loop_clock_ns();
    server.started_unix_s = (int64_t)time(NULL);
    json_object_seed(0); /* jansson's hash is seeded before threads exist */
    if (!log_init(server.settings.log_level, server.settings.log_format))
        return complain("cannot start the log"), EXIT_FAILURE;
    raise_descriptor_limit();
    if (!api_init())
        return complain("out of memory"), EXIT_FAILURE;
    if (!create_loops(tokens) || !open_sockets())
        return EXIT_FAILURE;
    if (!life_begin())
        return complain("cannot listen for signals"), EXIT_FAILURE;
    for (size_t i = 1; i < server.n_loops; i++) {
        if (uv_thread_create(&server.loops[i]->thread, run_thread, server.loops[i]) != 0)
            return complain("cannot start a thread"), EXIT_FAILURE;
    }
    atomic_store(&server.ready, true);
    LOG_EVENT(LEVEL_INFO, "started", LOG_S("version", server_version),
              LOG_I("loops", server.n_loops), LOG_I("threads", server.settings.threads),
              LOG_S("simd", astro_target_name(astro_kernels_target())));
    announce();
    mem_faults_arm();
    loop_run(server.loops[0]);
    return EXIT_SUCCESS;
}

/* Everything is undone, so that what a sanitizer finds is a leak of ours. */
static bool stop(void)
{
    bool clean = true;
    for (size_t i = 1; i < server.n_loops; i++)
        uv_thread_join(&server.loops[i]->thread);
    life_settle();
    pool_destroy(server.pool);
    for (size_t i = 0; i < server.n_loops; i++)
        clean = loop_destroy(server.loops[i]) && clean;
    mem_free(server.loops);
    for (size_t i = 0; i < n_addresses; i++)
        address_forget(&addresses[i]);
    api_release();
    slab_pool_drain();
    if (!clean)
        LOG_EVENT(LEVEL_ERROR, "unclean", LOG_S("reason", "handles or requests were left"));
    LOG_EVENT(LEVEL_INFO, "stopped",
              LOG_F("uptime_s", (double)(loop_clock_ns() - server.started_ns) / 1e9));
    log_stop();
    return clean;
}

static int act(enum settings_action action)
{
    struct token_table *tokens = NULL;
    switch (action) {
    case SETTINGS_HELP:
        settings_print_help(stdout);
        return EXIT_SUCCESS;
    case SETTINGS_MAN:
        settings_print_man(stdout);
        return EXIT_SUCCESS;
    case SETTINGS_VERSION:
        printf("astrolabed %s\n", server_version);
        return EXIT_SUCCESS;
    case SETTINGS_LIST:
        if (!astro_kernels_init(ASTRO_TARGET_AUTO))
            return complain("no usable kernels"), EXIT_FAILURE;
        api_print_list(stdout);
        return EXIT_SUCCESS;
    case SETTINGS_CHECK:
        if (!check(&tokens))
            return EXIT_USAGE;
        settings_print(&server.settings, stdout);
        token_table_release(tokens);
        return EXIT_SUCCESS;
    default:
        if (!check(&tokens))
            return EXIT_USAGE;
    }
    int status = run(tokens);
    token_table_release(tokens);
    if (status == EXIT_SUCCESS && !stop())
        status = EXIT_FAILURE;
    return status;
}

int main(int argc, char **argv, char **environment)
{
    mem_init();
    signal(SIGPIPE, SIG_IGN); /* before the first line of the log */
    enum settings_action action;
    char *error = NULL;
    if (!settings_load(argc, argv, environment, &server.settings, &action, &error)) {
        fprintf(stderr, "astrolabed: %s\n", error != NULL ? error : "out of memory");
        mem_free(error);
        return EXIT_USAGE;
    }
    int status = act(action);
    settings_release(&server.settings);
    return status;
}
