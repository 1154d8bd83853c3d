#include "plugin_host/serve.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "plugin_host/blocks.h"
#include "plugin_host/call.h"
#include "plugin_host/channel.h"
#include "plugin_host/control.h"
#include "plugin_host/interpreter.h"
#include "plugin_host/ledger/ledger.h"
#include "plugin_host/load.h"
#include "plugin_host/output.h"

/* How often what costs system calls is done while calls follow each other. */
enum { LOOK_NS = 1000000, RENEW_NS = 1000000000 };
enum { FLUSH_MS = 10 }; /* while the ring of releases is full */
enum { TRACE_FRAMES = 16 };

static struct {
    const struct limits *limits;
    bool draining;
    uint64_t looked_ns, renewed_ns;
} serving;

/* --- the end --- */

/* Everything that was printed is out; nothing of Python's or of a plugin's libraries runs any more, for
 * there may be threads. */
static _Noreturn void leave(int status)
{
    fflush(stdout);
    _exit(status);
}

static _Noreturn void leave_saying(int status, const char *text)
{
    fprintf(stderr, "astrolabe-plugin-host: %s\n", text);
    leave(status);
}

static _Noreturn void leave_by_control(enum control_state state)
{
    if (state == CONTROL_ENDED)
        leave(HOST_EXIT_ORPHAN);
    leave_saying(HOST_EXIT_CHANNEL, "the control socket makes no sense");
}

/* Takes the message. */
static void tell(json_t *message_take)
{
    if (!control_send(message_take))
        leave_saying(HOST_EXIT_CHANNEL, "the control socket does not take a message");
}

/* --- hello and loading --- */

static void tell_loading(void *context, const char *plugin)
{
    (void)context;
    limits_cpu_renew(serving.limits, 10);
    tell(json_pack("{s:s, s:s}", "type", "loading", "plugin", plugin));
}

static bool tell_loaded(void *context, const char *plugin, double seconds, json_t *descriptions,
                        char error[512])
{
    (void)context;
    if (control_send(json_pack("{s:s, s:s, s:f, s:O}", "type", "loaded", "plugin", plugin,
                               "seconds", seconds, "conversions", descriptions)))
        return true;
    snprintf(error, 512, "the descriptions of its conversions have more than %d KiB",
             PROTOCOL_MESSAGE_MAX / 1024);
    return false;
}

static void tell_failed(void *context, const char *plugin, const char *error, const char *traceback)
{
    (void)context;
    tell(json_pack("{s:s, s:s, s:s, s:s}", "type", "failed", "plugin", plugin, "error", error,
                   "traceback", traceback));
}

static void load(const json_t *hello)
{
    static const struct load_listener listener = {
        .loading = tell_loading, .loaded = tell_loaded, .failed = tell_failed};
    struct load_order order = {
        .directory = json_string_value(json_object_get(hello, "directory")),
        .shown = json_string_value(json_object_get(hello, "shown")),
        .skip = json_object_get(hello, "skip"),
        .disabled = json_object_get(hello, "disabled"),
    };
    if (order.directory == NULL)
        leave_saying(HOST_EXIT_CHANNEL, "hello names no directory");
    if (order.shown == NULL)
        order.shown = order.directory;
    host.tracebacks = json_is_true(json_object_get(hello, "tracebacks"));
    json_int_t calls =
        json_integer_value(json_object_get(json_object_get(hello, "ledger"), "sample_calls"));
    if (calls > 0 && calls <= UINT_MAX)
        ledger_set_sample_calls((unsigned)calls);
    char error[512];
    if (!load_all(&order, &listener, error))
        leave_saying(HOST_EXIT_START, error);
    load_settle();
}

static void start(void)
{
    json_t *hello;
    const char *type;
    enum control_state state = control_receive(true, &hello, &type);
    if (state != CONTROL_MESSAGE)
        leave_by_control(state);
    if (strcmp(type, "hello") != 0 ||
        json_integer_value(json_object_get(hello, "version")) != PROTOCOL_VERSION)
        leave_saying(HOST_EXIT_CHANNEL, "the first message is not the hello of this version");
    char error[INTERPRETER_ERROR];
    limits_cpu_renew(serving.limits, 10);
    if (!interpreter_start(json_string_value(json_object_get(hello, "python")), error))
        leave_saying(HOST_EXIT_START, error);
    load(hello);
    json_decref(hello);
    tell(json_pack("{s:s, s:s, s:s, s:I}", "type", "ready", "python", interpreter_python_version(),
                   "numpy", interpreter_numpy_version(), "plugins", (json_int_t)host.n_plugins));
}

/* --- control --- */

static void tell_ledger(void)
{
    json_t *message = ledger_message();
    if (message != NULL)
        tell(message);
}

