/* The fleet of plugin hosts, as the API sees it: what it says is set by the test, what it is told is
 * kept. */
#ifndef TEST_API_FAKES_H
#define TEST_API_FAKES_H

#include <stdbool.h>

#include "plugins/figures.h"
#include "plugins/fleet.h"

enum order { ORDER_NONE, ORDER_LOAD, ORDER_UNLOAD, ORDER_TRACE };

extern struct fake_fleet {
    bool not_ready;
    const char *down;            /* a plugin that cannot be served; NULL: all can */
    const struct figures *known; /* what figures_take() copies; NULL: out of memory */
    enum order order;            /* the last */
    struct request *request;     /* its own */
    char name[FIGURES_NAME];
    bool start;
    int frames;
} fake_fleet;

#endif
