/*
 * Arrays that a plugin has kept: their blocks live on, owned by the host's record, until the host says
 * that the last reference has gone, or is gone itself.
 */
#include <string.h>

#include "catalogue/catalogue.h"
#include "memory/alloc.h"
#include "plugins/frame.h"
#include "plugins/queue_internal.h"
#include "plugins/ring.h"
#include "process/loop.h"
#include "request/call.h"
#include "request/request.h"

static void drop(struct host *host, struct retained **place)
{
    struct retained *entry = *place;
    *place = entry->next;
    host->retained_objects--;
    host->retained_bytes -= entry->bytes;
    slab_release_kept(&entry->slab);
    mem_free(entry);
}

/* A release may be read before the completion of its call: another loop reads the ring. */
static bool was_early(struct host *host, uint64_t offset)
{
    for (unsigned i = 0; i < host->n_early; i++) {
        if (host->early[i] == offset) {
            host->early[i] = host->early[--host->n_early];
            return true;
        }
    }
    return false;
}

static void take_block(struct host *host, const struct request *request, unsigned block)
{
    const struct slab *slab = frame_slab(request, block);
    if (region_memory_of(slab) != host->region)
        return; /* the host has not seen it */
    uint64_t offset = region_memory_offset(host->region, slab->data);
    if (was_early(host, offset))
        return;
    struct retained *entry = mem_zalloc(1, sizeof *entry);
    if (entry == NULL) {
        host->stuck = true; /* its memory cannot be kept from reuse otherwise: the host has to go */
        return;
    }
    const struct plugin_part *part = request->call->plugin;
    entry->slab = region_memory_share(slab);
    entry->offset = offset;
    entry->bytes = frame_block_bytes(request, block);
    entry->since_ns = loop_clock_ns();
    entry->output = block == PIECE_BLOCKS - 1;
    memcpy(entry->plugin, part->conversion->plugin, sizeof entry->plugin);
    memcpy(entry->request_id, part->request_id, sizeof entry->request_id);
    entry->next = host->retained;
    host->retained = entry;
    host->retained_objects++;
    host->retained_bytes += entry->bytes;
}

void retained_take(struct host *host, const struct plugin_call *call)
{
    for (unsigned i = 0; i < call->n_pieces; i++) {
        unsigned bits = frame_retained(call, i);
        for (unsigned block = 0; bits != 0 && block < PIECE_BLOCKS; block++) {
            if ((bits & 1u << block) != 0)
                take_block(host, call->pieces[i], block);
        }
    }
}

bool retained_read_releases(struct host *host)
{
    struct channel *channel = region_memory_channel(host->region);
    uint64_t offset;
    for (;;) {
        switch (releases_take(&channel->releases, &offset)) {
        case RING_EMPTY:
            return true;
        case RING_BROKEN:
            return false;
        case RING_TAKEN:
            break;
        }
        struct retained **place = &host->retained;
        while (*place != NULL && (*place)->offset != offset)
            place = &(*place)->next;
        if (*place != NULL)
            drop(host, place);
        else if (host->n_early < HOST_EARLY)
            host->early[host->n_early++] = offset;
        else
            return false; /* it invents blocks */
    }
}

void retained_give_up(struct host *host)
{
    while (host->retained != NULL)
        drop(host, &host->retained);
    host->n_early = 0;
}
