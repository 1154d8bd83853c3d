#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "dispatch/pipeline.h"
#include "dispatch/work.h"
#include "memory/alloc.h"
#include "memory/ledger.h"
#include "observe/log.h"
#include "plugins/fleet.h"

struct server server;
const char *const server_version = "test";
struct loop *test_loop;
unsigned resumed, finished;
static struct arena_source arenas;

/* --- the parts that are not under test --- */

bool fleet_admits(const char *plugin, struct astro_error *err, unsigned *ret_retry_after)
{
    (void)plugin, (void)err, (void)ret_retry_after;
    return true;
}

void fleet_call_ended(const char *plugin)
{
    (void)plugin;
}

unsigned fleet_retry_after(void)
{
    return 7;
}

uint64_t loop_clock_ns(void)
{
    static uint64_t now = 1000000000;
    return now += 1000;
}

void loop_finish_work(struct request *request)
{
    request->state = REQUEST_ANSWER;
    finished++;
}

void pipeline_take_back(struct request *request)
{
    (void)request;
}

void pipeline_resume(struct request *request)
{
    request->state = REQUEST_ANSWER;
    resumed++;
}

bool response_id(struct request *request)
{
    request->id = (struct request_text){"abc-1", 5};
    return true;
}

size_t call_cut(const char *text, size_t length, size_t most)
{
    (void)text;
    return length < most ? length : most;
}

bool call_fail_memory(struct astro_error *err)
{
    return astro_fail(err, ASTRO_OVERLOADED, NULL, "no memory");
}

/* --- the conversion --- */

static const struct astro_field inputs[] = {{.name = "ra"}, {.name = "dec"}};
static const struct astro_field outputs[] = {{.name = "x"}, {.name = "y"}};
static const struct astro_parameter parameters[] = {
    {.name = "factor", .type = ASTRO_NUMBER},
    {.name = "note", .type = ASTRO_STRING, .maximum = 100},
};

#define SCALE                                                                                      \
    .conversion = {.name = "scale",                                                                \
                   .inputs = inputs,                                                               \
                   .n_inputs = 2,                                                                  \
                   .outputs = outputs,                                                             \
                   .n_outputs = 2,                                                                 \
                   .parameters = parameters,                                                       \
                   .n_parameters = 2},                                                             \
    .plugin = "kite", .elementwise = true, .max_rows = 1000
struct plugin_conversion scale = {SCALE, .digest = 42};
struct plugin_conversion other_scale = {SCALE, .digest = 43};

/* --- life --- */

int set_up(void **state)
{
    (void)state;
    mem_init();
    slab_pool_init(64 << 20);
    server.settings.plugins_queue = 256;
    server.settings.plugins_timeout = 30;
    server.settings.plugins_tracebacks = true;
    server.n_loops = 1;
    test_loop = calloc(1, sizeof *test_loop);
    assert_non_null(test_loop);
    uv_loop_init(&test_loop->uv);
    arena_source_init(&arenas);
    assert_true(queue_loop_open(test_loop));
    resumed = finished = 0;
    return 0;
}

int tear_down(void **state)
{
    (void)state;
    queue_loop_close(test_loop);
    uv_run(&test_loop->uv, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&test_loop->uv), 0);
    arena_source_release(&arenas);
    free(test_loop);
    for (int kind = 0; kind < LEDGER_KINDS; kind++)
        assert_int_equal(ledger_read((enum ledger_kind)kind).objects, 0);
    assert_int_equal(queue_waiting(), 0);
    return 0;
}

struct host *new_host(unsigned index)
{
    struct host *host = calloc(1, sizeof *host);
    assert_non_null(host);
    host->index = index;
    host->wake = eventfd(0, EFD_NONBLOCK);
    host->region = region_memory_create(4 << 20, 1);
    assert_non_null(host->region);
    host->conversions = calloc(1, sizeof *host->conversions);
    host->n_conversions = 1;
    strcpy(host->conversions[0].name, "scale");
    host->conversions[0].digest = scale.digest;
    host->conversions[0].number = 3;
    plugins_lock();
    queue_host_ready(host);
    plugins_unlock();
    return host;
}

void free_host(struct host *host)
{
    plugins_lock();
    if (host->state != HOST_DEAD)
        queue_host_died(host, ASTRO_PLUGIN_CRASHED, "the plugin kite crashed");
    plugins_unlock();
    turn();
    plugins_lock();
    assert_true(queue_host_gone(host));
    plugins_unlock();
    assert_null(host->retained);
    assert_int_equal(host->retained_objects, 0);
    close(host->wake);
    region_memory_drop(host->region);
    free(host->conversions);
    free(host);
}

