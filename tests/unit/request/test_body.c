/* Bodies: where they lie, how they grow, what undoing an encoding accepts, and every limit. */
#include <zlib.h>

#include "support.h"

enum { LIMIT = 1 << 20 };

struct fixture {
    struct arena arena;
    struct body body;
    struct astro_error err;
};

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    arena_init(&f->arena, &test_loop()->arenas);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;
    body_release(&f->body);
    arena_release(&f->arena);
    free(f);
    test_ledger_is_zero();
    return 0;
}

static char *pattern(size_t size)
{
    char *data = malloc(size);
    for (size_t i = 0; i < size; i++)
        data[i] = (char)(i * 7 + i / 251);
    return data;
}

static void test_first_array_is_aligned(void **state)
{
    struct fixture *f = *state;
    for (int64_t header = 1; header < 200; header++) {
        for (size_t size = 1000; size <= 100000; size *= 10) {
            assert_true(
                body_begin(&f->body, &f->arena, size, header, BODY_IDENTITY, LIMIT, NULL, &f->err));
            assert_int_equal(((uintptr_t)f->body.data + (uintptr_t)header) % 64, 0);
            assert_true(f->body.capacity >= size);
            body_release(&f->body);
        }
        arena_release(&f->arena);
    }
}

static void test_window_is_filled_in_place(void **state)
{
    struct fixture *f = *state;
    char *want = pattern(50000), *window;
    size_t room;
    assert_true(body_begin(&f->body, &f->arena, 50000, -1, BODY_IDENTITY, LIMIT, NULL, &f->err));
    for (size_t done = 0; done < 50000;) {
        assert_true(body_window(&f->body, &window, &room));
        assert_int_equal(room, 50000 - done);
        size_t n = room < 777 ? room : 777;
        memcpy(window, want + done, n);
        assert_true(body_write(&f->body, &f->arena, window, n, LIMIT, &f->err));
        done += n;
    }
    assert_false(body_window(&f->body, &window, &room));
    assert_memory_equal(f->body.data, want, 50000);
    free(want);
}

static void test_unknown_length_grows_and_keeps_alignment(void **state)
{
    struct fixture *f = *state;
    char *want = pattern(300000);
    assert_true(
        body_begin(&f->body, &f->arena, SIZE_MAX, 100, BODY_IDENTITY, LIMIT, NULL, &f->err));
    for (size_t done = 0, n = 1; done < 300000; done += n, n = n * 3 % 4001 + 1) {
        if (n > 300000 - done)
            n = 300000 - done;
        assert_true(body_write(&f->body, &f->arena, want + done, n, LIMIT, &f->err));
    }
    assert_int_equal(f->body.length, 300000);
    assert_memory_equal(f->body.data, want, 300000);
    assert_int_equal(((uintptr_t)f->body.data + 100) % 64, 0);
    free(want);
}

static void test_declared_too_large_takes_nothing(void **state)
{
    struct fixture *f = *state;
    assert_false(
        body_begin(&f->body, &f->arena, LIMIT + 1, -1, BODY_IDENTITY, LIMIT, NULL, &f->err));
    assert_int_equal(f->err.code, ASTRO_TOO_LARGE);
    assert_int_equal(ledger_read(LEDGER_SLABS).objects, 0);
    f->err.code = ASTRO_OK;
    assert_false(
        body_begin(&f->body, &f->arena, SIZE_MAX - 1, 63, BODY_IDENTITY, SIZE_MAX, NULL, &f->err));
    assert_int_equal(f->err.code, ASTRO_OVERLOADED);
}

static void test_growing_too_large_fails_on_the_way(void **state)
{
    struct fixture *f = *state;
    char *data = pattern(LIMIT);
    assert_true(body_begin(&f->body, &f->arena, SIZE_MAX, -1, BODY_IDENTITY, LIMIT, NULL, &f->err));
    assert_true(body_write(&f->body, &f->arena, data, LIMIT, LIMIT, &f->err));
    assert_false(body_write(&f->body, &f->arena, data, 1, LIMIT, &f->err));
    assert_int_equal(f->err.code, ASTRO_TOO_LARGE);
    assert_int_equal(f->body.length, LIMIT);
    free(data);
}

static void test_discarded_bytes_are_only_counted(void **state)
{
    struct fixture *f = *state;
    f->body.discard = true;
    assert_true(body_write(&f->body, &f->arena, "abc", 3, LIMIT, &f->err));
    assert_int_equal(f->body.received, 3);
    assert_int_equal(f->body.length, 0);
    assert_null(f->body.data);
}

/* --- gzip and deflate --- */

