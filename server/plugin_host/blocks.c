#include "plugin_host/blocks.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "plugin_host/channel.h"
#include "plugin_host/ledger/ledger.h"
#include "plugin_host/ledger/tags.h"

struct block {
    struct block *previous, *next; /* in `retained`, in `waiting`, or (next) in `spare` */
    PyObject *capsule;             /* owned by the call while it is at work, then by nobody here */
    uint64_t offset, bytes;
    uint64_t since_ns;
    unsigned owner;
    bool output;
    bool retained; /* the call has ended; it is in the list */
    bool posted;   /* astrolabed has been told that it is retained */
    char request_id[64];
};

struct list {
    struct block *first, *last;
};

static struct list retained; /* oldest first */
static struct list waiting;  /* dead, but not told yet */
static bool
    some_unposted; /* there are blocks with retained && !posted, or waiting ones like that */
static struct block *spare; /* records to be used again */
static unsigned n_spare;
enum { SPARE_MOST = 256 };

static struct blocks_totals totals[LEDGER_OWNERS];

static const char CAPSULE[] = "astrolabe.block";

static uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void list_append(struct list *list, struct block *block)
{
    block->previous = list->last;
    block->next = NULL;
    if (list->last != NULL)
        list->last->next = block;
    else
        list->first = block;
    list->last = block;
}

static void list_remove(struct list *list, struct block *block)
{
    if (block->previous != NULL)
        block->previous->next = block->next;
    else
        list->first = block->next;
    if (block->next != NULL)
        block->next->previous = block->previous;
    else
        list->last = block->previous;
}

static void record_free(struct block *block)
{
    if (n_spare >= SPARE_MOST) {
        free(block);
        return;
    }
    block->next = spare;
    spare = block;
    n_spare++;
}

static struct block *record_new(void)
{
    struct block *block = spare;
    if (block == NULL) {
        /* The host's own: another plugin may be the next to use it. */
        unsigned owner = tags_enter(0);
        block = malloc(sizeof *block);
        tags_enter(owner);
        return block;
    }
    spare = block->next;
    n_spare--;
    return block;
}

static struct blocks_totals *totals_of(unsigned owner)
{
    return &totals[owner < LEDGER_OWNERS ? owner : 0];
}

/* Capsule destructor: nothing refers to the block any more. */
static void capsule_died(PyObject *capsule_borrowed)
{
    struct block *block = PyCapsule_GetPointer(capsule_borrowed, CAPSULE);
    block->capsule = NULL;
    if (!block->retained) {
        record_free(block);
        return;
    }
    list_remove(&retained, block);
    struct blocks_totals *sum = totals_of(block->owner);
    sum->objects--;
    sum->bytes -= block->bytes;
    sum->outputs -= block->output;
    if (block->posted && waiting.first == NULL && channel_release(block->offset))
        record_free(block);
    else
        list_append(&waiting, block);
}

struct block *blocks_enter(uint64_t offset, uint64_t bytes, unsigned owner, const char *request_id,
                           bool output)
{
    struct block *block = record_new();
    if (block == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    block->offset = offset;
    block->bytes = bytes;
    block->owner = owner;
    block->output = output;
    block->retained = block->posted = false;
    memcpy(block->request_id, request_id, sizeof block->request_id);
    block->capsule = PyCapsule_New(block, CAPSULE, capsule_died);
    if (block->capsule == NULL) {
        record_free(block);
        return NULL;
    }
    return block;
}

PyObject *blocks_capsule(struct block *block)
{
    return block->capsule;
}

bool blocks_leave(struct block *block)
{
    PyObject *capsule = block->capsule; /* the call's reference */
    bool stays = Py_REFCNT(capsule) > 1;
    if (stays) {
        block->retained = true;
        block->since_ns = now_ns();
        list_append(&retained, block);
        struct blocks_totals *sum = totals_of(block->owner);
        sum->objects++;
        sum->bytes += block->bytes;
        sum->outputs += block->output;
        some_unposted = true;
    }
    Py_DECREF(capsule);
    return stays;
}

void blocks_posted(void)
{
    if (!some_unposted)
        return;
    some_unposted = false;
    for (struct block *block = retained.last; block != NULL && !block->posted;
         block = block->previous)
        block->posted = true;
    for (struct block *block = waiting.first; block != NULL; block = block->next)
        block->posted = true;
}

bool blocks_flush(void)
{
    for (struct block *block = waiting.first; block != NULL; block = waiting.first) {
        if (!block->posted)
            return false; /* told when its call is */
        if (!channel_release(block->offset))
            return true;
        list_remove(&waiting, block);
        record_free(block);
    }
    return false;
}

struct blocks_totals blocks_retained(unsigned owner)
{
    return *totals_of(owner);
}

void blocks_each(unsigned owner,
                 void (*see)(void *context, const char *request_id, uint64_t bytes, double age_s,
                             bool output),
                 void *context)
{
    uint64_t now = now_ns();
    for (const struct block *block = retained.first; block != NULL; block = block->next)
        if (block->owner == owner)
            see(context, block->request_id, block->bytes, (double)(now - block->since_ns) * 1e-9,
                block->output);
}
