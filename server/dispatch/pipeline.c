/*
 * The pipeline: on the loop one stage after the other while what is left is predicted to be cheap;
 * else on the pool, where each serial slice and each parallel stage is one submission of the same
 * job.
 *
 * On the pool everything happens in ended(): the job has no parts at work then, so the call has one
 * owner, which takes memory, plans the next parts and submits them, or gives the request back.
 */
#include "dispatch/pipeline.h"

#include "codec/codec.h"
#include "dispatch/context.h"
#include "dispatch/work.h"
#include "plugins/queue.h"
#include "process/loop.h"
#include "process/server.h"

enum {
    INLINE_INFLATE = 24 * 1024, /* decoded bytes; a body may grow a thousandfold */
    SLICE_FIRST = 64 * 1024,    /* bytes, until it is known how fast they go */
    SLICE_MAX = 16 * 1024 * 1024,
    TINY_ROWS = 16
};

static const uint64_t SLICE_NS = 1000000;
static const uint64_t NEAR_NS = 10000000; /* much longer than the requests of one read take */
static const double NS_PER_S = 1e9;

static struct work *work_create(struct request *request)
{
    struct work *work = arena_zalloc(&request->arena, sizeof *work, _Alignof(struct work));
    if (work == NULL)
        return NULL;
    work->request = request;
    work->call = request->call;
    work->call->work = work;
    work->stage = request->body.encoding == BODY_IDENTITY ? STAGE_DECODE : STAGE_INFLATE;
    work->decode_ns = request->call->codec->decode_cost(request->call);
    return work;
}

static bool is_late(const struct request *request, uint64_t now)
{
    return request->deadline_ns != 0 && now >= request->deadline_ns;
}

static bool fail_late(struct request *request)
{
    return astro_fail(&request->error, ASTRO_DEADLINE, NULL,
                      "the deadline passed before the answer was ready");
}

/* The request says its answer, or its error. */
static void answer(struct request *request, const struct work *work)
{
    if (work != NULL && work->stage != STAGE_SAID && request->error.code == ASTRO_OK)
        fail_late(request); /* given up on the way */
    if (request->error.code != ASTRO_OK)
        response_fail(request);
    request_move(request, REQUEST_ANSWER);
}

/* --- parallel stages, on either side --- */

static bool is_parallel(enum stage stage)
{
    return stage == STAGE_RUNNING || stage == STAGE_ENCODING;
}

/* Two clock reads would be a tenth of what such a call costs. */
static bool is_tiny(const struct work *work)
{
    return !work->pooled && work->call->count <= TINY_ROWS;
}

/* The time of a tiny call is measured, its division into stages follows the predictions. */
static void divide_time(struct work *work)
{
    struct call *call = work->call;
    double run = work->run_ns;
    double encode = call->codec->encode_cost(call);
    double decode = work->decode_ns;
    double share = (double)(call->t_end - call->t_decode) / (decode + run + encode + 1);
    call->t_run = call->t_decode + (uint64_t)(share * decode);
    call->t_encode = call->t_run + (uint64_t)(share * run);
}

static bool begin_parts(struct work *work)
{
    if (work->stage == STAGE_ENCODE)
        return stage_encode_begin(work);
    if (!is_tiny(work))
        work->call->t_run = loop_clock_ns();
    return run_begin(work, work->pooled ? pool_threads(server.pool) : 1);
}

static bool end_parts(struct work *work)
{
    if (work->stage == STAGE_ENCODING)
        return stage_encode_end(work);
    if (!is_tiny(work))
        work->call->t_encode = loop_clock_ns();
    return run_end(work);
}

static void do_part(struct work *work, size_t part)
{
    if (work->stage == STAGE_RUNNING)
        run_part(work, part);
    else
        work->call->codec->encode_part(work->call, part);
}

