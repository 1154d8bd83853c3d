/*
 * The fleet from inside: what the files fleet*.c share. Everything runs on loop 0 but for what says
 * otherwise.
 *
 *   fleet.c            start, the pulse, shutdown, what other threads may ask
 *   fleet_process.c    one host's process: its start, its descriptors, its drain
 *   fleet_messages.c   what a host says
 *   fleet_death.c      how it came to its end, who is to blame, who comes after it
 *   fleet_generation.c a reading of the directory: copy, start, change over, giving up
 *   fleet_orders.c     reload, load, unload: gathered, carried out together, answered
 *   fleet_memory.c     resident memory, rolling replacement, holes in the regions
 *   fleet_records.c    what is known of each plugin over hosts and generations; readiness
 *   fleet_trace.c      traces: asked of all hosts, gathered, answered
 *
 * Pulse      What happens (a message, a death, an order) is only noted where it happens; what follows from
 *            it is decided in fleet_pulse(), one after the other, so that nothing changes under a
 *            decision. fleet_poke() brings the pulse forward.
 * Lock       Members marked L are written under plugins_lock(), because other threads read them.
 */
#ifndef ASTRO_PLUGINS_FLEET_INTERNAL_H
#define ASTRO_PLUGINS_FLEET_INTERNAL_H

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

#include "catalogue/catalogue.h"
#include "dispatch/pool.h"
#include "plugins/backoff.h"
#include "plugins/control.h"
#include "plugins/figures.h"
#include "plugins/fleet.h"
#include "plugins/host.h"
#include "plugins/name_set.h"
#include "plugins/output.h"
#include "plugins/process.h"
#include "plugins/queue.h"
#include "plugins/snapshot.h"
#include "plugins/watch.h"

enum {
    FLEET_PLUGINS = 256,     /* of a generation */
    FLEET_CONVERSIONS = 512, /* of a generation */
    FLEET_TEXT = FIGURES_TEXT,
    FLEET_FAILURES = 3 /* starts in a row after which nobody waits for a place any more */
};
#define FLEET_SECOND UINT64_C(1000000000) /* ns */

/* --- a host --- */

/* What a host's ledger says about one of its plugins. */
struct ledger_line {
    bool said; /* it has said something */
    enum verdict verdict;
    char kind[FIGURES_NAME], text[FIGURES_TEXT];
    double bytes_per_call;
    uint64_t calls, python_blocks, python_bytes, array_bytes, malloc_bytes, garbage_objects;
    int64_t descriptors, threads;
};

struct host_plugin {
    char name[NAME_ROOM];
    bool failed;
    struct ledger_line ledger; /* L */
    struct ledger_line first;  /* L: the first that was said, before its calls or soon after */
};

struct fleet_process {
    struct host host; /* what the queue sees */
    struct generation *generation;
    struct place *place;        /* NULL: it has none any more, it drains */
    struct fleet_process *next; /* L: in fleet.processes; then in fleet.dead */
    struct child child;         /* L: its pidfd */
    uv_poll_t on_end, on_control, on_output[2];
    unsigned open_handles;
    bool control_open, output_open[2], output_paused;
    struct output output[2];
    struct output_rate output_rate;
    size_t output_bytes; /* since the last pulse */
    uint64_t started_ns, heard_ns, ready_ns;
    uint64_t control_lost_ns; /* its end of the control socket was closed; 0: it is open */
    uint64_t window_ns;       /* messages are counted by the second */
    unsigned messages;
    char loading[NAME_ROOM]; /* what it imports right now; "": nothing */
    bool loaded;             /* it has said `ready` */
    bool announced;          /* the queue knows of it */
    bool exhausted;          /* close to the kernel's limit of memory: it gets no more calls */
    bool retiring;           /* it is to drain; `retired_for` says why */
    enum host_reason retired_for;
    uint64_t drain_due_ns;       /* it has been told to drain: it is killed then; 0: not told yet */
    bool killed;                 /* L: by us; the first reason holds */
    char kill_reason[16];        /* L: a word of reason_words, or "protocol" */
    char kill_text[256];         /* L */
    struct host_plugin *plugins; /* L */
    size_t n_plugins, plugins_room;
    size_t conversions_room;
    uint64_t sampled_ns, sampled_calls; /* when it was last asked for its ledger */
    uint64_t rss, private_bytes, pss, threads, descriptors; /* L */
    uint64_t measured_ns;
    double growth; /* private bytes per second */
};

/* One of the `plugins.hosts` places of a generation. */
struct place {
    unsigned index;
    struct fleet_process *process;   /* serves, or starts; NULL: start_due_ns says when */
    struct fleet_process *successor; /* starts beside `process`, which has grown too large */
    struct backoff backoff;
    uint64_t start_due_ns;
    bool replace;      /* `process` has grown too large */
    unsigned failures; /* starts in a row that came to nothing */
    char failure[FLEET_TEXT];
};

