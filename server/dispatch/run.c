/*
 * The run stage: rows are cut into chunks for the threads, chunks into blocks that stay in a core's
 * cache between the check of a column and its use.
 *
 * The row that is reported when rows fail does not depend on how they were cut: in each chunk the
 * rows before a failure are run, and over all chunks the smallest failure wins.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "dispatch/context.h"
#include "dispatch/work.h"
#include "memory/alloc.h"
#include "process/loop.h"

enum {
    BLOCK_ROWS = 2048,
    STACK_ROWS = 512, /* of a block with expanded or unwanted columns, which lie on the stack */
    SLOT_BYTES = STACK_ROWS * sizeof(struct astro_text) + 192, /* not a power of two */
    CHUNK_GRAIN = 1024,
    COLUMN_ALIGN = 64,
    COLUMN_APART =
        192, /* between columns, so that equal rows do not fall on the same cache lines */
    ARENA_RESULTS = 2048
};

static const double CHUNK_NS_MAX = 1e6;  /* no part is longer: others wait behind it */
static const double CHUNK_NS_MIN = 50e3; /* a shorter one is not worth a wake-up */

/* One chunk at work. A step of 0 is a block on the stack: every block of rows begins at its begin.
 */
struct chunk {
    struct work *work;
    struct call *call;
    const struct astro_conversion *conversion;
    const void *context;
    size_t block; /* rows */
    const char *in[ASTRO_MAX_INPUTS];
    char *out[ASTRO_MAX_OUTPUTS];
    size_t in_step[ASTRO_MAX_INPUTS], out_step[ASTRO_MAX_OUTPUTS]; /* bytes per row */
    double limit[ASTRO_MAX_INPUTS];
    unsigned checked; /* bit i: input i is a column with a range */
    uint64_t warnings[ASTRO_WARNING_COUNT];
};

/* Guards request->error and run_failed against other chunks; taken only when run() fails. */
static pthread_mutex_t failure_lock = PTHREAD_MUTEX_INITIALIZER;

/* --- plan --- */

/*
 * As many chunks as threads when they are then worth a wake-up each, and never longer than 1 ms.
 * Whole multiples of 1024 rows, or fewer when even those would take longer (8: a cache line of
 * doubles).
 */
size_t run_chunk_rows(size_t count, double ns_per_row, unsigned threads)
{
    double ns = ns_per_row > 0.01 ? ns_per_row : 0.01;
    size_t grain = CHUNK_GRAIN;
    while (grain > 8 && (double)grain * ns > CHUNK_NS_MAX)
        grain /= 2;
    double share = (double)count / (threads > 0 ? threads : 1);
    double least = CHUNK_NS_MIN / ns, most = CHUNK_NS_MAX / ns;
    double rows = share > least ? share : least;
    if (rows > most)
        rows = most;
    if (rows >= (double)count)
        return count > 0 ? count : 1;
    size_t up = ((size_t)rows / grain + 1) * grain;
    return (double)up > most && up > grain ? up - grain : up;
}

/* Bytes of one column, rounded up to cache lines. */
static bool column_bytes(size_t count, enum astro_type type, size_t *ret)
{
    size_t bytes;
    if (!size_mul(count, call_type_size(type), &bytes) ||
        !size_add(bytes, COLUMN_ALIGN - 1, &bytes))
        return false;
    *ret = bytes & ~(size_t)(COLUMN_ALIGN - 1);
    return true;
}

/* Memory is taken for texts that nobody wants too: run() needs their rooms. */
static bool has_memory(const struct call *call, size_t i)
{
    return call->outputs[i].wanted || call->conversion->outputs[i].type == ASTRO_BYTES;
}

/* One output's column, and behind it the rooms of its texts. */
static bool output_bytes(const struct call *call, size_t i, size_t *ret)
{
    size_t rooms;
    if (!column_bytes(call->count, call->conversion->outputs[i].type, ret))
        return false;
    return call->conversion->outputs[i].type != ASTRO_BYTES ||
           (size_mul(call->count, call->conversion->text_width, &rooms) &&
            size_add(rooms, COLUMN_ALIGN - 1, &rooms) &&
            size_add(*ret, rooms / COLUMN_ALIGN * COLUMN_ALIGN, ret));
}

