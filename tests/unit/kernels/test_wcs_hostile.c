/*
 * Headers of strangers: nothing that stands in one makes prepare() keep memory or take much of it,
 * or run() write to the context or allocate.
 */
#include "harness.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SANITIZED 0
#endif

enum { MOST = 65536, ROWS = 200 };

/* --- every allocation of the process is counted, those of wcslib too --- */

static _Atomic long allocated, alive, until_failure; /* 0: none fails */

#if !SANITIZED
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *memory);
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *old, size_t size);
void free(void *memory);

static bool fails(void)
{
    return until_failure > 0 && --until_failure == 0;
}

static void *counted(void *memory, size_t size)
{
    if (memory) {
        allocated += (long)size;
        alive++;
    }
    return memory;
}

void *malloc(size_t size)
{
    return fails() ? NULL : counted(__libc_malloc(size), size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : counted(__libc_calloc(count, size), count * size);
}

void *realloc(void *old, size_t size)
{
    void *memory = __libc_realloc(old, size);

    if (!old)
        return counted(memory, size);
    allocated += (long)size;
    return memory;
}

void free(void *memory)
{
    if (memory)
        alive--;
    __libc_free(memory);
}
#endif

#define TYPES "CTYPE1  = 'RA---TAN'\nCTYPE2  = 'DEC--TAN'\n"
#define GOOD                                                                                       \
    TYPES "CRPIX1  = 50\nCRPIX2  = 60\nCRVAL1  = 210\nCRVAL2  = -35.5\nCDELT1  = -0.01\n"          \
          "CDELT2  = 0.01\n"

/* --- memory --- */

/* Prepares and releases; checks that nothing stays, and that little was asked for. */
static bool try_header(const char *text, size_t length)
{
    const struct astro_conversion *c = astro_conversion_find("pixel_to_world", 14, NULL);
    static _Alignas(64) char context[16384];
    struct astro_value values[ASTRO_MAX_PARAMETERS] = {{0}};
    struct astro_error err = {0};
    uint32_t warnings = 0;
    double in[2] = {1.5, 2.5}, out[2];

    assert_true(c->context_size <= sizeof context);
    assert_true(astro_parameter_from_text(&c->parameters[1], text, length, &values[1], &err));
    assert_true(astro_parameters_complete(c, values, &err));
    long before = alive, asked = allocated;
    bool good = c->prepare(values, context, &warnings, &err);
    assert_int_equal(alive, before);
    assert_true(allocated - asked < 65536);
    if (!good) {
        assert_true(err.code == ASTRO_BAD_HEADER);
        assert_true(err.text[0] && strlen(err.text) < sizeof err.text);
        return false;
    }
    asked = allocated;
    struct astro_report report = {0};
    c->run(context, 1, (const void *[]){&in[0], &in[1]}, (void *[]){&out[0], &out[1]}, &report);
    assert_int_equal(allocated, asked);
    assert_true((isnan(out[0]) && isnan(out[1])) || (out[0] >= 0 && out[0] < 360));
    return true;
}

static void fill(char *text, const char *line)
{
    size_t length = strlen(line);

    for (size_t at = 0; at < MOST; at += length)
        memcpy(text + at, line, at + length <= MOST ? length : MOST - at);
}

static void bombs_fizzle(void **state)
{
    static const char *const lines[] = {
        "A=1\n",
        "=\n",
        "\n",
        "'",
        "((((((((",
        "CONTINUE  'and so on&'\n",
        "PV1_1=1\n",
        "CTYPE1Q = 'RA---TAN'\n",
        "CTYPE1  = 'RA---TAN                                                            '\n",
        "CUNIT1  = '(((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((('\n",
        "CRVAL1  = 1111111111111111111111111111111111111111111111111111111111111111111\n",
        "TABLE   = 'RA---TAB' / PS1_0 = 'x'\n",
        "DP1     = 'NAXES: 99999999'\n",
    };
    static char text[MOST];

    (void)state;
    for (size_t i = 0; i < LENGTH(lines); i++) {
        fill(text, lines[i]);
        assert_false(try_header(text, MOST));
    }
    fill(text, "COMMENT = GOOD\n");
    memcpy(text, GOOD, strlen(GOOD));
    assert_true(try_header(text, MOST));
    memset(text, 0, sizeof text);
    assert_false(try_header(text, MOST));
    assert_false(try_header(text, 0));
}

/* Each allocation of prepare() fails in turn: an error that says so, and nothing stays. */
static void without_memory_nothing_is_kept(void **state)
{
    const struct astro_conversion *c = astro_conversion_find("pixel_to_world", 14, NULL);
    static _Alignas(64) char context[16384];
    bool good = SANITIZED;

    (void)state;
    for (long k = 1; !good; k++) {
        struct astro_value values[ASTRO_MAX_PARAMETERS] = {{0}};
        struct astro_error err = {0};
        uint32_t warnings = 0;
        values[1] = (struct astro_value){.present = true, .text = {GOOD, strlen(GOOD)}};
        assert_true(astro_parameters_complete(c, values, &err));
        long before = alive;
        until_failure = k;
        good = c->prepare(values, context, &warnings, &err);
        assert_true(good == (until_failure > 0));
        until_failure = 0;
        assert_int_equal(alive, before);
        assert_int_equal(err.code, good ? ASTRO_OK : ASTRO_OVERLOADED);
        assert_true(k < 1000);
    }
}

/* --- mutations --- */

static const char *const golden[] = {"1904-66_NCP.hdr", "1904-66_HPX.hdr", "1904-66_ZEA.hdr",
                                     "siponly.hdr",     "outside_sky.hdr", "1904-66_COE.hdr"};

static size_t load(const char *name, char *text)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/wcs/%s", GOLDEN_DIR, name);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    size_t length = fread(text, 1, MOST, stream);
    fclose(stream);
    return length;
}

