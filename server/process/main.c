/*
 * astrolabed: reads the settings, opens the sockets, runs the loops, ends.
 */
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "api/api.h"
#include "astrolabe/kernels.h"
#include "dispatch/pool.h"
#include "memory/alloc.h"
#include "memory/slab.h"
#include "observe/log.h"
#include "plugins/fleet.h"
#include "plugins/protocol.h"
#include "plugins/queue.h"
#include "process/life.h"
#include "process/loop.h"
#include "process/server.h"
#include "process/sockets.h"
#include "process/time_files.h"

enum { EXIT_USAGE = 2 };

static bool complain(const char *what)
{
    fprintf(stderr, "astrolabed: %s\n", what);
    return false;
}

/* --- before anything is opened --- */

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

static bool check_plugins(void)
{
    const char *directory = server.settings.plugins_directory;
    if (directory == NULL)
        return true;
    DIR *stream = opendir(directory);
    if (stream == NULL) {
        fprintf(stderr, "astrolabed: plugins.directory: %s: %s\n", directory, strerror(errno));
        return false;
    }
    closedir(stream);
    if (server.settings.loops <= PROTOCOL_MAX_LOOPS)
        return true;
    fprintf(stderr, "astrolabed: loops: at most %d with plugins\n", (int)PROTOCOL_MAX_LOOPS);
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
    return sockets_parse() && time_files_check() && check_plugins() && read_tokens(ret_tokens);
}

/* As many descriptors as the system allows: one per connection. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    /* Lingering connections, listeners, loops and the log need some too. */
    rlim_t others = 32 + server.settings.loops * (rlim_t)(80 + sockets_count());
    rlim_t left = limit.rlim_cur > others + 16 ? limit.rlim_cur - others : 16;
    if (left >= server.settings.limits_connections)
        return;
    LOG_EVENT(LEVEL_WARN, "few_descriptors", LOG_I("descriptors", limit.rlim_cur),
              LOG_I("limits.connections", server.settings.limits_connections),
              LOG_I("lowered_to", left));
    server.settings.limits_connections = (unsigned)left;
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

/* Everything that answers is there: from now on we are ready, and say so. On loop 0. */
static void on_ready(void)
{
    atomic_store(&server.ready, true);
    LOG_EVENT(LEVEL_INFO, "started", LOG_S("version", server_version),
              LOG_I("loops", server.n_loops), LOG_I("threads", server.settings.threads),
              LOG_S("simd", astro_target_name(astro_kernels_target())));
    sockets_announce();
    mem_faults_arm();
}

/* While no loop runs yet. Without plugins nothing of theirs exists. */
static bool listen_to_hosts(void)
{
    if (server.settings.plugins_directory == NULL)
        return true;
    for (size_t i = 0; i < server.n_loops; i++) {
        if (!queue_loop_open(server.loops[i]))
            return complain("cannot listen to the plugin hosts");
    }
    return true;
}

/* on_ready() is called at once, or when the plugins are loaded. */
static bool start_plugins(void)
{
    if (server.settings.plugins_directory == NULL) {
        on_ready();
        return true;
    }
    return fleet_start(on_ready) || complain("cannot start the plugins");
}

/* Threads may be at work already, on things that a tidy end would free: the log is written, no
 * more. */
static void give_up(const char *what)
{
    if (what != NULL)
        complain(what);
    sockets_forget();
    log_stop();
    _exit(EXIT_FAILURE);
}

static int run(struct token_table *tokens)
{
    slab_pool_init(server.settings.limits_memory);
    server.started_ns = loop_clock_ns();
    server.started_unix_s = (int64_t)time(NULL);
    json_object_seed(0); /* jansson's hash is seeded before threads exist */
    if (!log_init(server.settings.log_level, server.settings.log_format))
        return complain("cannot start the log"), EXIT_FAILURE;
    time_files_report();
    raise_descriptor_limit();
    if (!api_init())
        give_up("out of memory");
    mem_trim(); /* the documents were put together in memory that nobody needs again */
    if (!create_loops(tokens) || !sockets_open() || !listen_to_hosts())
        give_up(NULL);
    if (!life_begin())
        give_up("cannot listen for signals");
    for (size_t i = 1; i < server.n_loops; i++) {
        if (uv_thread_create(&server.loops[i]->thread, run_thread, server.loops[i]) != 0)
            give_up("cannot start a thread");
    }
    if (!start_plugins())
        give_up(NULL);
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
    fleet_release();
    pool_destroy(server.pool);
    for (size_t i = 0; i < server.n_loops; i++)
        clean = loop_destroy(server.loops[i]) && clean;
    mem_free(server.loops);
    sockets_forget();
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
