/*
 * One host's process from astrolabed's side: its start, its descriptors, its drain. Its record lives until
 * the last of its handles is closed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "memory/alloc.h"
#include "observe/log.h"
#include "plugins/fleet_internal.h"
#include "plugins/region.h"
#include "process/loop.h"
#include "process/server.h"

enum {
    MESSAGES_PER_TURN = 8,
    MESSAGES_LOADING = 2000, /* in a second */
    MESSAGES_SERVING = 50,   /* the same */
    MESSAGES_AT_END = 600,
    READ_BYTES = 16 * 1024,
    READS_PER_TURN = 4,
    READS_AT_END = 32,
    OUTPUT_PER_PULSE = 512 * 1024, /* a plugin that writes more waits for the next pulse */
    DRAIN_S = 10,
    SAMPLE_S = 10,
    MAX_DATA_ABOVE_GIB = 1
};

/* --- end by our hand --- */

static void kill_locked(struct fleet_process *process, const char *reason, const char *text)
{
    if (process->host.state == HOST_DEAD)
        return;
    process->host.stuck = true;
    if (!process->killed) {
        process->killed = true;
        snprintf(process->kill_reason, sizeof process->kill_reason, "%s", reason);
        snprintf(process->kill_text, sizeof process->kill_text, "%s", text);
    }
    child_kill(&process->child);
}

void fleet_kill(struct host *host, const char *reason)
{
    kill_locked(host->process, reason, "");
}

void process_kill(struct fleet_process *process, const char *reason, const char *text)
{
    plugins_lock();
    kill_locked(process, reason, text);
    plugins_unlock();
}

/* --- what it says --- */

static void control_lost(struct fleet_process *process)
{
    uv_poll_stop(&process->on_control);
    process->control_open = false;
    process->control_lost_ns = loop_clock_ns();
}

/* Nobody has so much to say. */
static bool is_flooding(struct fleet_process *process, uint64_t now_ns)
{
    if (now_ns - process->window_ns > FLEET_SECOND) {
        process->window_ns = now_ns;
        process->messages = 0;
    }
    return ++process->messages > (process->loaded ? MESSAGES_SERVING : MESSAGES_LOADING);
}

/* What is killed has nothing more to say: it could still pretend to be ready. */
static bool is_killed(struct fleet_process *process)
{
    plugins_lock();
    bool killed = process->killed;
    plugins_unlock();
    return killed;
}

static void read_control(struct fleet_process *process, unsigned most)
{
    uint64_t now_ns = loop_clock_ns();
    for (unsigned i = 0; i < most && process->control_open && !is_killed(process); i++) {
        json_t *message;
        const char *why = NULL;
        enum control_received received =
            control_receive(process->child.control, fleet.message, &message, &why);
        if (received == CONTROL_EMPTY)
            return;
        if (received == CONTROL_CLOSED) {
            control_lost(process);
            return;
        }
        if (received == CONTROL_MESSAGE) {
            process->heard_ns = now_ns;
            process_message(process, message);
            json_decref(message);
            why = is_flooding(process, now_ns) ? "too many messages in a second" : NULL;
        }
        if (why != NULL) {
            control_lost(process);
            process_kill(process, "protocol", why);
        }
    }
}

static void on_control(uv_poll_t *poll, int status, int events)
{
    struct fleet_process *process = poll->data;
    (void)events;
    if (status < 0 || is_killed(process))
        control_lost(process);
    else
        read_control(process, MESSAGES_PER_TURN);
    fleet_poke();
}

/* --- what its plugins print --- */

struct stream {
    struct fleet_process *process;
    const char *name;
};

static void log_line(void *context, const char *text, size_t length)
{
    const struct stream *stream = context;
    struct fleet_process *process = stream->process;
    if (!output_allows(&process->output_rate, loop_clock_ns()))
        return;
    char plugin[64] = "", request[64] = "";
    plugins_lock();
    bool runs = process->announced && queue_running(&process->host, plugin, request);
    plugins_unlock();
    enum settings_level level = output_level(&text, &length);
    LOG_EVENT(level, "plugin_output", LOG_I("pid", process->host.pid),
              LOG_S("plugin", runs ? plugin : process->loading),
              LOG_S("request_id", runs ? request : ""), LOG_S("stream", stream->name),
              LOG_B("text", text, length));
}