static size_t compress_with(int bits, const char *data, size_t size, char *out, size_t room)
{
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)data;
    stream.avail_in = (uInt)size;
    stream.next_out = (Bytef *)out;
    stream.avail_out = (uInt)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t made = room - stream.avail_out;
    deflateEnd(&stream);
    return made;
}

static enum body_status inflate_all(struct fixture *f, enum body_encoding encoding,
                                    const char *data, size_t size, size_t limit, size_t budget)
{
    body_release(&f->body);
    f->err = (struct astro_error){0};
    assert_true(body_begin(&f->body, &f->arena, size, 33, encoding, LIMIT, NULL, &f->err));
    assert_true(body_write(&f->body, &f->arena, data, size, LIMIT, &f->err));
    enum body_status status;
    do {
        status = body_inflate_step(&f->body, &f->arena, 33, limit, budget, &f->err);
    } while (status == BODY_MORE);
    return status;
}

static void test_inflate_round_trip_in_slices(void **state)
{
    struct fixture *f = *state;
    char *want = pattern(100000), *packed = malloc(200000);
    for (int gzip = 0; gzip < 2; gzip++) {
        size_t size = compress_with(gzip ? 31 : 15, want, 100000, packed, 200000);
        for (size_t budget = 1; budget <= 1000000; budget *= 100) {
            assert_int_equal(
                inflate_all(f, gzip ? BODY_GZIP : BODY_DEFLATE, packed, size, LIMIT, budget),
                BODY_DONE);
            assert_int_equal(f->body.length, 100000);
            assert_memory_equal(f->body.data, want, 100000);
            assert_int_equal(((uintptr_t)f->body.data + 33) % 64, 0);
        }
    }
    free(want);
    free(packed);
}

static void test_inflate_to_exactly_the_limit(void **state)
{
    struct fixture *f = *state;
    char *want = pattern(70000), *packed = malloc(200000);
    size_t size = compress_with(31, want, 70000, packed, 200000);
    assert_int_equal(inflate_all(f, BODY_GZIP, packed, size, 70000, SIZE_MAX), BODY_DONE);
    assert_int_equal(f->body.length, 70000);
    assert_int_equal(inflate_all(f, BODY_GZIP, packed, size, 69999, SIZE_MAX), BODY_FAILED);
    assert_int_equal(f->err.code, ASTRO_TOO_LARGE);
    free(want);
    free(packed);
}

static void test_a_bomb_stops_at_the_limit(void **state)
{
    struct fixture *f = *state;
    char *zeros = calloc(1, 32u << 20), *packed = malloc(1 << 20);
    size_t size = compress_with(31, zeros, 32u << 20, packed, 1 << 20);
    assert_int_equal(inflate_all(f, BODY_GZIP, packed, size, LIMIT, SIZE_MAX), BODY_FAILED);
    assert_int_equal(f->err.code, ASTRO_TOO_LARGE);
    assert_true(ledger_read(LEDGER_SLABS).bytes <= 4 * LIMIT);
    free(zeros);
    free(packed);
}

static void test_broken_encodings_are_refused(void **state)
{
    struct fixture *f = *state;
    char *want = pattern(5000), *packed = malloc(20000);
    size_t size = compress_with(31, want, 5000, packed, 20000);
    for (size_t cut = 0; cut < size; cut++) {
        assert_int_equal(inflate_all(f, BODY_GZIP, packed, cut, LIMIT, SIZE_MAX), BODY_FAILED);
        assert_int_equal(f->err.code, ASTRO_INVALID_REQUEST);
    }
    packed[size] = 'x';
    assert_int_equal(inflate_all(f, BODY_GZIP, packed, size + 1, LIMIT, SIZE_MAX), BODY_FAILED);
    assert_int_equal(inflate_all(f, BODY_DEFLATE, packed, size, LIMIT, SIZE_MAX), BODY_FAILED);
    packed[size / 2] = (char)(packed[size / 2] ^ 0x55);
    assert_int_equal(inflate_all(f, BODY_GZIP, packed, size, LIMIT, SIZE_MAX), BODY_FAILED);
    free(want);
    free(packed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, begin, end)
const struct CMUnitTest body_tests[] = {
    TEST(first_array_is_aligned),
    TEST(window_is_filled_in_place),
    TEST(unknown_length_grows_and_keeps_alignment),
    TEST(declared_too_large_takes_nothing),
    TEST(growing_too_large_fails_on_the_way),
    TEST(discarded_bytes_are_only_counted),
    TEST(inflate_round_trip_in_slices),
    TEST(inflate_to_exactly_the_limit),
    TEST(a_bomb_stops_at_the_limit),
    TEST(broken_encodings_are_refused),
};
const size_t n_body_tests = sizeof body_tests / sizeof body_tests[0];
