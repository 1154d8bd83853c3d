#include "request/body.h"

#include <string.h>
#include <zlib.h>

#include "memory/alloc.h"

enum {
    BODY_IN_ARENA =
        4096, /* bodies up to this size lie in the arena, which the request has anyway */
    BODY_FIRST_GROWTH = 16 * 1024,
    ARRAY_ALIGN = 64
};

/* How far behind an aligned address the body must begin, so that the first array is aligned. */
static size_t lead_for(int64_t header_length)
{
    if (header_length <= 0)
        return 0;
    return (ARRAY_ALIGN - (size_t)((uint64_t)header_length % ARRAY_ALIGN)) % ARRAY_ALIGN;
}

static bool fail_memory(struct astro_error *err)
{
    return astro_fail(err, ASTRO_OVERLOADED, NULL,
                      "the memory limit (limits.memory) is reached; try again later");
}

static bool fail_large(struct astro_error *err, uint64_t size, size_t limit)
{
    if (size == UINT64_MAX)
        return astro_fail(err, ASTRO_TOO_LARGE, NULL,
                          "the body is larger than the limit of %zu bytes (limits.body_bytes)",
                          limit);
    return astro_fail(err, ASTRO_TOO_LARGE, NULL,
                      "the body of %llu bytes is larger than the limit of %zu (limits.body_bytes)",
                      (unsigned long long)size, limit);
}

/* Room for `size` bytes from data on, in the arena or a slab; keeps nothing of what was there. */
static bool body_place(struct body *body, struct arena *arena, size_t size, struct astro_error *err)
{
    size_t block;
    if (!size_add(size, body->lead, &block))
        return fail_memory(err);
    if (block <= BODY_IN_ARENA) {
        char *data = arena_alloc(arena, block > 0 ? block : 1, ARRAY_ALIGN);
        if (data == NULL)
            return fail_memory(err);
        body->data = data + body->lead;
        body->capacity = size;
        return true;
    }
    struct slab slab;
    if (!slab_take_from(body->encoding == BODY_IDENTITY ? body->source : NULL, block, &slab))
        return fail_memory(err);
    body->slab = slab;
    body->data = slab.data + body->lead;
    body->capacity = slab.size - body->lead;
    return true;
}

bool body_begin(struct body *body, struct arena *arena, size_t expected, int64_t header_length,
                enum body_encoding encoding, size_t limit, struct slab_source *source,
                struct astro_error *err)
{
    *body = (struct body){.expected = expected, .encoding = encoding, .source = source};
    /* An encoded body is not read where it lies, so its alignment does not matter. */
    body->lead = encoding == BODY_IDENTITY ? lead_for(header_length) : 0;
    if (expected == SIZE_MAX || expected == 0)
        return true; /* a place is found when bytes come */
    if (expected > limit)
        return fail_large(err, expected, limit);
    return body_place(body, arena, expected, err);
}

bool body_window(const struct body *body, char **ret_data, size_t *ret_size)
{
    if (body->discard || body->data == NULL || body->expected == SIZE_MAX ||
        body->length >= body->expected)
        return false;
    *ret_data = body->data + body->length;
    *ret_size = body->expected - body->length;
    return true;
}

/* Doubles the room, moving what is there: only bodies of unknown length (chunked, inflated) grow.
 */
static bool body_grow(struct body *body, struct arena *arena, size_t need, size_t limit,
                      struct astro_error *err)
{
    if (need > limit)
        return fail_large(err, UINT64_MAX, limit);
    size_t size = body->capacity < BODY_FIRST_GROWTH ? BODY_FIRST_GROWTH : body->capacity * 2;
    if (need <= BODY_IN_ARENA / 2 && body->capacity == 0)
        size = BODY_IN_ARENA - ARRAY_ALIGN;
    if (size < need)
        size = need;
    struct body old = *body;
    body->slab = SLAB_EMPTY;
    if (!body_place(body, arena, size, err)) {
        *body = old;
        return false;
    }
    if (old.length > 0)
        memcpy(body->data, old.data, old.length);
    slab_release(&old.slab);
    return true;
}

bool body_write(struct body *body, struct arena *arena, const char *data, size_t size, size_t limit,
                struct astro_error *err)
{
    body->received += size;
    if (body->discard || size == 0)
        return true;
    if (body->data != NULL && data == body->data + body->length) {
        body->length += size; /* read to where it belongs */
        return true;
    }
    size_t need;
    if (!size_add(body->length, size, &need))
        return fail_large(err, UINT64_MAX, limit);
    if (need > body->capacity && !body_grow(body, arena, need, limit, err))
        return false;
    memcpy(body->data + body->length, data, size);
    body->length = need;
    return true;
}

/* --- undoing gzip and deflate --- */

/* What inflating needs beside the body: the decoded bytes so far and zlib's state. */
struct inflater {
    z_stream stream;
    struct body decoded;
};

