#include "guarded.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 65536 }; /* no Linux page is larger */

void guarded_open(struct guarded *guarded, size_t size)
{
    size = (size + PAGE - 1) / PAGE * PAGE;
    guarded->size = size;
    guarded->region = mmap(NULL, size + PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (guarded->region == MAP_FAILED || mprotect(guarded->region, size, PROT_READ | PROT_WRITE))
        abort();
}

char *guarded_put(const struct guarded *guarded, const void *text, size_t length)
{
    if (length > guarded->size)
        abort();
    char *place = guarded->region + guarded->size - length;
    if (text && length)
        memcpy(place, text, length);
    return place;
}

void guarded_close(struct guarded *guarded)
{
    munmap(guarded->region, guarded->size + PAGE);
}
