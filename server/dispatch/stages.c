/*
 * The serial stages around run(): inflate, decode, bind, encode. And the predictions by which the
 * pipeline decides where they run.
 */
#include <string.h>

#include "codec/codec.h"
#include "dispatch/context.h"
#include "dispatch/work.h"
#include "process/loop.h"
#include "process/server.h"

/* Cheaper contexts are made anew for each request: finding one in the cache costs about as much. */
static const double CACHE_FROM_NS = 300.0;
/* An own context beyond this would take a chunk of the arena for itself. */
enum { OWN_CONTEXT_MAX = 2048 };

/* Measured with zlib 1.2.13 and numeric JSON; what a body grows to is a guess until it is inflated.
 */
static const double INFLATE_NS_PER_BYTE = 4.0;
static const double INFLATE_RATIO = 4.0;
/* Numbers as text; a guess until the answer is written. */
static const double TEXT_BYTES_PER_VALUE = 19.0;

/* --- predictions --- */

static bool is_dear(const struct astro_conversion *conversion)
{
    return conversion->prepare_ns >= CACHE_FROM_NS || conversion->context_size > OWN_CONTEXT_MAX;
}

/* What run() will take for the rows of this call. */
static double predict_run(const struct call *call)
{
    const struct astro_conversion *conversion = call->conversion;
    const void *in[ASTRO_MAX_INPUTS];
    size_t count[ASTRO_MAX_INPUTS];
    if (conversion->cost == NULL || call->plugin != NULL)
        return (double)call->count * conversion->ns_per_point;
    for (size_t i = 0; i < conversion->n_inputs; i++) {
        in[i] = call->inputs[i].present ? call->inputs[i].data : NULL;
        count[i] = call->inputs[i].present ? call->inputs[i].count : 0;
    }
    return conversion->cost(call->values, call->count, in, count);
}

static double encode_cost(const struct work *work)
{
    const struct call *call = work->call;
    double ns = call->codec->encode_cost(call);
    const struct request *request = work->request;
    if (request->accepts_gzip || request->accepts_deflate)
        ns += compress_cost(
            (uint64_t)(TEXT_BYTES_PER_VALUE * (double)call->count * (double)call->n_wanted));
    return ns;
}

double work_cost(const struct work *work)
{
    const struct call *call = work->call;
    const struct body *body = &work->request->body;
    double prepare = call->context == NULL ? call->conversion->prepare_ns : 0;
    switch (work->stage) {
    case STAGE_INFLATE:
        return INFLATE_RATIO *
               ((double)body->length * INFLATE_NS_PER_BYTE + call->codec->decode_cost(call));
    case STAGE_DECODE:
        return call->codec->decode_cost(call); /* the number of rows is not known yet */
    case STAGE_BIND:
        return prepare + work->run_ns + encode_cost(work);
    case STAGE_RUN:
    case STAGE_RUNNING:
        return work->run_ns + encode_cost(work);
    case STAGE_PLUGIN:
    case STAGE_ENCODE:
    case STAGE_ENCODING:
        return encode_cost(work);
    case STAGE_COMPRESS:
        return compress_cost(work->request->response.length);
    case STAGE_SAID:
        break;
    }
    return 0;
}

/* --- inflate and decode --- */

bool stage_inflate(struct work *work, size_t budget)
{
    struct request *request = work->request;
    switch (body_inflate_step(&request->body, &request->arena, request->header_length,
                              request->body_limit, budget, &request->error)) {
    case BODY_FAILED:
        return false;
    case BODY_MORE:
        return true;
    case BODY_DONE:
        break;
    }
    work->stage = STAGE_DECODE;
    work->slice = 0;
    return true;
}