/* One serial slice of `budget` bytes; binding follows decoding at once. */
static bool do_slice(struct work *work, size_t budget)
{
    switch (work->stage) {
    case STAGE_INFLATE:
        return stage_inflate(work, budget);
    case STAGE_DECODE:
        return stage_decode(work, budget) &&
               (!work->pooled || work->stage != STAGE_BIND || stage_bind(work));
    case STAGE_BIND:
        return stage_bind(work);
    case STAGE_COMPRESS:
        compress_slice(work, budget);
        return true;
    default:
        return true;
    }
}

/* --- on the pool --- */

static struct work *work_of(struct job *job)
{
    return (struct work *)job; /* its first member */
}

/* Nobody waits for it any more. */
static bool is_given_up(struct work *work)
{
    if (work_cancelled(work))
        return true;
    if (!is_late(work->request, loop_clock_ns()))
        return false;
    fail_late(work->request);
    return true;
}

/* The next slice takes as long as it should, by what this one took. */
static void measure(struct work *work, enum stage stage, size_t bytes, uint64_t ns)
{
    if (work->stage != stage)
        return; /* another one comes, with its own measure */
    double next = (double)bytes * (double)SLICE_NS / (double)(ns > 0 ? ns : 1);
    if (next > 4.0 * (double)bytes)
        next = 4.0 * (double)bytes;
    if (next < (double)bytes / 4)
        next = (double)bytes / 4;
    work->slice = next < SLICE_MAX ? (size_t)next : SLICE_MAX;
    if (work->slice == 0)
        work->slice = 1;
}

static void serial_part(struct job *job, size_t part)
{
    (void)part;
    struct work *work = work_of(job);
    enum stage stage = work->stage;
    size_t bytes = work->slice > 0 ? work->slice : SLICE_FIRST;
    uint64_t begun = loop_clock_ns();
    if (do_slice(work, bytes))
        measure(work, stage, bytes, loop_clock_ns() - begun);
    else
        astro_fail(&work->request->error, ASTRO_INTERNAL, NULL, "a stage failed without a reason");
}

static void parallel_part(struct job *job, size_t part)
{
    struct work *work = work_of(job);
    if (!work_cancelled(work) && !is_late(work->request, loop_clock_ns()))
        do_part(work, part);
}

static void ended(struct job *job);

/* Afterwards the call may belong to any worker, or be gone. */
static void lend(struct work *work, size_t parts, void (*part)(struct job *, size_t))
{
    work->job.n_parts = parts;
    /* All that is known to be left, so that the backlog is what a newcomer has to wait for. */
    work->job.ns_per_part = work_cost(work) / (double)parts;
    work->job.part = part;
    work->job.ended = ended;
    pool_submit(server.pool, &work->job);
}

static void give_back(struct work *work)
{
    compress_release(work);
    work->call->t_end = loop_clock_ns();
    loop_finish_work(work->request);
}

static void advance(struct work *work)
{
    while (work->stage != STAGE_SAID && work->request->error.code == ASTRO_OK &&
           !is_given_up(work)) {
        if (work->stage == STAGE_PLUGIN) {
            queue_submit(work->request, false);
            return;
        }
        if ((work->stage == STAGE_RUN || work->stage == STAGE_ENCODE) && !begin_parts(work))
            break;
        if (!is_parallel(work->stage)) {
            lend(work, 1, serial_part);
            return;
        }
        if (work->parts > 0) {
            lend(work, work->parts, parallel_part);
            return;
        }
        if (!end_parts(work))
            break;
    }
    give_back(work);
}

static void ended(struct job *job)
{
    struct work *work = work_of(job);
    if (job->begun_ns > job->submitted_ns)
        work->call->queue_ns += job->begun_ns - job->submitted_ns;
    /* Also when rows have failed: it finds out which one is to be reported. advance() sees the
     * error. */
    if (is_parallel(work->stage) && !is_given_up(work))
        (void)end_parts(work);
    advance(work);
}

/* False: it would wait for longer than it has, and is refused before anything is done for it. */
static bool to_pool(struct work *work)
{
    struct request *request = work->request;
    uint64_t wait = pool_backlog_ns(server.pool) / pool_threads(server.pool);
    uint64_t now = loop_clock_ns();
    if (is_late(request, now))
        return fail_late(request);
    if (is_late(request, now + wait))
        return astro_fail(&request->error, ASTRO_OVERLOADED, NULL,
                          "the queue is longer than the time this request has left; try again");
    arena_detach(&request->arena);
    work->pooled = true;
    if (request->state != REQUEST_WORK) /* it may come from a plugin host */
        request_move(request, REQUEST_WORK);
    advance(work);
    return true;
}