static struct inflater *inflater_create(struct body *body, int64_t header_length)
{
    struct inflater *inflater = mem_zalloc(1, sizeof *inflater);
    if (inflater == NULL)
        return NULL;
    inflater->stream.zalloc = mem_zlib_alloc;
    inflater->stream.zfree = mem_zlib_free;
    inflater->stream.next_in = (Bytef *)body->data;
    inflater->stream.avail_in = 0;
    /* 16: a gzip wrapper; `deflate` means the zlib wrapper (RFC 9110), both ways. */
    if (inflateInit2(&inflater->stream, body->encoding == BODY_GZIP ? 16 + MAX_WBITS : MAX_WBITS) !=
        Z_OK) {
        mem_free(inflater);
        return NULL;
    }
    inflater->decoded = (struct body){
        .expected = SIZE_MAX, .lead = lead_for(header_length), .source = body->source};
    return inflater;
}

static void inflater_destroy(struct inflater *inflater)
{
    if (inflater == NULL)
        return;
    inflateEnd(&inflater->stream);
    slab_release(&inflater->decoded.slab);
    mem_free(inflater);
}

static bool fail_encoded(const struct body *body, struct astro_error *err, const char *why)
{
    return astro_fail(err, ASTRO_INVALID_REQUEST, "Content-Encoding", "the %s body is %s",
                      body->encoding == BODY_GZIP ? "gzip" : "deflate", why);
}

/* The decoded body takes the place of the encoded one, whose slab goes back at once. */
static enum body_status inflate_end(struct body *body)
{
    struct inflater *inflater = body->inflater;
    slab_release(&body->slab);
    body->slab = slab_move_take(&inflater->decoded.slab);
    body->data = inflater->decoded.data;
    body->length = inflater->decoded.length;
    body->capacity = inflater->decoded.capacity;
    body->lead = inflater->decoded.lead;
    body->encoding = BODY_IDENTITY;
    body->inflater = NULL;
    inflater_destroy(inflater);
    return BODY_DONE;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Room for the next piece of output, never beyond the limit. */
static bool inflate_room(struct body *decoded, struct arena *arena, size_t limit,
                         struct astro_error *err)
{
    if (decoded->length < least(decoded->capacity, limit))
        return true;
    if (decoded->length >= limit)
        return fail_large(err, UINT64_MAX, limit);
    return body_grow(decoded, arena, decoded->length + 1, limit, err);
}

enum piece { PIECE_MORE, PIECE_LAST, PIECE_BAD };

/* zlib's verdict on one piece, in the words of this file. */
static enum piece judge(struct body *body, int status, bool progress, struct astro_error *err)
{
    const struct inflater *inflater = body->inflater;
    size_t used = (size_t)((const char *)inflater->stream.next_in - body->data);
    if (status == Z_STREAM_END && used == body->length)
        return PIECE_LAST;
    if (status == Z_STREAM_END)
        fail_encoded(body, err, "followed by other bytes");
    else if (status == Z_MEM_ERROR)
        fail_memory(err);
    else if (status != Z_OK && status != Z_BUF_ERROR)
        fail_encoded(body, err, "broken");
    else if (!progress && used == body->length)
        fail_encoded(body, err, "cut short");
    else
        return PIECE_MORE;
    return PIECE_BAD;
}

/* Inflates up to the end of the room there is. At the limit one spare byte tells "exactly the
 * limit" from "more than the limit". */
static enum piece inflate_piece(struct body *body, struct arena *arena, size_t limit,
                                struct astro_error *err)
{
    struct inflater *inflater = body->inflater;
    struct body *decoded = &inflater->decoded;
    z_stream *stream = &inflater->stream;
    char spare;
    bool at_limit = decoded->length == limit;
    if (!at_limit && !inflate_room(decoded, arena, limit, err))
        return PIECE_BAD;
    size_t used = (size_t)((const char *)stream->next_in - body->data);
    size_t room = at_limit ? 1 : least(least(decoded->capacity, limit) - decoded->length, 1u << 20);
    stream->avail_in = (uInt)least(body->length - used, 1u << 30);
    stream->next_out = at_limit ? (Bytef *)&spare : (Bytef *)decoded->data + decoded->length;
    stream->avail_out = (uInt)room;
    int status = inflate(stream, Z_NO_FLUSH);
    size_t made = room - stream->avail_out;
    if (at_limit && made > 0) {
        fail_large(err, UINT64_MAX, limit);
        return PIECE_BAD;
    }
    decoded->length += made;
    return judge(body, status, made > 0, err);
}

enum body_status body_inflate_step(struct body *body, struct arena *arena, int64_t header_length,
                                   size_t limit, size_t budget, struct astro_error *err)
{
    if (body->encoding == BODY_IDENTITY)
        return BODY_DONE;
    if (body->inflater == NULL)
        body->inflater = inflater_create(body, header_length);
    if (body->inflater == NULL) {
        fail_memory(err);
        return BODY_FAILED;
    }
    const struct body *decoded = &((struct inflater *)body->inflater)->decoded;
    size_t stop = decoded->length + least(budget, limit);
    for (;;) {
        switch (inflate_piece(body, arena, limit, err)) {
        case PIECE_BAD:
            return BODY_FAILED;
        case PIECE_LAST:
            return inflate_end(body);
        case PIECE_MORE:
            if (decoded->length >= stop)
                return BODY_MORE;
        }
    }
}

void body_release(struct body *body)
{
    inflater_destroy(body->inflater);
    body->inflater = NULL;
    slab_release(&body->slab);
    body->data = NULL;
    body->length = body->capacity = 0;
}
