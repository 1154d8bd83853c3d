/*
 * Traces: POST /v1/debug/plugins/{name}/trace is asked of every host that serves; their reports go back
 * together, after 10 s with what is there.
 */
#include <stdio.h>
#include <string.h>

#include "memory/alloc.h"
#include "plugins/fleet_internal.h"
#include "process/loop.h"
#include "request/request.h"

enum { TRACE_S = 10, TRACE_FRAMES = 128 };

struct trace {
    struct trace *next;
    struct request *request; /* lent */
    char plugin[NAME_ROOM];
    bool start;
    int frames;
    uint64_t token;  /* 0: not asked yet */
    uint64_t due_ns; /* then it is answered */
    json_t *hosts;   /* owned: their answers */
    size_t n_asked;
    pid_t *asked; /* owned: who still has to answer; 0: has answered, or is gone */
};

static void trace_free(struct trace *trace)
{
    json_decref(trace->hosts);
    mem_free(trace->asked);
    mem_free(trace);
}

static void refuse(struct trace *trace_take, enum astro_code code, const char *text)
{
    astro_fail(&trace_take->request->error, code, NULL, "%s", text);
    loop_finish_later(trace_take->request);
    trace_free(trace_take);
}

/* --- coming in, from any thread --- */

void fleet_trace(struct request *request, const char *name, bool start, int frames)
{
    struct trace *trace = mem_zalloc(1, sizeof *trace);
    if (trace == NULL) {
        astro_fail(&request->error, ASTRO_OVERLOADED, NULL,
                   "the memory limit is reached; try again");
        loop_finish_later(request);
        return;
    }
    trace->request = request;
    trace->start = start;
    trace->frames = frames < 1 ? 1 : frames < TRACE_FRAMES ? frames : TRACE_FRAMES;
    if (strlen(name) < sizeof trace->plugin)
        snprintf(trace->plugin, sizeof trace->plugin, "%s", name);
    pthread_mutex_lock(&fleet.orders_lock);
    bool accepted = fleet.accepting;
    if (accepted) {
        trace->next = fleet.traces_new;
        fleet.traces_new = trace;
        uv_async_send(&fleet.wake);
    }
    pthread_mutex_unlock(&fleet.orders_lock);
    if (accepted)
        return;
    if (fleet.phase == FLEET_OFF)
        refuse(trace, ASTRO_NOT_FOUND, "there are no plugins: plugins.directory is not set");
    else
        refuse(trace, ASTRO_DRAINING, "the server shuts down");
}

/* --- asked --- */

static bool is_asked(const struct fleet_process *process)
{
    return process->announced && !process->retiring;
}

static bool ask(struct trace *trace)
{
    size_t n = 0;
    for (struct fleet_process *process = fleet.processes; process != NULL; process = process->next)
        n += is_asked(process);
    trace->hosts = json_array();
    trace->asked = mem_zalloc(n + 1, sizeof *trace->asked);
    if (trace->hosts == NULL || trace->asked == NULL)
        return false;
    trace->token = ++fleet.last_token;
    for (struct fleet_process *process = fleet.processes; process != NULL;
         process = process->next) {
        json_t *message = control_trace(trace->plugin, trace->start, trace->frames, trace->token);
        if (!is_asked(process))
            json_decref(message);
        else if (control_send(process->child.control, message) == CONTROL_SENT)
            trace->asked[trace->n_asked++] = process->host.pid;
    }
    return true;
}

static void begin(struct trace *trace, uint64_t now_ns)
{
    char text[FLEET_TEXT];
    const struct plugin_record *record = record_find(trace->plugin);
    if (record == NULL || record->state != RECORD_READY) {
        snprintf(text, sizeof text, "there is no plugin called %s that is served", trace->plugin);
        refuse(trace, ASTRO_NOT_FOUND, text);
    } else if (!ask(trace)) {
        refuse(trace, ASTRO_OVERLOADED, "the memory limit is reached; try again");
    } else {
        trace->due_ns = now_ns + TRACE_S * FLEET_SECOND;
        trace->next = fleet.traces;
        fleet.traces = trace;
    }
}

static void take_new(uint64_t now_ns)
{
    pthread_mutex_lock(&fleet.orders_lock);
    struct trace *trace = fleet.traces_new;
    fleet.traces_new = NULL;
    pthread_mutex_unlock(&fleet.orders_lock);
    while (trace != NULL) {
        struct trace *next = trace->next;
        begin(trace, now_ns);
        trace = next;
    }
}

/* --- answered --- */

/* The report is a stranger's; whatever it is, it is small, for a message is. */
void traces_reply(struct fleet_process *process, const json_t *message)
{
    uint64_t token = control_count(message, "token");
    struct trace *trace = fleet.traces;
    while (trace != NULL && trace->token != token)
        trace = trace->next;
    for (size_t i = 0; trace != NULL && i < trace->n_asked; i++) {
        if (trace->asked[i] != process->host.pid)
            continue;
        trace->asked[i] = 0;
        json_t *report = json_object_get(message, "report");
        char error[FLEET_TEXT];
        control_text(message, "error", error, sizeof error);
        json_t *entry = json_pack("{s:i, s:i}", "pid", (int)process->host.pid, "host",
                                  (int)process->host.index);
        if (json_is_object(report))
            json_object_set(entry, "report", report);
        else
            json_object_set_new(entry, "error", json_string(error));
        json_array_append_new(trace->hosts, entry);
    }
}

static bool is_alive(pid_t pid)
{
    const struct fleet_process *process = fleet.processes;
    while (process != NULL && process->host.pid != pid)
        process = process->next;
    return process != NULL;
}

static size_t missing(const struct trace *trace)
{
    size_t n = 0;
    for (size_t i = 0; i < trace->n_asked; i++)
        n += trace->asked[i] != 0 && is_alive(trace->asked[i]);
    return n;
}

static void answer(struct trace *trace_take)
{
    struct trace *trace = trace_take;
    json_t *report = json_pack("{s:s, s:s, s:O, s:i}", "plugin", trace->plugin, "action",
                               trace->start ? "start" : "stop", "hosts", trace->hosts, "missing",
                               (int)(trace->n_asked - json_array_size(trace->hosts)));
    if (report == NULL) {
        refuse(trace, ASTRO_OVERLOADED, "the memory limit is reached; try again");
        return;
    }
    trace->request->later_document = report;
    loop_finish_later(trace->request);
    trace_free(trace);
}

void traces_pulse(uint64_t now_ns)
{
    take_new(now_ns);
    struct trace **at = &fleet.traces;
    while (*at != NULL) {
        struct trace *trace = *at;
        if (missing(trace) > 0 && now_ns < trace->due_ns) {
            at = &trace->next;
            continue;
        }
        *at = trace->next;
        answer(trace);
    }
}

static void refuse_list(struct trace *list, const char *text)
{
    while (list != NULL) {
        struct trace *next = list->next;
        refuse(list, ASTRO_DRAINING, text);
        list = next;
    }
}

void traces_refuse(const char *text)
{
    pthread_mutex_lock(&fleet.orders_lock);
    struct trace *fresh = fleet.traces_new;
    fleet.traces_new = NULL;
    pthread_mutex_unlock(&fleet.orders_lock);
    struct trace *asked = fleet.traces;
    fleet.traces = NULL;
    refuse_list(fresh, text);
    refuse_list(asked, text);
}
