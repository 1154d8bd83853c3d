#include "harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "astrolabe/kernels.h"
#include "catalogue/catalogue.h"
#include "memory/slab.h"
#include "observe/log.h"
#include "plugins/tree.h"

static const double patience_s = 60; /* nothing takes so long; it is only for a test that fails */

static struct {
    char base[PATH_MAX], directory[PATH_MAX], temporary[PATH_MAX], log[PATH_MAX];
    int saved_stderr;
    struct loop *loop;
    bool ready;
    uint64_t until_ns;
    unsigned descriptors;
} harness;

/* --- what is left behind --- */

static unsigned count_entries(const char *path)
{
    unsigned n = 0;
    DIR *directory = opendir(path);
    assert_non_null(directory);
    while (readdir(directory) != NULL)
        n++;
    closedir(directory);
    return n;
}

unsigned count_descriptors(void)
{
    return count_entries("/proc/self/fd");
}

unsigned count_children(void)
{
    char text[4096];
    unsigned n = 0;
    snprintf(text, sizeof text, "/proc/self/task/%ld/children", (long)getpid());
    FILE *file = fopen(text, "re");
    assert_non_null(file);
    while (fscanf(file, "%15s", text) == 1)
        n++;
    fclose(file);
    return n;
}

/* --- files --- */

static void join(char ret[PATH_MAX], const char *directory, const char *name)
{
    int length = snprintf(ret, PATH_MAX, "%s/%s", directory, name);
    assert_true(length > 0 && length < PATH_MAX);
}

