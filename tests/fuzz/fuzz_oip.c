/*
 * libFuzzer: both codecs on any body. Two bytes choose the header length, one the codec, the
 * conversion and the slices. The body is copied to a block of exactly its size, so that
 * AddressSanitizer sees the first byte too many. Decoding in slices must end as decoding at once
 * does, and what decodes must encode to JSON that jansson reads.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "harness.h"
#include "memory/alloc.h"
#include "process/server.h"
#include "request/request.h"

struct server server;
const char *const server_version = "fuzz";

struct message {
    const uint8_t *data;
    size_t size;
    int64_t header_length;
    const struct codec *codec;
    const struct astro_conversion *conversion;
};

static void require(bool condition)
{
    if (!condition)
        abort();
}

static char *encode(struct call *call, size_t *ret_length)
{
    const struct response *response = &call->request->response;
    size_t parts;
    require(call->codec->encode_begin(call, &parts));
    for (size_t i = 0; i < parts; i++)
        call->codec->encode_part(call, i);
    require(call->codec->encode_end(call));
    char *text = malloc(response->length + 1);
    *ret_length = 0;
    for (size_t i = 1; i < response->n_pieces; i++) {
        memcpy(text + *ret_length, response->pieces[i].base, response->pieces[i].len);
        *ret_length += response->pieces[i].len;
    }
    require(*ret_length == response->length);
    return text;
}

/* Every input is read, as run() would. */
static void check_answer(struct call *call)
{
    static const double zeros[4096];
    uint64_t sum = 0;
    for (size_t i = 0; i < call->conversion->n_inputs; i++) {
        const struct call_input *input = &call->inputs[i];
        for (size_t row = 0; input->present && row < input->count; row++) {
            uint64_t bits;
            memcpy(&bits, (const char *)input->data + row * sizeof bits, sizeof bits);
            sum ^= bits;
        }
        require(!input->present || input->broadcast || input->count == call->count);
    }
    volatile uint64_t sink = sum;
    (void)sink;
    if (call->count > sizeof zeros / sizeof zeros[0])
        return;
    for (size_t i = 0; i < call->conversion->n_outputs; i++)
        call->outputs[i].data = (void *)(uintptr_t)zeros;
    size_t length;
    char *text = encode(call, &length);
    int64_t header = call->request->response.header_length;
    json_t *document = json_loadb(text, header >= 0 ? (size_t)header : length,
                                  JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    require(document != NULL);
    json_decref(document);
    free(text);
}

static struct astro_error convert(const struct message *message, size_t slice)
{
    struct request *request = calloc(1, sizeof *request);
    arena_init(&request->arena, NULL);
    request->header_length = message->header_length;
    request->response.header_length = -1;
    request->deadline_ns = UINT64_MAX;
    char *body = malloc(message->size);
    if (message->size > 0)
        memcpy(body, message->data, message->size);
    request->body.data = body;
    request->body.length = message->size;
    struct call *call = call_create(request, message->conversion, 0, message->codec);
    enum step step;
    do
        step = message->codec->decode(call, slice);
    while (step == STEP_MORE);
    require((step == STEP_DONE) == (request->error.code == ASTRO_OK));
    if (step == STEP_DONE)
        check_answer(call);
    struct astro_error error = request->error;
    call_release(call);
    arena_release(&request->arena);
    free(body);
    free(request);
    return error;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    mem_init();
    slab_pool_init((uint64_t)256 << 20);
    server.settings.limits_json_depth = 32;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    struct message message = {
        .data = data + 3,
        .size = size - 3,
        .header_length = data[0] | data[1] << 8,
        .codec = data[2] & 1 ? &codec_plain : &codec_oip,
        .conversion = data[2] & 2 ? &fake_pixels : &fake_sums,
    };
    if (message.header_length == 0)
        message.header_length = -1;
    struct astro_error whole = convert(&message, SIZE_MAX);
    struct astro_error sliced = convert(&message, (size_t)(data[2] >> 2) + 1);
    require(whole.code == sliced.code && strcmp(whole.text, sliced.text) == 0);
    require(whole.code == ASTRO_OK || astro_code_status(whole.code) < 500);
    return 0;
}