/* Of all of them, each `apart` bytes from the next. */
static bool results_bytes(const struct call *call, size_t apart, size_t *ret)
{
    const struct astro_conversion *conversion = call->conversion;
    size_t total = 0, bytes;
    for (size_t i = 0; i < conversion->n_outputs; i++) {
        if (!has_memory(call, i))
            continue;
        if (!output_bytes(call, i, &bytes) || !size_add(bytes, apart, &bytes) ||
            !size_add(total, bytes, &total))
            return false;
    }
    *ret = total;
    return true;
}

static bool take_results(struct call *call)
{
    const struct astro_conversion *conversion = call->conversion;
    size_t total, bytes, apart = 0;
    char *next;
    if (!results_bytes(call, apart, &total))
        return false;
    if (total <= ARENA_RESULTS) {
        next = arena_alloc(&call->request->arena, total, COLUMN_ALIGN);
        if (next == NULL)
            return false;
    } else {
        apart = COLUMN_APART;
        if (!results_bytes(call, apart, &total) || !slab_take(total, &call->results))
            return false;
        next = call->results.data;
    }
    for (size_t i = 0; i < conversion->n_outputs; i++) {
        if (!has_memory(call, i) || !output_bytes(call, i, &bytes))
            continue;
        call->outputs[i].data = next;
        next += bytes + apart;
    }
    return true;
}

bool run_begin(struct work *work, unsigned threads)
{
    struct call *call = work->call;
    if (!take_results(call))
        return call_fail_memory(&work->request->error);
    atomic_store_explicit(&call->failed, UINT64_MAX, memory_order_relaxed);
    work->run_failed = SIZE_MAX;
    work->chunk_rows = call->count > 0 ? call->count : 1;
    if (work->pooled && call->count > 0)
        work->chunk_rows = run_chunk_rows(call->count, work->run_ns / (double)call->count, threads);
    work->parts = call->count / work->chunk_rows + (call->count % work->chunk_rows != 0);
    work->stage = STAGE_RUNNING;
    return true;
}

/* --- one block of rows --- */

/* Smaller of what stands there and `key`; tells the other chunks how far it is still worth running.
 */
static void lower_failed(struct call *call, uint64_t key)
{
    uint64_t seen = atomic_load_explicit(&call->failed, memory_order_relaxed);
    while (key < seen &&
           !atomic_compare_exchange_weak_explicit(&call->failed, &seen, key, memory_order_relaxed,
                                                  memory_order_relaxed)) {
    }
}

static void note_run_error(struct work *work, size_t row, const struct astro_error *error)
{
    pthread_mutex_lock(&failure_lock);
    if (row < work->run_failed) {
        work->run_failed = row;
        work->request->error = *error;
    }
    pthread_mutex_unlock(&failure_lock);
    lower_failed(work->call, (uint64_t)row * ASTRO_MAX_INPUTS);
}

static bool run_rows(struct chunk *chunk, size_t row, size_t n, const void *const in[],
                     void *const out[])
{
    struct astro_report report;
    memset(report.warnings, 0, sizeof report.warnings);
    report.failed_row = 0;
    report.error.code = ASTRO_OK;
    report.error.field[0] = report.error.text[0] = '\0';
    chunk->conversion->run(chunk->context, n, in, out, &report);
    if (report.error.code != ASTRO_OK) {
        note_run_error(chunk->work, row + report.failed_row, &report.error);
        return false;
    }
    for (size_t w = 0; w < ASTRO_WARNING_COUNT; w++)
        chunk->warnings[w] += report.warnings[w];
    return true;
}

/* Rows row .. row+n-1: checked, then run as far as they are good. */
static bool run_block(struct chunk *chunk, size_t row, size_t n)
{
    const void *in[ASTRO_MAX_INPUTS];
    void *out[ASTRO_MAX_OUTPUTS];
    for (size_t i = 0; i < chunk->conversion->n_inputs; i++)
        in[i] = chunk->in[i] != NULL ? chunk->in[i] + row * chunk->in_step[i] : NULL;
    for (size_t i = 0; i < chunk->conversion->n_outputs; i++)
        out[i] = chunk->out[i] + row * chunk->out_step[i];

    size_t good = n, bad = 0;
    for (unsigned rest = chunk->checked; rest != 0; rest &= rest - 1) {
        size_t i = (size_t)__builtin_ctz(rest);
        enum astro_role role = chunk->conversion->inputs[i].role;
        size_t passed = astro_check_column(role, chunk->limit[i], in[i], good);
        if (passed < good) {
            good = passed;
            bad = i;
        }
    }
    if (good > 0 && !run_rows(chunk, row, good, in, out))
        return false;
    if (good < n)
        lower_failed(chunk->call, (uint64_t)(row + good) * ASTRO_MAX_INPUTS + bad);
    return good == n;
}