/* --- on the loop --- */

static bool stage_inline(struct work *work)
{
    switch (work->stage) {
    case STAGE_RUN:
    case STAGE_ENCODE:
        return begin_parts(work);
    case STAGE_RUNNING:
    case STAGE_ENCODING:
        for (size_t part = 0; part < work->parts; part++)
            do_part(work, part);
        return end_parts(work);
    case STAGE_INFLATE:
        return do_slice(work, INLINE_INFLATE);
    default:
        return do_slice(work, SIZE_MAX);
    }
}

/* What is predicted here contains what follows, so that the stages in between need not ask again.
 */
static bool is_boundary(const struct work *work, enum stage stage)
{
    if (stage == STAGE_ENCODE)
        return work->call->plugin != NULL;
    return stage == STAGE_INFLATE || stage == STAGE_DECODE || stage == STAGE_BIND ||
           stage == STAGE_COMPRESS;
}

/* All of it on the loop, in one go. False: it went to the pool. */
static bool run_inline(struct work *work)
{
    double budget = server.settings.dispatch_inline * NS_PER_S;
    bool dearer = false; /* than predicted: a stage was not complete after its turn */
    while (work->stage != STAGE_SAID) {
        enum stage before = work->stage;
        if (before == STAGE_PLUGIN) {
            request_move(work->request, REQUEST_WORK);
            queue_submit(work->request, true);
            return false;
        }
        if (is_boundary(work, before) && (dearer || work_cost(work) > budget)) {
            if (to_pool(work))
                return false;
            break;
        }
        if (!stage_inline(work))
            break;
        dearer = work->stage == before;
    }
    return true;
}

/* A recent time will do, except where a deadline is near. */
static uint64_t begin_ns(const struct request *request)
{
    uint64_t now = loop_recent_ns(request->loop);
    return is_late(request, now + NEAR_NS) ? loop_clock_ns() : now;
}

bool pipeline_start(struct request *request)
{
    struct call *call = request->call;
    struct work *work = work_create(request);
    call->t_decode = begin_ns(request);
    if (work == NULL) {
        call_fail_memory(&request->error);
    } else if (is_late(request, call->t_decode)) {
        fail_late(request);
    } else {
        if (!run_inline(work))
            return false;
        compress_release(work);
    }
    call->t_end = request->loop->recent_ns = loop_clock_ns();
    if (work != NULL && call->t_run == 0 && work->stage == STAGE_SAID)
        divide_time(work);
    answer(request, work);
    return true;
}

void pipeline_cancel(struct request *request)
{
    if (request->later != NULL)
        return; /* what it has asked for goes on */
    pool_cancel(server.pool, &request->call->work->job);
    if (request->call->plugin != NULL)
        queue_cancel(request);
}

void pipeline_take_back(struct request *request)
{
    struct work *work = request->call->work;
    if (work->pooled)
        arena_attach(&request->arena);
    work->pooled = false;
}

void pipeline_resume(struct request *request)
{
    struct call *call = request->call;
    struct work *work = call->work;
    call->t_encode = loop_recent_ns(request->loop);
    if (request->error.code == ASTRO_OK && !is_given_up(work)) {
        run_release_inputs(call);
        work->stage = STAGE_ENCODE;
        if (!run_inline(work))
            return;
        compress_release(work);
    }
    call->t_end = request->loop->recent_ns = loop_clock_ns();
    answer(request, work);
    loop_answered(request);
}

void pipeline_finish(struct request *request)
{
    struct call *call = request->call;
    struct work *work = call->work;
    pipeline_take_back(request);
    if (work->keep_context && request->loop->contexts != NULL)
        context_cache_keep(request->loop->contexts, call->context);
    answer(request, work);
}
