/* Memory that ends flush against a page nobody may touch: reading or writing one byte too far
 * faults. */
#ifndef TESTS_GUARDED_H
#define TESTS_GUARDED_H

#include <stddef.h>

struct guarded {
    char *region; /* of `size` usable bytes and the forbidden page */
    size_t size;
};

void guarded_open(struct guarded *guarded, size_t size);
/* The last `length` usable bytes, with `text` copied there (NULL: uninitialised). */
char *guarded_put(const struct guarded *guarded, const void *text, size_t length);
void guarded_close(struct guarded *guarded);

#endif