static bool is_wanted(const struct work *work, size_t row)
{
    uint64_t failed = atomic_load_explicit(&work->call->failed, memory_order_relaxed);
    return (uint64_t)row * ASTRO_MAX_INPUTS <= failed && !work_cancelled(work);
}

static void run_blocks(struct chunk *chunk, size_t row, size_t end)
{
    while (row < end && is_wanted(chunk->work, row)) {
        size_t n = end - row < chunk->block ? end - row : chunk->block;
        if (!run_block(chunk, row, n))
            break;
        row += n;
    }
    for (size_t w = 0; w < ASTRO_WARNING_COUNT; w++) {
        if (chunk->warnings[w] != 0)
            atomic_fetch_add_explicit(&chunk->call->warnings[w], chunk->warnings[w],
                                      memory_order_relaxed);
    }
}

/* --- one chunk --- */

static bool is_expanded(const struct call *call, size_t i)
{
    return call->count > 1 && call->inputs[i].present && call->inputs[i].broadcast;
}

/* True when some input has to be expanded. */
static bool open_inputs(struct chunk *chunk)
{
    const struct call *call = chunk->call;
    bool expanded = false;
    chunk->checked = 0;
    for (size_t i = 0; i < chunk->conversion->n_inputs; i++) {
        const struct astro_field *field = &chunk->conversion->inputs[i];
        const struct call_input *input = &call->inputs[i];
        chunk->in[i] = input->present ? input->data : NULL;
        chunk->in_step[i] = call_type_size(field->type);
        if (!input->present)
            continue;
        expanded = expanded || is_expanded(call, i);
        if (input->broadcast || !work_is_ranged(field))
            continue;
        chunk->checked |= 1u << i;
        chunk->limit[i] = field->role == ASTRO_LATITUDE
                              ? astro_latitude_limit(call->unit, input->origin)
                              : 0.0; /* a distance needs none */
    }
    return expanded;
}

/* True when some output is not wanted. */
static bool open_outputs(struct chunk *chunk)
{
    bool unwanted = false;
    for (size_t i = 0; i < chunk->conversion->n_outputs; i++) {
        const struct call_output *output = &chunk->call->outputs[i];
        chunk->out[i] = output->data;
        chunk->out_step[i] = call_type_size(chunk->conversion->outputs[i].type);
        unwanted = unwanted || output->data == NULL;
    }
    return unwanted;
}

/* True when some column has to be made on the stack. Sets no more than what the conversion uses: a
 * request of one row is over in less time than clearing the whole would take. */
static bool chunk_open(struct chunk *chunk, struct work *work)
{
    struct call *call = work->call;
    chunk->work = work;
    chunk->call = call;
    chunk->conversion = call->conversion;
    chunk->context = call->context != NULL ? context_data(call->context) : call->own_context;
    memset(chunk->warnings, 0, sizeof chunk->warnings);
    bool expanded = open_inputs(chunk);
    bool needs_stack = open_outputs(chunk) || expanded;
    chunk->block = needs_stack ? STACK_ROWS : BLOCK_ROWS;
    return needs_stack;
}

static void expand(char *slot, const void *value, size_t size, size_t n)
{
    for (size_t i = 0; i < n; i++)
        memcpy(slot + i * size, value, size);
}

/* A function of its own, so that only chunks that need it have a quarter of a MiB on the stack. */
static __attribute__((noinline)) void run_on_stack(struct chunk *chunk, size_t row, size_t end)
{
    _Alignas(COLUMN_ALIGN) char slots[ASTRO_MAX_INPUTS + ASTRO_MAX_OUTPUTS][SLOT_BYTES];
    size_t used = 0, n = end - row < STACK_ROWS ? end - row : STACK_ROWS;
    for (size_t i = 0; i < chunk->conversion->n_inputs; i++) {
        if (!is_expanded(chunk->call, i))
            continue;
        expand(slots[used], chunk->in[i], chunk->in_step[i], n);
        chunk->in[i] = slots[used++];
        chunk->in_step[i] = 0;
    }
    for (size_t i = 0; i < chunk->conversion->n_outputs; i++) {
        if (chunk->call->outputs[i].data != NULL)
            continue;
        chunk->out[i] = slots[used++];
        chunk->out_step[i] = 0;
    }
    run_blocks(chunk, row, end);
}

