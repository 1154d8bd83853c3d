#include "plugins/host.h"

const char *host_state_word(enum host_state state)
{
    static const char *const words[] = {
        [HOST_STARTING] = "starting",
        [HOST_READY] = "ready",
        [HOST_DRAINING] = "draining",
        [HOST_DEAD] = "dead",
    };
    return words[state];
}