/* start: an empty report says that it has begun. */
static json_t *trace_report(const json_t *order, const char *name, char error[256])
{
    const struct plugin *plugin = load_plugin_find(name);
    if (plugin == NULL) {
        snprintf(error, 256, "there is no plugin of that name");
        return NULL;
    }
    const char *action = json_string_value(json_object_get(order, "action"));
    if (action != NULL && strcmp(action, "stop") == 0)
        return ledger_trace_stop(plugin->owner, error);
    json_int_t frames = json_integer_value(json_object_get(order, "frames"));
    if (frames < 1 || frames > 100)
        frames = TRACE_FRAMES;
    return ledger_trace_start(plugin->owner, (int)frames, error) ? json_object() : NULL;
}

static void trace(const json_t *order)
{
    char error[256] = "no memory";
    const char *name = json_string_value(json_object_get(order, "plugin"));
    json_int_t token = json_integer_value(json_object_get(order, "token"));
    json_t *report = trace_report(order, name == NULL ? "" : name, error);
    if (report != NULL)
        tell(json_pack("{s:s, s:I, s:s, s:o}", "type", "traced", "token", token, "plugin", name,
                       "report", report));
    else
        tell(json_pack("{s:s, s:I, s:s}", "type", "traced", "token", token, "error", error));
}

static void obey(const json_t *order, const char *type)
{
    if (strcmp(type, "sample") == 0) {
        ledger_sample_all();
        tell_ledger();
    } else if (strcmp(type, "trace") == 0) {
        trace(order);
    } else if (strcmp(type, "drain") == 0) {
        serving.draining = true;
    } else {
        leave_saying(HOST_EXIT_CHANNEL, "a control message of an unknown type");
    }
}

static void handle(struct channel_events events)
{
    if (events.broken)
        leave_saying(HOST_EXIT_CHANNEL, "a plugin has closed a descriptor of the host");
    while (events.control) {
        json_t *order;
        const char *type;
        enum control_state state = control_receive(false, &order, &type);
        if (state == CONTROL_NOTHING)
            return;
        if (state != CONTROL_MESSAGE)
            leave_by_control(state);
        obey(order, type);
        json_decref(order);
    }
}

/* --- calls --- */

static uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void renew(uint64_t now)
{
    if (now - serving.renewed_ns < RENEW_NS)
        return;
    serving.renewed_ns = now;
    limits_cpu_renew(serving.limits, 1);
}

static void serve_call(struct ring_entry entry)
{
    char error[256];
    unsigned owner, calls;
    uint64_t now = now_ns();
    renew(now);
    channel_running(entry.call);
    if (!call_run(entry, &owner, &calls, error))
        leave_saying(HOST_EXIT_CHANNEL, error);
    output_settle();
    channel_running(0);
    if (!channel_complete(entry))
        leave_saying(HOST_EXIT_CHANNEL, "a completion cannot be told");
    blocks_posted();
    blocks_flush();
    ledger_call_ended(owner, calls);
    if (ledger_is_due())
        tell_ledger();
    if (now - serving.looked_ns >= LOOK_NS) {
        serving.looked_ns = now;
        struct channel_events events = channel_look();
        events.broken = events.broken || !output_is_there();
        handle(events);
    }
}

static void sleep_until_something(void)
{
    int timeout_ms = blocks_flush() ? FLUSH_MS : -1;
    PyThreadState *state = PyEval_SaveThread();
    struct channel_events events = channel_sleep(timeout_ms);
    PyEval_RestoreThread(state);
    handle(events);
}

static void serve_calls(void)
{
    for (;;) {
        struct ring_entry entry;
        switch (channel_take(&entry)) {
        case RING_TAKEN:
            serve_call(entry);
            break;
        case RING_BROKEN:
            leave_saying(HOST_EXIT_CHANNEL, "the ring of calls makes no sense");
        case RING_EMPTY:
            if (serving.draining)
                return;
            sleep_until_something();
        }
    }
}

/* --- life --- */

static void take_no_notice(int signal)
{
    (void)signal;
}

/* Signals that terminals and supervisors send to whole groups: when to end is astrolabed's to say. A
 * handler, not SIG_IGN, so that programs that plugins start are born with the default. */
static void arm_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = take_no_notice, .sa_flags = SA_RESTART};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

int serve(const struct limits *limits)
{
    char error[256];
    serving.limits = limits;
    arm_signals();
    output_open();
    if (!limits_apply(limits, error))
        leave_saying(HOST_EXIT_START, error);
    if (!channel_open(error))
        leave_saying(HOST_EXIT_CHANNEL, error);
    start();
    serve_calls();
    limits_cpu_renew(limits, 10);
    load_teardown();
    interpreter_end();
    output_settle();
    tell(json_pack("{s:s}", "type", "drained"));
    leave(HOST_EXIT_DRAINED);
}