static void log_suppressed(struct fleet_process *process, uint64_t now_ns)
{
    uint64_t lines = output_suppressed(&process->output_rate, now_ns);
    if (lines > 0)
        LOG_EVENT(LEVEL_WARN, "plugin_output_suppressed", LOG_I("pid", process->host.pid),
                  LOG_I("lines", lines));
}

static void output_closed(struct fleet_process *process, int which)
{
    struct stream stream = {process, which == 0 ? "stdout" : "stderr"};
    uv_poll_stop(&process->on_output[which]);
    process->output_open[which] = false;
    output_end(&process->output[which], log_line, &stream);
}

static void read_output(struct fleet_process *process, int which, unsigned most)
{
    struct stream stream = {process, which == 0 ? "stdout" : "stderr"};
    char bytes[READ_BYTES];
    for (unsigned i = 0; i < most && process->output_open[which]; i++) {
        ssize_t got = read(process->child.output[which], bytes, sizeof bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            output_closed(process, which);
            return;
        }
        process->output_bytes += (size_t)got;
        output_feed(&process->output[which], bytes, (size_t)got, log_line, &stream);
    }
}

static void on_output(uv_poll_t *poll, int status, int events)
{
    struct fleet_process *process = poll->data;
    int which = poll == &process->on_output[0] ? 0 : 1;
    (void)events;
    if (status < 0)
        output_closed(process, which);
    else
        read_output(process, which, READS_PER_TURN);
    if (process->output_bytes > OUTPUT_PER_PULSE && !process->output_paused) {
        process->output_paused = true;
        uv_poll_stop(&process->on_output[0]);
        uv_poll_stop(&process->on_output[1]);
    }
}

static void resume_output(struct fleet_process *process)
{
    process->output_bytes = 0;
    if (!process->output_paused)
        return;
    process->output_paused = false;
    for (int i = 0; i < 2; i++) {
        if (process->output_open[i])
            uv_poll_start(&process->on_output[i], UV_READABLE, on_output);
    }
}

void process_read_rest(struct fleet_process *process)
{
    read_control(process, MESSAGES_AT_END);
    for (int i = 0; i < 2; i++) {
        read_output(process, i, READS_AT_END);
        if (process->output_open[i])
            output_closed(process, i); /* what it has forked may hold the other end */
    }
    log_suppressed(process, loop_clock_ns() + FLEET_SECOND);
}

static void on_end(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    process_died(poll->data);
    fleet_poke();
}

/* --- handles --- */

static void free_process(struct fleet_process *process)
{
    process->generation->n_processes--;
    region_memory_drop(process->host.region);
    mem_free(process->host.conversions);
    mem_free(process->plugins);
    mem_free(process);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct fleet_process *process = handle->data;
    if (--process->open_handles > 0)
        return;
    process->next = fleet.dead;
    fleet.dead = process;
    fleet_poke();
}

void processes_bury(void)
{
    struct fleet_process **at = &fleet.dead;
    while (*at != NULL) {
        struct fleet_process *process = *at;
        plugins_lock();
        bool gone = queue_host_gone(&process->host);
        plugins_unlock();
        if (gone) {
            *at = process->next;
            free_process(process);
        } else {
            at = &process->next;
        }
    }
}

void process_close(struct fleet_process *process)
{
    uv_poll_t *polls[] = {&process->on_end, &process->on_control, &process->on_output[0],
                          &process->on_output[1]};
    for (size_t i = 0; i < sizeof polls / sizeof polls[0]; i++) {
        if (polls[i]->data != NULL)
            uv_close((uv_handle_t *)polls[i], on_handle_closed);
    }
    plugins_lock();
    child_close(&process->child);
    plugins_unlock();
    if (process->host.wake >= 0)
        close(process->host.wake);
    process->host.wake = -1;
}

static bool open_poll(struct fleet_process *process, uv_poll_t *poll, int fd, uv_poll_cb callback)
{
    if (uv_poll_init(fleet.uv, poll, fd) != 0)
        return false;
    poll->data = process;
    process->open_handles++;
    return uv_poll_start(poll, UV_READABLE, callback) == 0;
}

static bool open_polls(struct fleet_process *process)
{
    process->control_open = process->output_open[0] = process->output_open[1] = true;
    return open_poll(process, &process->on_end, process->child.pidfd, on_end) &&
           open_poll(process, &process->on_control, process->child.control, on_control) &&
           open_poll(process, &process->on_output[0], process->child.output[0], on_output) &&
           open_poll(process, &process->on_output[1], process->child.output[1], on_output);
}

