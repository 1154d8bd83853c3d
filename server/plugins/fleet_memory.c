/*
 * Memory: how large hosts have grown, and what follows.
 *
 * Counted    is what only the host can give back: its private pages, and the blocks of the shared region
 *            that its plugins keep. The pages of the region that requests pass through are not its own.
 * Replaced   above plugins.max_rss, one host at a time, not in its first seconds: its successor starts
 *            beside it and takes over. Above 1.5 times that there is no waiting; close to the kernel's
 *            limit it gets no more calls, for they would fail.
 * Region     Every 2 s holes are punched where blocks have been idle, on a compute thread.
 */
#include <stdio.h>

#include "memory/alloc.h"
#include "observe/log.h"
#include "plugins/fleet_internal.h"
#include "plugins/region.h"
#include "process/server.h"

enum { MEASURE_MS = 250, HOT_MS = 50, DECAY_S = 2, MIN_LIFE_S = 2 };
#define MILLISECOND  UINT64_C(1000000)
#define NEAR_THE_END (UINT64_C(512) << 20) /* above twice plugins.max_rss; the limit is at 1 GiB */

/* --- holes in the regions --- */

struct decay {
    struct fleet_job job;
    size_t n;
    struct region_memory *regions[];
};

static void punch(struct fleet_job *job)
{
    struct decay *decay = (struct decay *)(void *)job;
    for (size_t i = 0; i < decay->n; i++) {
        region_memory_decay(decay->regions[i]);
        region_memory_drop(decay->regions[i]);
    }
}

static void punched(struct fleet_job *job)
{
    fleet.decaying = false;
    mem_free(job);
}

static void decay_pulse(uint64_t now_ns)
{
    size_t n = 0;
    if (now_ns < fleet.decay_due_ns || fleet.decaying)
        return;
    fleet.decay_due_ns = now_ns + DECAY_S * FLEET_SECOND;
    for (struct fleet_process *process = fleet.processes; process != NULL; process = process->next)
        n++;
    struct decay *decay = n > 0 ? mem_alloc(sizeof *decay + n * sizeof decay->regions[0]) : NULL;
    if (decay == NULL)
        return;
    *decay = (struct decay){.job = {.run = punch, .done = punched}};
    for (struct fleet_process *process = fleet.processes; process != NULL; process = process->next)
        decay->regions[decay->n++] = region_memory_hold(process->host.region);
    fleet.decaying = true;
    fleet_job_submit(&decay->job);
}

/* --- resident memory --- */

/* Private and kept bytes; 0: it cannot be measured. */
static uint64_t measure(struct fleet_process *process)
{
    uint64_t resident, shared;
    if (!child_memory(&process->child, &resident, &shared))
        return 0;
    plugins_lock();
    process->rss = resident;
    process->private_bytes = resident > shared ? resident - shared : 0;
    uint64_t size = process->private_bytes + process->host.retained_bytes;
    plugins_unlock();
    return size;
}

/* What its plugins keep of the region is missing there: half of it is too much, whatever its size. */
static bool keeps_too_much(struct fleet_process *process)
{
    plugins_lock();
    bool much = process->host.retained_bytes > server.settings.plugins_shared_memory / 2;
    plugins_unlock();
    return much;
}

static void replace(struct fleet_process *process, uint64_t size)
{
    process->place->replace = true;
    fleet.replaced = process;
    LOG_EVENT(LEVEL_WARN, "plugin_host_large", LOG_I("pid", process->host.pid),
              LOG_I("host", process->host.index), LOG_I("bytes", size),
              LOG_I("plugins.max_rss", server.settings.plugins_max_rss));
    fleet_poke();
}

/* True: it is worth a closer look soon. */
static bool judge(struct fleet_process *process, uint64_t size, uint64_t now_ns)
{
    const uint64_t most = server.settings.plugins_max_rss;
    bool much = size > most || keeps_too_much(process);
    bool urgent = size > most + most / 2;
    struct place *place = process->place;
    if (!much || place == NULL || place->process != process || !process->announced)
        return size > most / 2;
    bool may = now_ns - process->ready_ns >= MIN_LIFE_S * FLEET_SECOND && fleet.replaced == NULL &&
               now_ns >= fleet.replace_due_ns;
    if (!place->replace && (may || urgent))
        replace(process, size);
    if (size > 2 * most + NEAR_THE_END) {
        plugins_lock();
        process->host.stuck = process->exhausted = true;
        plugins_unlock();
    }
    return true;
}

void memory_pulse(uint64_t now_ns)
{
    decay_pulse(now_ns);
    if (now_ns < fleet.memory_due_ns)
        return;
    bool hot = false;
    for (struct fleet_process *process = fleet.processes; process != NULL;
         process = process->next) {
        uint64_t size = measure(process);
        hot = judge(process, size, now_ns) || hot;
    }
    fleet.memory_due_ns = now_ns + (hot ? HOT_MS : MEASURE_MS) * MILLISECOND;
}

uint64_t memory_next_ns(void)
{
    return fleet.memory_due_ns;
}