struct request *new_request(size_t n, double base, double factor)
{
    struct arena arena;
    arena_init(&arena, &arenas);
    struct request *request = arena_zalloc(&arena, sizeof *request, _Alignof(struct request));
    assert_non_null(request);
    request->arena = arena;
    request->loop = test_loop;
    request->state = REQUEST_WORK;
    struct call *call = arena_zalloc(&request->arena, sizeof *call, _Alignof(struct call));
    struct work *work = arena_zalloc(&request->arena, sizeof *work, _Alignof(struct work));
    double *ra = arena_alloc(&request->arena, (n + 1) * sizeof *ra, 8);
    assert_true(call != NULL && work != NULL && ra != NULL);
    request->call = call;
    call->request = request;
    call->work = work;
    call->conversion = &scale.conversion;
    for (size_t i = 0; i < n; i++)
        ra[i] = base + (double)i;
    call->inputs[0] = (struct call_input){.present = true, .rank = 1, .count = n, .data = ra};
    call->inputs[0].shape[0] = n;
    call->inputs[1] = (struct call_input){.present = true, .count = 1, .broadcast = true, .one = 5};
    call->inputs[1].data = &call->inputs[1].one;
    call->values[0] = (struct astro_value){.present = true, .given = true, .number = factor};
    call->values[1] = (struct astro_value){.present = true, .given = true, .text = {"hey", 3}};
    call->rank = 1;
    call->count = call->shape[0] = n;
    call->outputs[0].wanted = call->outputs[1].wanted = true;
    call->n_wanted = 2;
    call->plugin = plugin_part_create(request, &scale);
    assert_true(call->plugin != NULL || request->error.code != ASTRO_OK);
    return request;
}

bool is_back(const struct request *request)
{
    return request->state == REQUEST_ANSWER;
}

void free_request(struct request *request)
{
    assert_true(is_back(request) || request->call->plugin == NULL ||
                request->call->plugin->state == PART_IDLE);
    slab_release(&request->call->results);
    slab_release(&request->call->columns);
    slab_release(&request->body.slab);
    plugin_part_release(request->call->plugin);
    struct arena arena = request->arena;
    arena_release(&arena);
}

void submit(struct request *request)
{
    queue_submit(request, true);
    queue_flush(test_loop);
}

/* --- the host's side --- */

struct frame *next_call(struct host *host)
{
    struct ring_entry entry;
    if (ring_take(&region_memory_channel(host->region)->calls, &entry) != RING_TAKEN)
        return NULL;
    struct frame *frame = (struct frame *)(void *)(region_memory_base(host->region) + entry.frame);
    assert_true(frame->call == entry.call);
    assert_int_equal(frame->conversion, 3);
    return frame;
}

struct frame_piece *piece_at(struct frame *frame, unsigned i)
{
    return (struct frame_piece *)(void *)((char *)frame + frame->pieces_offset) + i;
}

void compute(struct host *host, struct frame *frame)
{
    char *base = region_memory_base(host->region);
    const struct frame_value *value =
        (const struct frame_value *)(void *)((char *)frame + frame->values_offset);
    assert_int_equal(frame->n_values, 2);
    assert_memory_equal((char *)frame + value[1].text_offset, "hey", value[1].text_length);
    for (unsigned p = 0; p < frame->n_pieces; p++) {
        struct frame_piece *piece = piece_at(frame, p);
        const double *ra = (const double *)(void *)(base + piece->inputs[0].offset);
        assert_true(piece->inputs[0].present && !piece->inputs[0].scalar);
        assert_true(piece->inputs[1].scalar);
        assert_true(piece->inputs[0].offset >= piece->blocks[piece->inputs[0].block].offset);
        double *x = (double *)(void *)(base + piece->outputs[0].offset);
        double *y = (double *)(void *)(base + piece->outputs[1].offset);
        for (uint64_t i = 0; i < piece->count; i++) {
            x[i] = value[0].number * ra[i];
            y[i] = piece->inputs[1].number;
        }
        piece->status = PIECE_DONE;
    }
    frame->busy_ns = 1000;
}

void complete(struct host *host, const struct frame *frame)
{
    struct channel *channel = region_memory_channel(host->region);
    size_t loop = frame->call >> 56;
    struct ring_entry entry = {.call = frame->call};
    assert_true(ring_put(&channel->loops[loop].done, entry));
    if (atomic_exchange(&channel->loops[loop].asleep, 0) == 1) {
        uint64_t one = 1;
        assert_int_equal(write(queue_loop_descriptor(loop), &one, sizeof one), sizeof one);
    }
}

void turn(void)
{
    uv_run(&test_loop->uv, UV_RUN_NOWAIT);
    queue_flush(test_loop);
}

void assert_scaled(const struct request *request, double base, double factor)
{
    const struct call *call = request->call;
    assert_int_equal(request->error.code, ASTRO_OK);
    for (size_t i = 0; i < call->count; i++) {
        double x, y;
        memcpy(&x, (const char *)call->outputs[0].data + i * sizeof x, sizeof x);
        memcpy(&y, (const char *)call->outputs[1].data + i * sizeof y, sizeof y);
        assert_true(x == factor * (base + (double)i) && y == 5);
    }
}