/* --- the start --- */

static bool make_memory(struct fleet_process *process, char text[FLEET_TEXT])
{
    process->host.region =
        region_memory_create(server.settings.plugins_shared_memory, (uint32_t)server.n_loops);
    process->host.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (process->host.region != NULL && process->host.wake >= 0)
        return true;
    snprintf(text, FLEET_TEXT, "no shared memory for a plugin host: %s", strerror(errno));
    return false;
}

static bool spawn(struct fleet_process *process, char text[FLEET_TEXT])
{
    const struct settings *settings = &server.settings;
    uint64_t cores = settings->threads > 0 ? settings->threads : 1;
    struct child_order order = {
        .program = fleet.program,
        .max_data = 2 * settings->plugins_max_rss + ((uint64_t)MAX_DATA_ABOVE_GIB << 30),
        /* Deadlines are kept by the wall clock; this is for hosts whom nobody ends any more. */
        .max_cpu = (uint64_t)(2 * settings->plugins_timeout) * cores + 10,
        .max_descriptors = settings->plugins_descriptors,
        .region = region_memory_descriptor(process->host.region),
        .wake = process->host.wake,
        .loops = fleet.loops,
        .n_loops = server.n_loops,
    };
    return child_spawn(&order, &process->child, text);
}

static bool say_hello(const struct fleet_process *process)
{
    const struct generation *generation = process->generation;
    struct name_set skip = {.names = NULL};
    bool said = name_set_add_all(&skip, &generation->skip) &&
                name_set_add_all(&skip, &generation->unloaded);
    if (said) {
        struct control_hello hello = {
            .directory = generation->snapshot->path,
            .shown = server.settings.plugins_directory,
            .python = server.settings.plugins_python,
            .skip = &skip,
            .disabled = &generation->disabled,
            .tracebacks = server.settings.plugins_tracebacks,
            .generation = generation->number,
        };
        said = control_send(process->child.control, control_hello(&hello)) == CONTROL_SENT;
    }
    name_set_release(&skip);
    return said;
}

/* Undoes what there is; the record is freed here or by the last handle. */
static void undo(struct fleet_process *process)
{
    if (process->child.pid > 0) {
        child_kill(&process->child);
        child_reap(&process->child);
    }
    process->host.state = HOST_DEAD;
    process_close(process);
    if (process->open_handles == 0)
        free_process(process);
}

static void enlist(struct fleet_process *process)
{
    process->started_ns = process->heard_ns = loop_clock_ns();
    plugins_lock();
    process->host.pid = process->child.pid;
    process->host.state = HOST_STARTING;
    process->next = fleet.processes;
    fleet.processes = process;
    plugins_unlock();
    LOG_EVENT(LEVEL_INFO, "plugin_host_started", LOG_I("pid", process->host.pid),
              LOG_I("host", process->host.index), LOG_I("generation", process->generation->number));
}

struct fleet_process *process_start(struct generation *generation, struct place *place,
                                    char text[FLEET_TEXT])
{
    struct fleet_process *process = mem_zalloc(1, sizeof *process);
    if (process == NULL) {
        snprintf(text, FLEET_TEXT, "out of memory");
        return NULL;
    }
    generation->n_processes++;
    process->generation = process->host.generation = generation;
    process->place = place;
    process->child = CHILD_NONE;
    process->host.wake = -1;
    process->host.process = process;
    process->host.index = place->index;
    if (!make_memory(process, text) || !spawn(process, text)) {
        undo(process);
        return NULL;
    }
    if (!open_polls(process) || !say_hello(process)) {
        snprintf(text, FLEET_TEXT, "a plugin host cannot be spoken to");
        undo(process);
        return NULL;
    }
    enlist(process);
    return process;
}

/* --- ready, draining --- */

void process_announce(struct fleet_process *process)
{
    process->ready_ns = loop_clock_ns();
    fleet.start_s = (double)(process->ready_ns - process->started_ns) / 1e9;
    plugins_lock();
    process->host.state = HOST_READY;
    process->announced = true;
    queue_host_ready(&process->host);
    plugins_unlock();
    LOG_EVENT(LEVEL_INFO, "plugin_host_ready", LOG_I("pid", process->host.pid),
              LOG_I("host", process->host.index), LOG_I("generation", process->generation->number),
              LOG_I("conversions", process->host.n_conversions), LOG_F("seconds", fleet.start_s));
    /* What its growth is measured from; when it is not said there is no rate, no more. */
    (void)control_send(process->child.control, control_word("sample"));
}

