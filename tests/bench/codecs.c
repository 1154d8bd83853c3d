/*
 * What a request costs between its bytes and its answer, without sockets and kernels: ns of this
 * thread's CPU time, stage by stage. Not a test; the results of run() are made up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codec/codec.h"
#include "codec/number.h"
#include "memory/alloc.h"
#include "process/server.h"
#include "request/request.h"

struct server server;
const char *const server_version = "bench";

enum { ROWS = 100000, SMALL_ROUNDS = 100000, LARGE_ROUNDS = 5, REPEATS = 7 };

static double results[3][ROWS];
static struct arena_source arenas;
static const struct astro_conversion *conversion;

struct times {
    double request, create, decode, encode;
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void check(bool success, const struct request *request)
{
    if (success)
        return;
    fprintf(stderr, "%s\n", request->error.text);
    exit(1);
}

static void encode(struct call *call)
{
    size_t parts;
    for (size_t i = 0; i < conversion->n_outputs; i++)
        call->outputs[i].data = results[i];
    check(call->codec->encode_begin(call, &parts), call->request);
    for (size_t i = 0; i < parts; i++)
        call->codec->encode_part(call, i);
    check(call->codec->encode_end(call), call->request);
}

/* All stages up to `stages`: 0 the request alone, 1 the call, 2 decoded, 3 encoded. */
static void convert(const struct codec *codec, const char *body, size_t length, unsigned stages)
{
    struct arena arena;
    arena_init(&arena, &arenas);
    struct request *request = arena_zalloc(&arena, sizeof *request, _Alignof(struct request));
    if (request == NULL)
        exit(1);
    request->arena = arena;
    request->header_length = -1;
    request->body.data = (char *)(uintptr_t)body;
    request->body.length = length;
    request->deadline_ns = UINT64_MAX;
    struct call *call = stages > 0 ? call_create(request, conversion, 0, codec) : NULL;
    if (stages > 1)
        check(codec->decode(call, SIZE_MAX) == STEP_DONE, request);
    if (stages > 2)
        encode(call);
    call_release(call);
    arena = request->arena; /* the request lies in it */
    arena_release(&arena);
}

static double best(const struct codec *codec, const char *body, unsigned stages, unsigned rounds)
{
    size_t length = strlen(body);
    double least = 1e18;
    for (unsigned repeat = 0; repeat < REPEATS; repeat++) {
        double begin = now();
        for (unsigned i = 0; i < rounds; i++)
            convert(codec, body, length, stages);
        double each = (now() - begin) / rounds;
        least = each < least ? each : least;
    }
    return least;
}

static struct times measure(const struct codec *codec, const char *body, unsigned rounds)
{
    double stage[4];
    for (unsigned i = 0; i < 4; i++)
        stage[i] = best(codec, body, i, rounds);
    return (struct times){stage[0], stage[1] - stage[0], stage[2] - stage[1], stage[3] - stage[2]};
}

static char *large_body(void)
{
    char *body = malloc(ROWS * 60), *end = body;
    uint32_t random = 1;
    for (unsigned column = 0; body != NULL && column < 2; column++) {
        end += sprintf(end, column == 0 ? "{\"ra\":[" : "],\"dec\":[");
        for (unsigned i = 0; i < ROWS; i++) {
            random = random * 1664525 + 1013904223;
            double value = (double)random / 4294967296.0 * (column == 0 ? 360 : 90);
            end += sprintf(end, "%s%.17g", i > 0 ? "," : "", value);
            results[column][i] = results[2][i] = value / 7;
        }
    }
    strcpy(end, "]}");
    return body;
}

int main(void)
{
    static const struct {
        const char *name, *body;
        const struct codec *codec;
    } small[] = {
        {"plain, 1 point", "{\"ra\": 10.68, \"dec\": 41.27}", &codec_plain},
        {"plain, 2 points", "{\"ra\":[10.684,83.822],\"dec\":[41.269,-5.391]}", &codec_plain},
        {"oip, 2 points",
         "{\"inputs\":[{\"name\":\"ra\",\"shape\":[2],\"datatype\":\"FP64\",\"data\":[10.684,83."
         "822]},"
         "{\"name\":\"dec\",\"shape\":[2],\"datatype\":\"FP64\",\"data\":[41.269,-5.391]}]}",
         &codec_oip},
    };
    mem_init();
    slab_pool_init((uint64_t)1 << 30);
    astro_kernels_init(ASTRO_TARGET_AUTO);
    server.settings.limits_json_depth = 32;
    arena_source_init(&arenas);
    conversion = astro_conversion_find("radec_to_xyz", strlen("radec_to_xyz"), NULL);
    char *body = large_body();
    if (conversion == NULL || body == NULL)
        return 1;

    char text[NUMBER_TEXT];
    double begin = now();
    size_t sum = 0;
    for (unsigned i = 0; i < ROWS; i++)
        sum += number_write(text, results[0][i]);
    printf("writing one number: %.1f ns (%zu bytes)\n", (now() - begin) / ROWS, sum / ROWS);
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++) {
        struct times times = measure(small[i].codec, small[i].body, SMALL_ROUNDS);
        printf("%-16s request %4.0f  call %4.0f  decode %5.0f  encode %5.0f ns\n", small[i].name,
               times.request, times.create, times.decode, times.encode);
    }
    struct times times = measure(&codec_plain, body, LARGE_ROUNDS);
    printf(
        "plain, %d points, %.1f MB: decode %.2f ms (%.1f ns a number, %.2f a byte), encode %.2f ms "
        "(%.1f a number)\n",
        ROWS, (double)strlen(body) / 1e6, times.decode / 1e6, times.decode / (2 * ROWS),
        times.decode / (double)strlen(body), times.encode / 1e6, times.encode / (3 * ROWS));
    free(body);
    arena_source_release(&arenas);
    return 0;
}
