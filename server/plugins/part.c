#include "plugins/part.h"

#include <stdio.h>
#include <string.h>

#include "memory/alloc.h"
#include "plugins/queue.h"
#include "request/call.h"
#include "request/request.h"

struct plugin_part *plugin_part_create(struct request *request,
                                       const struct plugin_conversion *conversion)
{
    struct region_memory *region = NULL;
    if (!queue_admits(request, conversion, &region))
        return NULL;
    struct plugin_part *part =
        arena_zalloc(&request->arena, sizeof *part, _Alignof(struct plugin_part));
    /* The ledger and the log of the host name the request before its answer does. */
    if (part == NULL || !response_id(request)) {
        region_memory_drop(region);
        call_fail_memory(&request->error);
        return NULL;
    }
    part->request = request;
    part->conversion = conversion;
    part->region = region;
    size_t length = call_cut(request->id.data, request->id.length, sizeof part->request_id - 1);
    memcpy(part->request_id, request->id.data, length);
    return part;
}

void plugin_part_release(struct plugin_part *part)
{
    if (part == NULL)
        return;
    slab_release(&part->copies);
    region_memory_drop(part->region);
    part->region = NULL;
}

struct slab_source *plugin_part_source(const struct plugin_part *part)
{
    return part != NULL && part->region != NULL ? region_memory_source(part->region) : NULL;
}
