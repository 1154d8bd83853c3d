/*
 * Members: the few words that the body of a control request may say, as one flat JSON object.
 */
#ifndef ASTRO_API_MEMBERS_H
#define ASTRO_API_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "request/request.h"

/* What a member may be; its value stays as it is when the member is absent. */
struct members_word {
    const char *const *words; /* end with NULL */
    int index;
};
struct members_whole {
    int64_t least, most, value;
};

struct member {
    const char *key;
    struct members_word *word; /* one of these three */
    struct members_whole *whole;
    bool *flag;
};

/*
 * Reads the body, which may be missing. lenient: other members are passed over (other servers know
 * more of them); else they are mistakes. False: request->error is set.
 */
bool members_read(struct request *request, const struct member *members, size_t n, bool lenient);

#endif