/* Each text of these rows is given its room, which lies behind the column. */
static void give_rooms(const struct call *call, size_t row, size_t end)
{
    size_t width = call->conversion->text_width, column;
    for (size_t i = 0; width > 0 && i < call->conversion->n_outputs; i++) {
        if (call->conversion->outputs[i].type != ASTRO_BYTES ||
            !column_bytes(call->count, ASTRO_BYTES, &column))
            continue;
        struct astro_text *texts = call->outputs[i].data;
        const char *rooms = (const char *)texts + column;
        for (size_t r = row; r < end; r++)
            texts[r] = (struct astro_text){rooms + r * width, 0};
    }
}

void run_part(struct work *work, size_t part)
{
    struct call *call = work->call;
    size_t row = part * work->chunk_rows;
    size_t end = call->count - row < work->chunk_rows ? call->count : row + work->chunk_rows;
    struct chunk chunk;
    give_rooms(call, row, end);
    if (chunk_open(&chunk, work))
        run_on_stack(&chunk, row, end);
    else
        run_blocks(&chunk, row, end);
}

/* --- afterwards --- */

static bool fail_range(struct call *call, uint64_t failed, struct astro_error *err)
{
    size_t row = (size_t)(failed / ASTRO_MAX_INPUTS), i = (size_t)(failed % ASTRO_MAX_INPUTS);
    const struct call_input *input = &call->inputs[i];
    char where[CALL_MAX_RANK * 21];
    call_row_text(input, row, where, sizeof where);
    double value;
    memcpy(&value, (const char *)input->data + row * sizeof value, sizeof value);
    err->code = ASTRO_OK; /* a later row may have failed in run() */
    return astro_fail_range(err, &call->conversion->inputs[i], call->unit, where, value);
}

bool run_check_columns(struct call *call, struct astro_error *err)
{
    uint64_t failed = UINT64_MAX;
    for (size_t i = 0; i < call->conversion->n_inputs; i++) {
        const struct astro_field *field = &call->conversion->inputs[i];
        const struct call_input *input = &call->inputs[i];
        if (!work_is_ranged(field) || !input->present || input->broadcast)
            continue;
        double limit =
            field->role == ASTRO_LATITUDE ? astro_latitude_limit(call->unit, input->origin) : 0.0;
        size_t good = astro_check_column(field->role, limit, input->data, input->count);
        if (good < input->count && good * ASTRO_MAX_INPUTS + i < failed)
            failed = good * ASTRO_MAX_INPUTS + i;
    }
    return failed == UINT64_MAX || fail_range(call, failed, err);
}

/* run() writes `text = "..."`, as for a scalar, because it does not know the shape: `text[7] =
 * "..."`. */
static void place_run_error(struct call *call, struct astro_error *err)
{
    size_t name = strlen(err->field);
    int i = name > 0 ? call_input_find(call->conversion, err->field, name) : -1;
    if (i < 0 || call->inputs[i].broadcast || strncmp(err->text, err->field, name) != 0 ||
        err->text[name] != ' ')
        return;
    char where[CALL_MAX_RANK * 21];
    call_row_text(&call->inputs[i], call->work->run_failed, where, sizeof where);
    if (where[0] == '\0')
        return;
    struct astro_error placed = {.code = ASTRO_OK};
    astro_fail(&placed, err->code, err->field, "%s[%s]%s", err->field, where, err->text + name);
    *err = placed;
}

/* Inputs are not needed any more; small ones go with the arena. */
void run_release_inputs(struct call *call)
{
    slab_release(&call->columns);
    if (call->request->body.slab.data != NULL)
        body_release(&call->request->body);
}

bool run_end(struct work *work)
{
    struct call *call = work->call;
    struct astro_error *err = &work->request->error;
    uint64_t failed = atomic_load_explicit(&call->failed, memory_order_relaxed);
    if (failed != UINT64_MAX) {
        if (failed / ASTRO_MAX_INPUTS != work->run_failed)
            return fail_range(call, failed, err);
        place_run_error(call, err);
        return false;
    }
    for (unsigned w = 0; w < ASTRO_WARNING_COUNT; w++) {
        if ((call->context_warnings & (1u << w)) != 0)
            atomic_fetch_add_explicit(&call->warnings[w], call->count, memory_order_relaxed);
    }
    run_release_inputs(call);
    work->stage = STAGE_ENCODE;
    return true;
}
