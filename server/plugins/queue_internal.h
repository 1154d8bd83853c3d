/*
 * Inside the queue: lists, the choice of hosts, completions. Everything here is called with
 * plugins_lock() held unless it says otherwise.
 */
#ifndef ASTRO_PLUGINS_QUEUE_INTERNAL_H
#define ASTRO_PLUGINS_QUEUE_INTERNAL_H

#include "plugins/host.h"
#include "plugins/part.h"
#include "plugins/queue.h"

struct part_list {
    struct plugin_part *first, *last;
    size_t n;
};

struct queue {
    struct part_list waiting;
    struct host *hosts; /* READY, DRAINING, and DEAD ones whose completions are not all read */
    uint64_t next_call;
};
extern struct queue queue;

void list_append(struct part_list *list, struct plugin_part *part);
void list_prepend(struct part_list *list, struct plugin_part *part);
void list_remove(struct part_list *list, struct plugin_part *part);

/* choice.c: who goes where. */
struct host_conversion *choice_conversion(const struct host *host,
                                          const struct plugin_conversion *conversion);
/* The host whose region a new request's arrays should go to; NULL: none is up. */
struct host *choice_home(const struct plugin_conversion *conversion);
/* The next call that some host can take now: takes its pieces out of the queue. False: none. */
bool choice_next(struct host **ret_host, struct plugin_call *ret_call);

/* The call at calls[index] is over: it leaves the host's record. */
void queue_call_ended(struct host *host, unsigned index);

/* Not locked: sends what can be sent, refuses what is too much. */
void queue_dispatch(void);
/* The request comes back on its loop with this error. */
void queue_fail(struct plugin_part *part, int code, const char *text);

/* retained.c: blocks that outlive their calls. */
void retained_take(struct host *host, const struct plugin_call *call);
/* False: the ring of releases is broken. */
bool retained_read_releases(struct host *host);
void retained_give_up(struct host *host);

#endif