static size_t below(size_t n)
{
    return (size_t)random_between(0, (double)n);
}

static size_t mutate(char *text, size_t length)
{
    static const char letters[] = "0123456789.eE+-_ '=/ABCDPVQRUN\n";

    for (size_t k = below(4) + 1; k > 0 && length > 100; k--) {
        size_t at = below(length - 90), n = below(80) + 1;
        switch (below(5)) {
        case 0:
            text[at] = letters[below(sizeof letters - 1)];
            break;
        case 1: /* a digit becomes another */
            for (; at < length && (text[at] < '0' || text[at] > '9'); at++)
                continue;
            if (at < length)
                text[at] = (char)('0' + below(10));
            break;
        case 2:
            memmove(text + at, text + at + n, length - at - n);
            length -= n;
            break;
        case 3:
            memmove(text + at + n, text + at, length - at);
            length += n;
            break;
        default:
            text[at] = (char)below(256);
        }
    }
    return length;
}

static void mutated_headers_do_no_harm(void **state)
{
    static char original[MOST], text[MOST];
    int taken = 0;

    (void)state;
    random_seed(99);
    for (size_t i = 0; i < LENGTH(golden); i++) {
        size_t length = load(golden[i], original);
        assert_true(try_header(original, length));
        for (int k = 0; k < 3000; k++) {
            memcpy(text, original, length);
            taken += try_header(text, mutate(text, length));
        }
    }
    assert_true(taken > 1000); /* the mutations are mild enough to reach the end */
}

/* --- run() does not write to the context: it is in memory that cannot be written --- */

struct shared {
    const struct astro_conversion *conversion;
    const void *context;
    double in[2][ROWS], out[2][ROWS];
};

static void *use(void *argument)
{
    const struct shared *shared = argument;
    struct astro_report report = {0};
    double x[ROWS], y[ROWS];

    for (int k = 0; k < 50; k++) {
        shared->conversion->run(shared->context, ROWS,
                                (const void *[]){shared->in[0], shared->in[1]}, (void *[]){x, y},
                                &report);
        if (memcmp(x, shared->out[0], sizeof x) != 0 || memcmp(y, shared->out[1], sizeof y) != 0)
            return argument;
    }
    return NULL;
}

static void from_many_threads(const char *name, const char *parameters)
{
    enum { THREADS = 8 };
    struct converter converter = converter_open(name, parameters);
    size_t size = converter.conversion->context_size;
    void *frozen = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    static struct shared shared;
    pthread_t threads[THREADS];
    struct astro_report report = {0};

    assert_true(frozen != MAP_FAILED);
    memcpy(frozen, converter.context, size);
    assert_int_equal(mprotect(frozen, size, PROT_READ), 0);
    shared.conversion = converter.conversion;
    shared.context = frozen;
    for (size_t i = 0; i < ROWS; i++) {
        bool degrees = converter.conversion->inputs[1].role == ASTRO_LATITUDE;
        shared.in[0][i] = random_between(-500, 500) * (i % 9 ? 1 : pow(10, (double)i));
        shared.in[1][i] = degrees ? random_between(-90, 90)
                                  : random_between(-500, 500) * (i % 7 ? 1 : pow(10, (double)i));
    }
    long asked = allocated;
    converter.conversion->run(frozen, ROWS, (const void *[]){shared.in[0], shared.in[1]},
                              (void *[]){shared.out[0], shared.out[1]}, &report);
    assert_int_equal(allocated, asked);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use, &shared), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    munmap(frozen, size);
    converter_close(&converter);
}

static void a_context_is_only_read(void **state)
{
    static const char *const codes[] = {
        "AZP", "SZP", "TAN", "STG", "SIN", "ARC", "ZEA", "AIR", "CYP", "CEA",     "CAR",
        "MER", "COP", "COE", "COD", "COO", "SFL", "PAR", "MOL", "AIT", "BON",     "PCO",
        "TSC", "CSC", "QSC", "HPX", "XPH", "NCP", "GLS", "TPV", "ZPN", "TAN-SIP", "ZEA-SIP",
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(codes); i++) {
        bool sip = strlen(codes[i]) > 3, conic = codes[i][0] == 'C' && codes[i][1] == 'O';
        char header[1024];
        snprintf(header, sizeof header,
                 "header=CTYPE1  = 'RA---%s'\nCTYPE2  = 'DEC--%s'\nCRVAL2  = 50\nCDELT1  = -0.3\n"
                 "CDELT2  = 0.3\n%s%s",
                 codes[i], codes[i],
                 conic || strcmp(codes[i], "BON") == 0 ? "PV2_1   = 45\n"
                 : strcmp(codes[i], "CYP") == 0        ? "PV2_1   = 1\nPV2_2   = 1\n"
                 : strcmp(codes[i], "CEA") == 0        ? "PV2_1   = 1\n"
                 : strcmp(codes[i], "ZPN") == 0        ? "PV2_1   = 1\nPV2_3   = 0.1\n"
                                                       : "",
                 sip ? "A_ORDER = 2\nB_ORDER = 2\nA_2_0   = 1E-5\n" : "");
        from_many_threads("pixel_to_world", header);
        from_many_threads("world_to_pixel", header);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bombs_fizzle),
        cmocka_unit_test(without_memory_nothing_is_kept),
        cmocka_unit_test(mutated_headers_do_no_harm),
        cmocka_unit_test(a_context_is_only_read),
    };
    return cmocka_run_group_tests_name("kernels.wcs_hostile", tests, harness_start, NULL);
}
