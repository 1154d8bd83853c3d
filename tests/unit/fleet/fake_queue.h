/* A queue that gives no calls to hosts, says what it is told to say, and counts what it is told. */
#ifndef TEST_FLEET_FAKE_QUEUE_H
#define TEST_FLEET_FAKE_QUEUE_H

#include <stdbool.h>

#include "plugins/fleet_internal.h"

struct fake_queue {
    unsigned ready, left, died, changed, refused;
    int code;          /* of the last death with a call at work */
    char text[512];    /* the same */
    struct host *busy; /* works on a call: queue_running(); NULL */
    char plugin[64], request[64];
    struct host *overdue;
};
extern struct fake_queue fake_queue;

/* `plugin` is at work on this host from now on, until it dies or rest() is called. */
void work_on(struct fleet_process *process, const char *plugin, const char *request);
void rest(void);

#endif
