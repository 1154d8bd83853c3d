/*
 * The end of a host: how it came, who is to blame, what its request is told, who comes after it.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "memory/alloc.h"
#include "observe/log.h"
#include "plugins/breaker.h"
#include "plugins/fleet_internal.h"
#include "process/loop.h"
#include "process/server.h"

/* Longest wait before the successor of a host that was killed by somebody else. */
#define KILLED_MOST_S 1.0
enum { KILLS = 2 }; /* such deaths while one plugin was loaded, after which it is left out */

struct ending {
    enum host_reason reason;
    bool ours;        /* an end that we have made, or asked for */
    bool blamed;      /* the plugin that was at work has done it */
    int code;         /* enum astro_code, for the request that was at work */
    char how[320];    /* "SIGSEGV", "exit status 3", ... */
    char plugin[64];  /* at work, or being loaded; "": none */
    char request[64]; /* at work; "" */
    double worked_s;
};

/* --- how --- */

static enum host_reason reason_of_signal(int number)
{
    switch (number) {
    case SIGXCPU:
        return REASON_DEADLINE;
    case SIGKILL:
    case SIGTERM:
    case SIGINT:
    case SIGQUIT:
    case SIGHUP:
        return REASON_KILLED;
    default:
        return REASON_CRASH;
    }
}

static enum host_reason reason_of_word(const char *word)
{
    for (int i = 0; i < REASONS; i++) {
        if (strcmp(word, reason_words[i]) == 0)
            return (enum host_reason)i;
    }
    /* "protocol": whatever its memory holds, it is no host any more. "shutdown" */
    return strcmp(word, "protocol") == 0 ? REASON_CRASH : REASON_KILLED;
}

static void describe_exit(const struct fleet_process *process, int status, struct ending *ending)
{
    static const struct {
        int status;
        bool always; /* not a plugin's choice */
        const char *text;
    } known[] = {
        {HOST_EXIT_USAGE, false, "it did not understand its arguments"},
        {HOST_EXIT_START, false, "Python could not be started, see its output"},
        {HOST_EXIT_CHANNEL, true, "what it shares with astrolabed made no sense to it"},
        {HOST_EXIT_ORPHAN, true, "it took itself for an orphan"},
    };
    ending->reason = REASON_EXIT;
    snprintf(ending->how, sizeof ending->how, "exit status %d", status);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].status == status && (known[i].always || !process->announced))
            snprintf(ending->how, sizeof ending->how, "exit status %d: %s", status, known[i].text);
    }
    if (process->drain_due_ns != 0 && status == HOST_EXIT_DRAINED) {
        ending->reason = process->retired_for;
        ending->ours = true;
        snprintf(ending->how, sizeof ending->how, "drained");
    }
}

static void classify(const struct fleet_process *process, int status, struct ending *ending)
{
    if (status == -1) {
        ending->reason = REASON_KILLED;
        snprintf(ending->how, sizeof ending->how, "unknown");
    } else if (WIFEXITED(status)) {
        describe_exit(process, WEXITSTATUS(status), ending);
    } else if (process->killed && WTERMSIG(status) == SIGKILL) {
        ending->ours = true;
        ending->reason = reason_of_word(process->kill_reason);
        snprintf(ending->how, sizeof ending->how, "%s",
                 process->kill_text[0] != '\0' ? process->kill_text : process->kill_reason);
    } else {
        const char *name = sigabbrev_np(WTERMSIG(status));
        ending->reason = reason_of_signal(WTERMSIG(status));
        snprintf(ending->how, sizeof ending->how, "SIG%s", name != NULL ? name : "?");
    }
    ending->blamed = ending->reason == REASON_CRASH || ending->reason == REASON_EXIT;
    if (!process->loaded && !process->retiring)
        ending->reason = REASON_START;
}

/* --- what the request is told --- */

static void explain(const struct ending *ending, char text[FLEET_TEXT])
{
    const char *plugin = ending->plugin;
    switch (ending->reason) {
    case REASON_DEADLINE:
        snprintf(text, FLEET_TEXT,
                 "the plugin %s had worked %.3g s on this request when its time was over; its host "
                 "has been replaced",
                 plugin, ending->worked_s);
        break;
    case REASON_CRASH:
        snprintf(text, FLEET_TEXT, "the plugin %s crashed (%s) while it worked on this request",
                 plugin, ending->how);
        break;
    case REASON_EXIT:
        snprintf(text, FLEET_TEXT,
                 "the plugin %s ended its host process (%s) while it worked on this request",
                 plugin, ending->how);
        break;
    default:
        snprintf(text, FLEET_TEXT,
                 "the host of the plugin %s was killed (%s) while it worked on this request",
                 plugin, ending->how);
    }
}

/* The queue answers what it was at work on; from here on nobody finds the host any more. */
static void tell_queue(struct fleet_process *process, struct ending *ending, int status)
{
    char text[FLEET_TEXT];
    uint64_t now_ns = loop_clock_ns();
    plugins_lock();
    bool ran = process->announced && queue_running(&process->host, ending->plugin, ending->request);
    if (ran)
        ending->worked_s = (double)(now_ns - process->host.calls[0].begun_ns) / 1e9;
    else
        memcpy(ending->plugin, process->loading, sizeof ending->plugin);
    classify(process, status, ending);
    ending->code = ending->reason == REASON_DEADLINE ? ASTRO_DEADLINE : ASTRO_PLUGIN_CRASHED;
    ending->blamed = ending->blamed && ran;
    explain(ending, text);
    if (strcmp(process->kill_reason, "shutdown") == 0) {
        ending->code = ASTRO_DRAINING;
        snprintf(text, sizeof text, "the server shuts down");
    }
    process->host.state = HOST_DEAD;
    if (process->announced)
        queue_host_died(&process->host, ending->code, text);
    struct fleet_process **at = &fleet.processes;
    while (*at != process)
        at = &(*at)->next;
    *at = process->next;
    plugins_unlock();
}