/* --- a generation --- */

struct generation_plugin {
    char name[NAME_ROOM];
    bool loaded;    /* by one host at least */
    bool failed;    /* in one host at least; `error` says how */
    bool skipped;   /* a host died while it loaded this */
    unsigned kills; /* hosts that somebody else killed while they loaded it */
    char error[FLEET_TEXT];
};

/* A conversion that a host of the generation has loaded. */
struct offer {
    char name[NAME_ROOM];
    char plugin[NAME_ROOM];
    uint64_t digest;
    struct plugin_conversion *description; /* owned until the catalogue takes it; then NULL */
};

/* Something for a compute thread; done() runs on loop 0 afterwards. Embedded in who wants it. */
struct fleet_job {
    struct job job;
    void (*run)(struct fleet_job *job);
    void (*done)(struct fleet_job *job);
    struct fleet_job *next;
};

enum generation_state {
    GENERATION_COPYING,
    GENERATION_STARTING,
    GENERATION_SERVING,
    GENERATION_ENDING /* its processes drain or die; it is freed after the last of them */
};

struct generation {
    uint64_t number;
    enum generation_state state;
    struct generation *next; /* in fleet.generations */
    char why[FIGURES_NAME];
    struct fleet_job copying;
    bool copies, copied; /* the job is at work; it is done, or there was none to do */
    bool same_files;     /* as the one before it: only what is left out has changed */
    struct snapshot *snapshot;
    char copy_error[SNAPSHOT_TEXT];
    struct name_set skip;               /* plugins that kill hosts at import */
    struct name_set disabled, unloaded; /* conversions, plugins: by order of `unload` */
    struct place *places;
    size_t n_places;
    size_t n_processes;
    struct generation_plugin *plugins;
    size_t n_plugins, plugins_room;
    struct offer *offers;
    size_t n_offers, offers_room;
    struct order *orders; /* answered when it has changed over or been given up */
    char gave_up_plugin[NAME_ROOM], gave_up_text[FLEET_TEXT]; /* text "": it was not given up */
};

/* --- orders from outside --- */

enum order_kind { ORDER_RELOAD, ORDER_LOAD, ORDER_UNLOAD };

struct order {
    struct order *next;
    enum order_kind kind;
    struct request *request; /* lent; NULL: nobody waits for an answer */
    char name[NAME_ROOM];
    char why[FIGURES_NAME];
};

/* --- what is known of a plugin beyond hosts and generations --- */

struct plugin_record {
    struct plugin_record *next; /* L, and all the rest too */
    char name[NAME_ROOM];
    enum { RECORD_READY, RECORD_FAILED, RECORD_UNLOADED } state;
    char reason[FLEET_TEXT];
    struct name_set conversions;
    uint64_t crashes;
    unsigned outgrown;   /* hosts in a row that were replaced because it had grown */
    uint64_t calls_past; /* by hosts that are gone */
    struct ledger_line
        leak;         /* of a host that is gone; said: it holds until a successor is steady */
    uint64_t leak_ns; /* when that host had been started */
    uint32_t leak_index;
    enum verdict verdict; /* as it was last logged */
    bool keep;            /* while records are compared with a generation */
};

/* --- the fleet --- */

enum fleet_phase { FLEET_OFF, FLEET_RUNNING, FLEET_DRAINING, FLEET_CLOSING, FLEET_ENDED };

struct fleet {
    _Atomic int phase; /* enum fleet_phase */
    uv_loop_t *uv;
    uv_timer_t pulse;
    uv_async_t wake;
    unsigned open_handles;
    void (*ready)(void);
    char program[4096];
    char *message; /* PROTOCOL_MESSAGE_MAX bytes that messages are received into */
    int loops[PROTOCOL_MAX_LOOPS];
    uint64_t random;

    struct generation *generations; /* all that exist */
    struct generation *current;     /* L: serves; NULL until the first is ready */
    struct generation *next;        /* being copied or started; NULL */
    uint64_t last_number;
    bool settled;                    /* the first generation is ready or has failed for good */
    struct fleet_process *processes; /* L */
    struct fleet_process *dead;      /* the kernel has nothing of theirs any more */
    struct plugin_record *records;   /* L */
    uint64_t restarts[REASONS];      /* L */
    uint64_t *place_restarts;        /* L; plugins.hosts of them */
    uint64_t generation_number;      /* L: of the one that serves */
    double start_s;                  /* how long the last host took to become ready */
    uint64_t silence_ns; /* a host that says nothing for so long while it starts is ended */

    pthread_mutex_t orders_lock; /* guards what stands below, up to the empty line */
    struct order *orders;
    struct trace *traces_new;
    bool accepting; /* orders and traces */

