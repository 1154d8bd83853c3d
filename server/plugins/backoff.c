#include "plugins/backoff.h"

enum { DOUBLINGS = 20 };

static double wait_of(unsigned deaths)
{
    double wait = BACKOFF_FIRST_S;
    for (unsigned i = 1; i < deaths && i < DOUBLINGS; i++)
        wait *= 2;
    return wait < BACKOFF_MOST_S ? wait : BACKOFF_MOST_S;
}

double backoff_next(struct backoff *backoff, double lived_s, double most_s, double random)
{
    if (lived_s >= BACKOFF_YOUNG_S) {
        backoff->deaths = 0;
        return 0;
    }
    if (most_s <= 0)
        return 0;
    /* A kind of death with a short wait does not lengthen the wait of the other kinds without end. */
    if (backoff->deaths == 0 || wait_of(backoff->deaths) < most_s)
        backoff->deaths++;
    double wait = wait_of(backoff->deaths);
    if (wait > most_s)
        wait = most_s;
    return wait * (0.75 + 0.5 * random);
}