static void log_death(const struct fleet_process *process, const struct ending *ending)
{
    bool expected = ending->ours && ending->reason != REASON_DEADLINE &&
                    ending->reason != REASON_START && ending->reason != REASON_CRASH;
    LOG_EVENT(
        expected ? LEVEL_INFO : LEVEL_WARN, "plugin_host_died", LOG_I("pid", process->host.pid),
        LOG_I("host", process->host.index), LOG_I("generation", process->generation->number),
        LOG_S("reason", fleet.phase == FLEET_RUNNING ? reason_words[ending->reason] : "shutdown"),
        LOG_S("how", ending->how), LOG_S("plugin", ending->plugin),
        LOG_S("request_id", ending->request));
}

/* --- blame --- */

static void blame(const struct ending *ending)
{
    double seconds = breaker_crashed(ending->plugin, loop_clock_ns());
    plugins_lock();
    struct plugin_record *record = record_find(ending->plugin);
    if (record != NULL)
        record->crashes++;
    plugins_unlock();
    if (seconds > 0)
        LOG_EVENT(LEVEL_ERROR, "plugin_switched_off", LOG_S("plugin", ending->plugin),
                  LOG_F("seconds", seconds), LOG_S("reason", ending->how));
}

/* It died while it loaded a plugin: the others need not wait for that one. A killer from outside
 * (the kernel out of memory, an operator) means the plugin only when it comes twice, and when no host has
 * ever been able to load it. */
static bool skip_what_it_loaded(struct fleet_process *process, const struct ending *ending,
                                int status)
{
    if (process->loading[0] == '\0' || process->loaded || process->retiring ||
        fleet.phase != FLEET_RUNNING)
        return false;
    struct generation_plugin *plugin =
        generation_plugin(process->generation, process->loading, true);
    bool from_outside = !ending->ours && status != -1 && WIFSIGNALED(status) &&
                        reason_of_signal(WTERMSIG(status)) == REASON_KILLED;
    if (from_outside && plugin != NULL && (plugin->loaded || ++plugin->kills < KILLS))
        return false;
    char error[FLEET_TEXT];
    snprintf(error, sizeof error, "a host died while it loaded this: %.300s", ending->how);
    generation_skip(process->generation, process->loading, error);
    return true;
}

/* --- who comes after it --- */

static void start_in(struct place *place, double seconds)
{
    place->start_due_ns = loop_clock_ns() + (uint64_t)(seconds * 1e9) + 1;
}

void place_failed(struct generation *generation, struct place *place, const char *text)
{
    place->failures++;
    snprintf(place->failure, sizeof place->failure, "%s", text);
    LOG_EVENT(LEVEL_ERROR, "plugin_host_failed", LOG_I("host", place->index),
              LOG_I("generation", generation->number), LOG_I("failures", place->failures),
              LOG_S("reason", text));
    start_in(place, backoff_next(&place->backoff, 0, BACKOFF_MOST_S, fleet_random()));
}

static double longest_wait(enum host_reason reason)
{
    switch (reason) {
    case REASON_CRASH:
    case REASON_EXIT:
    case REASON_START:
        return BACKOFF_MOST_S;
    case REASON_KILLED:
        return KILLED_MOST_S;
    default:
        return 0;
    }
}

static void leave_place(struct fleet_process *process, const struct ending *ending, bool skipped)
{
    struct place *place = process->place;
    if (place == NULL)
        return;
    if (place->successor == process) {
        place->successor = NULL; /* the old one goes on; the next try comes by itself */
    } else if (place->successor != NULL) {
        place->process = place->successor;
        place->successor = NULL;
        place->replace = false;
        return;
    } else {
        place->process = NULL;
        place->replace = false;
    }
    double lived_s = process->announced ? (double)(loop_clock_ns() - process->ready_ns) / 1e9 : 0;
    if (skipped)
        start_in(place, 0); /* it gets further than the last time */
    else if (!process->announced)
        place_failed(process->generation, place, ending->how);
    else
        start_in(place, backoff_next(&place->backoff, lived_s, longest_wait(ending->reason),
                                     fleet_random()));
}

static void count(const struct fleet_process *process, const struct ending *ending)
{
    bool unwanted = process->retiring && !process->announced;
    if (fleet.phase != FLEET_RUNNING || unwanted)
        return;
    plugins_lock();
    fleet.restarts[ending->reason]++;
    fleet.place_restarts[process->host.index]++;
    plugins_unlock();
}

void process_died(struct fleet_process *process)
{
    struct ending ending = {.code = ASTRO_PLUGIN_CRASHED};
    process_read_rest(process);
    int status = child_reap(&process->child);
    tell_queue(process, &ending, status);
    log_death(process, &ending);
    if (ending.blamed)
        blame(&ending);
    bool skipped = skip_what_it_loaded(process, &ending, status);
    records_process_gone(process);
    count(process, &ending);
    if (fleet.replaced == process)
        fleet.replaced = NULL;
    leave_place(process, &ending, skipped);
    process_close(process);
    readiness_refresh(loop_clock_ns());
}