void process_retire(struct fleet_process *process, enum host_reason why)
{
    process->place = NULL;
    if (process->retiring)
        return;
    process->retiring = true;
    process->retired_for = why;
    if (!process->announced) {
        process_kill(process, reason_words[why], "it is not needed any more");
        return;
    }
    plugins_lock();
    if (process->host.state == HOST_READY) {
        process->host.state = HOST_DRAINING;
        queue_host_leaves(&process->host);
    }
    plugins_unlock();
}

/* Once it has nothing to do it gets nothing more, and is told to end. */
static void drain(struct fleet_process *process, uint64_t now_ns)
{
    if (process->drain_due_ns == 0) {
        plugins_lock();
        bool idle = queue_host_idle(&process->host);
        if (idle)
            process->host.stuck = true;
        plugins_unlock();
        if (!idle)
            return;
        if (process->retired_for == REASON_MEMORY) /* how far it has come */
            (void)control_send(process->child.control, control_word("sample"));
        enum control_sent sent = control_send(process->child.control, control_word("drain"));
        if (sent == CONTROL_SENT)
            process->drain_due_ns = now_ns + DRAIN_S * FLEET_SECOND;
        else
            process_kill(process, reason_words[process->retired_for], "it cannot be spoken to");
    } else if (now_ns >= process->drain_due_ns) {
        process_kill(process, reason_words[process->retired_for], "it did not end when asked to");
    }
}

/* Figures of plugins that have been called and have not said anything for a while. */
static void ask_for_sample(struct fleet_process *process, uint64_t served, uint64_t now_ns)
{
    if (!process->announced || now_ns - process->sampled_ns < SAMPLE_S * FLEET_SECOND)
        return;
    process->sampled_ns = now_ns;
    if (served == process->sampled_calls)
        return;
    process->sampled_calls = served;
    control_send(process->child.control, control_word("sample"));
}

/* Talking for ever without being ready does not help either. */
static bool is_stalled(const struct fleet_process *process, uint64_t now_ns)
{
    return now_ns > process->heard_ns && (now_ns - process->heard_ns > fleet.silence_ns ||
                                          now_ns - process->started_ns > 10 * fleet.silence_ns);
}

void process_pulse(struct fleet_process *process, uint64_t now_ns)
{
    resume_output(process);
    log_suppressed(process, now_ns);
    plugins_lock();
    bool killed = process->killed;
    uint64_t served = process->host.served;
    plugins_unlock();
    if (killed)
        return;
    if (process->control_lost_ns != 0 && process->drain_due_ns == 0 &&
        now_ns - process->control_lost_ns > FLEET_SECOND / 2)
        process_kill(process, "protocol", "it has closed its control socket");
    if (!process->loaded && !process->retiring && is_stalled(process, now_ns))
        process_kill(process, "start", "it was silent for too long while it started");
    if (process->retiring)
        drain(process, now_ns);
    else
        ask_for_sample(process, served, now_ns);
}

/* --- its tables --- */

struct host_plugin *process_plugin(struct fleet_process *process, const char *name, bool make)
{
    for (size_t i = 0; i < process->n_plugins; i++) {
        if (strcmp(process->plugins[i].name, name) == 0)
            return &process->plugins[i];
    }
    if (!make || process->n_plugins == FLEET_PLUGINS)
        return NULL;
    if (process->n_plugins == process->plugins_room) {
        size_t room = process->plugins_room == 0 ? 8 : process->plugins_room * 2;
        void *plugins = mem_realloc(process->plugins, room * sizeof *process->plugins);
        if (plugins == NULL)
            return NULL;
        process->plugins = plugins;
        process->plugins_room = room;
    }
    struct host_plugin *plugin = &process->plugins[process->n_plugins];
    memset(plugin, 0, sizeof *plugin);
    if (!name_copy(plugin->name, name))
        return NULL;
    process->n_plugins++;
    return plugin;
}

const struct host_conversion *process_conversion(const struct fleet_process *process,
                                                 const char *name)
{
    for (size_t i = 0; i < process->host.n_conversions; i++) {
        if (strcmp(process->host.conversions[i].name, name) == 0)
            return &process->host.conversions[i];
    }
    return NULL;
}
