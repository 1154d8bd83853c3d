/*
 * Compression of an answer, when the client asks for it: the pieces go through zlib one after the
 * other into one slab that is no larger than they are; the slabs they lay in are then given back.
 *
 * zlib's own memory is a slab too, so that it stands in the ledger, falls under limits.memory and
 * is warm. Whatever does not work out (no memory, an answer that does not shrink), the answer goes
 * out as it is.
 */
#include <string.h>
#include <zlib.h>

#include "dispatch/work.h"

enum {
    WORTH_BYTES = 1024,         /* a shorter answer fits into a packet anyway */
    LEVEL = 1,                  /* the fastest: at 6 zlib takes three times as long for 3 % less */
    GIVE_UP_AFTER = 128 * 1024, /* bytes by which it must have begun to shrink */
    WINDOW_MIN = 10,
    CALL_MAX = 1 << 30 /* zlib counts in 32 bits */
};

/* Columns of random doubles shrink by some percent; that is not worth 20 ns per byte. */
static const double GIVE_UP_RATIO = 0.95;
static const double NS_PER_BYTE = 20.0;

struct packer {
    z_stream stream;
    struct slab memory; /* zlib's own */
    size_t memory_used;
    struct slab out;
    size_t out_used, out_limit;
    size_t piece, offset; /* the next byte to be read */
    uint64_t taken;
};

bool compress_wanted(const struct request *request)
{
    const struct response *response = &request->response;
    return (request->accepts_gzip || request->accepts_deflate) && response->may_compress &&
           response->encoding == RESPONSE_IDENTITY && response->length > WORTH_BYTES;
}

double compress_cost(uint64_t bytes)
{
    return bytes > WORTH_BYTES ? (double)bytes * NS_PER_BYTE : 0;
}

/* --- begin --- */

/* Only taken, never given back: the whole slab is released at the end. */
static voidpf packer_alloc(voidpf opaque, uInt items, uInt size)
{
    struct packer *packer = opaque;
    size_t bytes = (((size_t)items * size) + 63) & ~(size_t)63;
    if (bytes > packer->memory.size - packer->memory_used)
        return Z_NULL;
    char *block = packer->memory.data + packer->memory_used;
    packer->memory_used += bytes;
    return block;
}

static void packer_free(voidpf opaque, voidpf block)
{
    (void)opaque;
    (void)block;
}

/* A window no larger than the answer: a small one need not clear a quarter of a MiB first. */
static int window_bits(uint64_t length)
{
    int bits = WINDOW_MIN;
    while (bits < MAX_WBITS && (UINT64_C(1) << bits) < length)
        bits++;
    return bits;
}

/* What deflate takes by zconf.h, its state beside it, and a quarter more for other versions. */
static size_t packer_memory(int window, int level_of_memory)
{
    size_t bytes = ((size_t)1 << (window + 2)) + ((size_t)1 << (level_of_memory + 9));
    return bytes + bytes / 4 + 8 * 1024;
}

static bool packer_open(struct packer *packer, const struct request *request)
{
    uint64_t length = request->response.length;
    int window = window_bits(length);
    int memory = window - 7 < 8 ? window - 7 : 8;
    if (length > SIZE_MAX || !slab_take(packer_memory(window, memory), &packer->memory) ||
        !slab_take((size_t)length, &packer->out))
        return false;
    packer->out_limit = (size_t)length - 1;
    packer->stream.zalloc = packer_alloc;
    packer->stream.zfree = packer_free;
    packer->stream.opaque = packer;
    packer->piece = 1;
    int wrapped = request->accepts_gzip ? window + 16 : window;
    return deflateInit2(&packer->stream, LEVEL, Z_DEFLATED, wrapped, memory, Z_DEFAULT_STRATEGY) ==
           Z_OK;
}

void compress_release(struct work *work)
{
    struct packer *packer = work->packer;
    if (packer == NULL)
        return;
    /* No deflateEnd(): all it does is to free, and the memory is ours. */
    slab_release(&packer->memory);
    slab_release(&packer->out);
    work->packer = NULL;
}

static bool packer_create(struct work *work)
{
    struct packer *packer =
        arena_zalloc(&work->request->arena, sizeof *packer, _Alignof(struct packer));
    work->packer = packer;
    return packer != NULL && packer_open(packer, work->request);
}

/* --- slices --- */

/* The compressed bytes take the place of the pieces, and of the memory behind them. */
static void use_packed(struct work *work)
{
    struct call *call = work->call;
    struct packer *packer = work->packer;
    struct response *response = &work->request->response;
    slab_release(&call->results);
    slab_release(&call->text);
    call->text = slab_move_take(&packer->out);
    response->pieces[1].base = call->text.data;
    response->pieces[1].len = packer->out_used;
    response->n_pieces = 2;
    response->length = packer->out_used;
    response->encoding = work->request->accepts_gzip ? RESPONSE_GZIP : RESPONSE_DEFLATE;
}

/* Points the stream at the next input, at most `most` bytes; false: there is none left. */
static bool next_input(struct packer *packer, const struct response *response, size_t most)
{
    while (packer->piece < response->n_pieces &&
           packer->offset == response->pieces[packer->piece].len) {
        packer->piece++;
        packer->offset = 0;
    }
    if (packer->piece == response->n_pieces)
        return false;
    const uv_buf_t *piece = &response->pieces[packer->piece];
    size_t rest = piece->len - packer->offset;
    if (rest > most)
        rest = most;
    if (rest > CALL_MAX)
        rest = CALL_MAX;
    packer->stream.next_in = (Bytef *)piece->base + packer->offset;
    packer->stream.avail_in = (uInt)rest;
    packer->offset += rest;
    packer->taken += rest;
    return true;
}

/* Takes all of the input; Z_BUF_ERROR when the output is no smaller than the answer was. */
static int deflate_all(struct packer *packer, int flush)
{
    int status;
    do {
        size_t room = packer->out_limit - packer->out_used;
        uInt given = (uInt)(room < CALL_MAX ? room : CALL_MAX);
        packer->stream.next_out = (Bytef *)packer->out.data + packer->out_used;
        packer->stream.avail_out = given;
        status = deflate(&packer->stream, flush);
        packer->out_used += given - packer->stream.avail_out;
        if (packer->out_used == packer->out_limit && status != Z_STREAM_END)
            return Z_BUF_ERROR;
    } while (packer->stream.avail_out == 0 && status == Z_OK);
    return status;
}

static bool shrinks(const struct packer *packer)
{
    return packer->taken < GIVE_UP_AFTER ||
           (double)packer->out_used < GIVE_UP_RATIO * (double)packer->taken;
}

/* Z_OK: more to do; Z_STREAM_END: all is packed; anything else: it goes out as it is. */
static int pack(struct work *work, size_t budget)
{
    struct packer *packer = work->packer;
    const struct response *response = &work->request->response;
    while (budget > 0) {
        if (!next_input(packer, response, budget))
            return deflate_all(packer, Z_FINISH);
        budget -= packer->stream.avail_in;
        int status = deflate_all(packer, Z_NO_FLUSH);
        if (status != Z_OK)
            return status;
        if (!shrinks(packer))
            return Z_BUF_ERROR;
    }
    return Z_OK;
}

void compress_slice(struct work *work, size_t budget)
{
    if (work->packer == NULL && !packer_create(work)) {
        compress_release(work);
        work->stage = STAGE_SAID;
        return;
    }
    int status = pack(work, budget);
    if (status == Z_OK)
        return;
    if (status == Z_STREAM_END)
        use_packed(work);
    compress_release(work);
    work->stage = STAGE_SAID;
}