/* Written beside and moved, as careful people do: no reader sees half of it. */
void plugin(const char *name, const char *text)
{
    char path[PATH_MAX], early[PATH_MAX];
    join(path, harness.directory, name);
    if (text == NULL) {
        assert_int_equal(unlink(path), 0);
        return;
    }
    join(early, harness.base, "early");
    FILE *file = fopen(early, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(rename(early, path), 0);
}

const char *beside(const char *name)
{
    static char path[PATH_MAX];
    join(path, harness.base, name);
    return path;
}

static void make_files(void)
{
    const char *temporary = getenv("TEST_TMPDIR");
    join(harness.base, temporary != NULL ? temporary : "/tmp", "test-fleet-XXXXXX");
    assert_non_null(mkdtemp(harness.base));
    join(harness.directory, harness.base, "plugins");
    join(harness.temporary, harness.base, "tmp");
    join(harness.log, harness.base, "log");
    assert_int_equal(mkdir(harness.directory, 0700), 0);
    assert_int_equal(mkdir(harness.temporary, 0700), 0);
    setenv("TMPDIR", harness.temporary, 1);
}

/* --- the log --- */

static void log_to_file(void)
{
    int file = open(harness.log, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
    assert_true(file >= 0);
    fflush(stderr);
    harness.saved_stderr = fcntl(2, F_DUPFD_CLOEXEC, 10);
    assert_int_equal(dup2(file, 2), 2);
    close(file);
}

static void log_back(void)
{
    assert_int_equal(dup2(harness.saved_stderr, 2), 2);
    close(harness.saved_stderr);
}

unsigned times_logged(const char *event, const char *text)
{
    char line[8192], key[128];
    unsigned n = 0;
    snprintf(key, sizeof key, "event=%s", event);
    size_t length = strlen(key);
    FILE *file = fopen(harness.log, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        const char *found = strstr(line, key);
        bool is_event = found != NULL && (found[length] == ' ' || found[length] == '\n');
        n += is_event && strstr(line, text) != NULL;
    }
    fclose(file);
    return n;
}

bool logged(const char *event, const char *text)
{
    return times_logged(event, text) > 0;
}

static void show_log(void)
{
    char line[8192];
    FILE *file = fopen(harness.log, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        fputs(line, stdout);
    if (file != NULL)
        fclose(file);
}

/* --- waiting --- */

static void on_wake(uv_async_t *wake)
{
    (void)wake;
}

static void on_ready(void)
{
    harness.ready = true;
}

void await_begin(void)
{
    harness.until_ns = loop_clock_ns() + (uint64_t)(patience_s * 1e9);
}

void await_turn(const char *what, const char *file, int line)
{
    if (loop_clock_ns() > harness.until_ns) {
        show_log();
        print_error("%s:%d: this never came true: %s\n", file, line, what);
        fail();
    }
    /* What is waited for may be in a file: the log is written by another thread. */
    uv_run(&harness.loop->uv, UV_RUN_NOWAIT);
    uv_sleep(1);
}

void start(void)
{
    assert_true(fleet_start(on_ready));
    await(harness.ready);
}

/* --- life --- */

static void make_loop(void)
{
    harness.loop = mem_zalloc(1, sizeof *harness.loop);
    assert_non_null(harness.loop);
    assert_int_equal(uv_loop_init(&harness.loop->uv), 0);
    assert_int_equal(uv_async_init(&harness.loop->uv, &harness.loop->wake, on_wake), 0);
    server.loops = mem_zalloc(1, sizeof *server.loops);
    server.loops[0] = harness.loop;
    server.n_loops = 1;
}

/* libuv opens two descriptors for the whole process with its first loop. */
static void warm_up(void)
{
    uv_loop_t loop;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int set_up(void **state)
{
    (void)state;
    warm_up();
    memset(&harness, 0, sizeof harness);
    memset(&fake_queue, 0, sizeof fake_queue);
    mem_init();
    astro_kernels_init(ASTRO_TARGET_AUTO);
    slab_pool_init(1u << 30);
    make_files();
    harness.descriptors = count_descriptors();
    log_to_file();
    log_init(LEVEL_DEBUG, LOG_FORMAT_LOGFMT);
    setenv("ASTROLABE_TEST_PLUGIN_HOST", FAKE_HOST, 1);
    server.settings.plugins_directory = harness.directory;
    server.settings.plugins_hosts = 2;
    server.settings.plugins_timeout = 30;
    server.settings.plugins_max_rss = UINT64_C(1) << 40;
    server.settings.plugins_shared_memory = 1u << 20;
    server.settings.plugins_descriptors = 256;
    server.settings.plugins_reload = RELOAD_SIGNAL;
    server.settings.threads = 1;
    server.pool = pool_create(1);
    make_loop();
    return server.pool != NULL ? 0 : -1;
}

static void stop_catalogue(void)
{
    catalogue_drop(harness.loop->catalogue);
    catalogue_drop(atomic_load(&harness.loop->catalogue_next));
}

int tear_down(void **state)
{
    (void)state;
    rest();
    fleet_drain();
    await(fleet_ended());
    fleet_release();
    pool_destroy(server.pool);
    server.pool = NULL;
    uv_close((uv_handle_t *)&harness.loop->wake, NULL);
    uv_run(&harness.loop->uv, UV_RUN_DEFAULT);
    bool clean = uv_loop_close(&harness.loop->uv) == 0;
    stop_catalogue();
    mem_free(harness.loop);
    mem_free(server.loops);
    log_stop();
    log_back();
    /* Readers of a directory count themselves, here as in set_up. */
    clean = clean && count_descriptors() == harness.descriptors && count_children() == 0 &&
            count_entries(harness.temporary) == 2; /* . and .. */
    if (!clean)
        print_error("left: %u descriptors (before: %u), %u children, %u temporary files\n",
                    count_descriptors(), harness.descriptors, count_children(),
                    count_entries(harness.temporary) - 2);
    tree_remove(harness.base);
    return clean ? 0 : -1;
}

/* --- looking at it --- */

struct fleet_process *host_at(size_t index)
{
    assert_non_null(fleet.current);
    struct fleet_process *process = fleet.current->places[index].process;
    assert_non_null(process);
    return process;
}

size_t hosts_ready(void)
{
    size_t n = 0;
    for (const struct fleet_process *process = fleet.processes; process != NULL;
         process = process->next)
        n += process->host.state == HOST_READY;
    return n;
}

bool has_conversion(const char *name)
{
    struct catalogue *catalogue = catalogue_current();
    bool has = catalogue != NULL && catalogue_find(catalogue, name, strlen(name), NULL) != NULL;
    catalogue_drop(catalogue);
    return has;
}

void tell(struct fleet_process *process, const char *what, json_t *argument_take)
{
    json_t *message = json_pack("{s:s, s:s, s:o}", "type", "do", "what", what, "argument",
                                argument_take != NULL ? argument_take : json_null());
    assert_int_equal(control_send(process->child.control, message), CONTROL_SENT);
}

/* --- requests --- */

struct request *new_request(void)
{
    struct request *request = mem_zalloc(1, sizeof *request);
    assert_non_null(request);
    request->loop = harness.loop;
    return request;
}

bool is_answered(const struct request *request)
{
    const struct request *other = atomic_load(&harness.loop->finished);
    while (other != NULL && other != request)
        other = other->next;
    return other != NULL;
}

void free_request(struct request *request_take)
{
    struct request *list = atomic_exchange(&harness.loop->finished, NULL), *next;
    for (; list != NULL; list = next) {
        next = list->next;
        if (list == request_take)
            continue;
        list->next = atomic_load(&harness.loop->finished);
        atomic_store(&harness.loop->finished, list);
    }
    json_decref(request_take->later_document);
    mem_free(request_take);
}
