/*
 * CHECK: an invariant whose failure means that memory may already be wrong. On in every build,
 * because going on would corrupt another request's data; the price is one predictable branch.
 *
 * Never for what a peer or an operator can cause: those are errors with an answer.
 */
#ifndef ASTRO_MEMORY_CHECK_H
#define ASTRO_MEMORY_CHECK_H

/* One line on stderr, then abort(). */
_Noreturn void check_failed(const char *function, const char *condition, const char *meaning)
    __attribute__((cold));

#define CHECK(condition, meaning)                                                                  \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0))                                                     \
            check_failed(__func__, #condition, meaning);                                           \
    } while (0)

#endif