    struct trace *traces;
    uint64_t last_token;
    _Atomic(struct fleet_job *) jobs_done;
    unsigned jobs; /* at work */
    struct watch watch;
    uint64_t watch_due_ns, decay_due_ns, memory_due_ns;
    bool watching, watch_failed, decaying;
    struct fleet_process *replaced; /* by a successor that is on its way; one at a time */
    uint64_t replace_due_ns;        /* not before */
    _Atomic bool hosts_ready;       /* a host takes calls, and every plugin can be loaded */
    _Atomic unsigned retry_after;   /* s */
};
extern struct fleet fleet;

/* fleet.c */
void fleet_poke(void);     /* the pulse comes as soon as the present event is done with */
double fleet_random(void); /* [0, 1) */
void fleet_job_submit(struct fleet_job *job);

/* fleet_process.c */
/* NULL: `text` says why. It belongs to fleet.processes; the place refers to it. */
struct fleet_process *process_start(struct generation *generation, struct place *place,
                                    char text[FLEET_TEXT]);
/* Reads what the host has said; what stands in its pipes too. Before its end is looked into. */
void process_read_rest(struct fleet_process *process);
void process_kill(struct fleet_process *process, const char *reason, const char *text);
/* It takes no new calls, drains and ends. It has no place any more. */
void process_retire(struct fleet_process *process, enum host_reason why);
/* Waiting requests may go to it from now on. */
void process_announce(struct fleet_process *process);
void process_pulse(struct fleet_process *process, uint64_t now_ns);
/* After its death: descriptors and handles are closed. */
void process_close(struct fleet_process *process);
/* Frees the records of dead hosts that neither a handle nor the queue needs any more. */
void processes_bury(void);
/* NULL: none, or no memory. Locked when `make`. */
struct host_plugin *process_plugin(struct fleet_process *process, const char *name, bool make);
const struct host_conversion *process_conversion(const struct fleet_process *process,
                                                 const char *name);

/* fleet_messages.c */
void process_message(struct fleet_process *process, const json_t *message);

/* fleet_death.c */
void process_died(struct fleet_process *process);
/* A start that came to nothing, with or without a process. */
void place_failed(struct generation *generation, struct place *place, const char *text);

/* fleet_generation.c */
/* It becomes fleet.next. Takes the orders; NULL: no memory, they have been answered. */
struct generation *generation_begin(struct order *orders_take, const char *why);
void generation_pulse(struct generation *generation, uint64_t now_ns);
void generation_give_up(struct generation *generation, const char *plugin, const char *text);
/* Its hosts end when their calls are done. */
void generation_end(struct generation *generation);
void generations_sweep(void); /* frees those that have ended */
void generation_free(struct generation *generation);
struct generation_plugin *generation_plugin(struct generation *generation, const char *name,
                                            bool make);
/* Takes the description. False: *err says why this conversion cannot be. *ret_conflict: hosts of one
 * generation disagree. */
bool generation_offer(struct generation *generation, struct plugin_conversion *description_take,
                      const char *plugin, bool *ret_conflict, struct astro_error *err);
/* The first n remain. */
void generation_withdraw(struct generation *generation, size_t n);
/* The plugin has failed in one of its hosts. */
void generation_plugin_failed(struct generation *generation, const char *plugin, const char *error,
                              const char *traceback);
/* Hosts that load from now on leave it out. */
void generation_skip(struct generation *generation, const char *plugin, const char *error);

/* fleet_orders.c */
bool fleet_order(enum order_kind kind, struct request *request, const char *name, const char *why);
bool orders_waiting(void);
/* All that wait, oldest first; those that need no generation are answered at once. */
struct order *orders_next(void);
/* Applies them to what a generation leaves out. *ret_reads: the directory must be read again. False:
 * no memory. */
bool orders_apply(const struct order *orders, struct generation *generation, bool *ret_reads);
void orders_answer(struct order *orders_take, const struct generation *generation);
void orders_refuse(struct order *orders_take, int code, const char *text);

/* fleet_memory.c */
void memory_pulse(uint64_t now_ns);
uint64_t memory_next_ns(void);

/* fleet_records.c; those that take a record or a name are called locked */
struct plugin_record *record_find(const char *name);
struct plugin_record *record_of_conversion(const char *name);
struct plugin_record *record_make(const char *name);      /* NULL: no memory */
bool records_follow(const struct generation *generation); /* it serves now; false: no memory */
/* Sums over its hosts, and the worst verdict with its words; calls over those that are gone too. */
void record_ledger(const struct plugin_record *record, struct ledger_line *ret);
void records_ledger_changed(struct fleet_process *process);
void records_process_gone(struct fleet_process *process);
void records_release(void);
void readiness_refresh(uint64_t now_ns);

/* fleet_growth.c; locked */
void growth_ledger(struct host_plugin *plugin); /* a line of its ledger has come */
void growth_process_gone(const struct fleet_process *process);

/* fleet_trace.c */
void traces_pulse(uint64_t now_ns);
void traces_reply(struct fleet_process *process, const json_t *message);
void traces_refuse(const char *text); /* all of them */

#endif