bool stage_decode(struct work *work, size_t budget)
{
    struct call *call = work->call;
    switch (call->codec->decode(call, budget)) {
    case STEP_FAILED:
        return false;
    case STEP_MORE:
        return true;
    case STEP_DONE:
        break;
    }
    work->stage = STAGE_BIND;
    work->run_ns = predict_run(call);
    /* Here and not in the next stage, because finding it decides where that stage runs. */
    struct context_cache *cache = work->request->loop->contexts;
    if (!work->pooled && cache != NULL && call->plugin == NULL && is_dear(call->conversion))
        call->context = context_cache_find(cache, call->conversion, call->values);
    return true;
}

/* --- bind --- */

static bool first_value_passes(const struct call *call, size_t i)
{
    const struct astro_field *field = &call->conversion->inputs[i];
    const struct call_input *input = &call->inputs[i];
    if (!work_is_ranged(field) || !input->present || input->count == 0)
        return true;
    double limit = astro_latitude_limit(call->unit, input->origin);
    return astro_check_column(field->role, limit, input->data, 1) == 1;
}

/*
 * An input that stands for all rows is checked once, here. It fails in row 0, where an earlier
 * input may fail too: that one is then reported, as if all had been columns.
 */
static bool check_scalars(const struct call *call, struct astro_error *err)
{
    for (size_t i = 0; i < call->conversion->n_inputs; i++) {
        if (!call->inputs[i].broadcast || first_value_passes(call, i))
            continue;
        size_t first = 0;
        while (first < i && first_value_passes(call, first))
            first++;
        char where[CALL_MAX_RANK * 21];
        const struct call_input *input = &call->inputs[first];
        call_row_text(input, 0, where, sizeof where);
        double value;
        memcpy(&value, input->data, sizeof value);
        return astro_fail_range(err, &call->conversion->inputs[first], call->unit, where, value);
    }
    return true;
}

static bool make_own_context(struct call *call)
{
    struct request *request = call->request;
    const struct astro_conversion *conversion = call->conversion;
    void *data = arena_alloc(&request->arena, conversion->context_size, ASTRO_CONTEXT_ALIGN);
    if (data == NULL)
        return call_fail_memory(&request->error);
    if (!conversion->prepare(call->values, data, &call->context_warnings, &request->error))
        return false;
    call->own_context = data;
    return true;
}

/* On the loop through its cache; on the pool, which may not touch it, beside the cache. */
static bool make_context(struct work *work)
{
    struct call *call = work->call;
    struct context_cache *cache = work->request->loop->contexts;
    struct astro_error *err = &work->request->error;
    if (work->pooled || cache == NULL) {
        call->context = context_make(call->conversion, call->values, err);
        work->keep_context = call->context != NULL;
    } else {
        call->context = context_cache_make(cache, call->conversion, call->values, err);
    }
    return call->context != NULL;
}

/* A plugin has no context; its columns are checked here, because no chunk of ours will. */
static bool bind_plugin(struct work *work)
{
    if (!run_check_columns(work->call, &work->request->error))
        return false;
    work->stage = work->call->count > 0 ? STAGE_PLUGIN : STAGE_ENCODE;
    return true;
}

bool stage_bind(struct work *work)
{
    struct call *call = work->call;
    if (!check_scalars(call, &work->request->error))
        return false;
    if (call->plugin != NULL)
        return bind_plugin(work);
    if (!is_dear(call->conversion)) {
        if (!make_own_context(call))
            return false;
    } else {
        if (call->context == NULL && !make_context(work))
            return false;
        call->context_warnings = context_warnings(call->context);
    }
    work->stage = STAGE_RUN;
    return true;
}

/* --- encode --- */

bool stage_encode_begin(struct work *work)
{
    work->parts = 0;
    if (!work->call->codec->encode_begin(work->call, &work->parts))
        return false;
    work->stage = STAGE_ENCODING;
    return true;
}

bool stage_encode_end(struct work *work)
{
    if (!work->call->codec->encode_end(work->call))
        return false;
    work->stage = compress_wanted(work->request) ? STAGE_COMPRESS : STAGE_SAID;
    work->slice = 0;
    return true;
}
