/* A host that says anything: whatever it is, it is refused or kept whole; the sanitizers look on. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue/utf8.h"

static uint64_t seed = 0x9e3779b97f4a7c15u;

static size_t below(size_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (size_t)(seed % n);
}

/* Everything that a reader of descriptions looks at. */
static void look(const struct plugin_conversion *kept)
{
    const struct astro_conversion *c = &kept->conversion;
    size_t bytes = strlen(c->name) + strlen(c->group) + strlen(c->summary) +
                   strlen(c->description) + strlen(c->reference) + strlen(c->accuracy);
    assert_true(c->n_inputs > 0 && c->n_outputs > 0);
    for (size_t i = 0; i < c->n_inputs; i++)
        bytes += strlen(c->inputs[i].name) + strlen(c->inputs[i].unit) + strlen(c->inputs[i].doc);
    for (size_t i = 0; i < c->n_outputs; i++)
        bytes +=
            strlen(c->outputs[i].name) + strlen(c->outputs[i].unit) + strlen(c->outputs[i].doc);
    for (size_t i = 0; i < c->n_parameters; i++) {
        const struct astro_parameter *p = &c->parameters[i];
        bytes += strlen(p->name) + strlen(p->unit) + strlen(p->doc);
        for (size_t k = 0; p->choices != NULL && p->choices[k] != NULL; k++)
            bytes += strlen(p->choices[k]);
    }
    assert_true(bytes > 0);
    struct astro_value values[ASTRO_MAX_PARAMETERS] = {{.present = false}};
    struct astro_error error = {.code = ASTRO_OK};
    if (!astro_parameters_complete(c, values, &error)) /* defaults are good, always */
        assert_int_equal(error.code, ASTRO_MISSING_PARAMETER);
}

static bool try(const json_t *description)
{
    struct astro_error error = {.code = ASTRO_OK};
    uint32_t number;
    struct plugin_conversion *kept = plugin_conversion_read(description, "p", &number, &error);
    if (kept != NULL) {
        assert_int_equal(error.code, ASTRO_OK);
        look(kept);
    } else {
        assert_int_equal(error.code, ASTRO_PLUGIN_ERROR);
        assert_true(error.text[0] != '\0');
        assert_int_equal(utf8_prefix(error.text, strlen(error.text)), strlen(error.text));
    }
    plugin_conversion_release(kept);
    return kept != NULL;
}

static void test_bytes(void **state)
{
    (void)state;
    char text[4096];
    size_t kept = 0, parsed = 0;
    for (int round = 0; round < 20000; round++) {
        size_t length = strlen(good_text);
        memcpy(text, good_text, length + 1);
        for (size_t n = 1 + below(4); n > 0; n--) {
            static const char likely[] = "{}[]\",:0123456789.-eE\\ntruefalsl\x80\xff";
            text[below(length)] = likely[below(sizeof likely - 1)];
        }
        json_t *description = json_loads(text, 0, NULL);
        if (description != NULL) {
            parsed++;
            kept += try(description);
        }
        json_decref(description);
    }
    assert_true(parsed > 1000 && kept > 100 && kept < parsed);
}

static json_t *anything(int depth)
{
    static const char *const words[] = {"",         "a",        "FP64",     "INT64",       "BYTES",
                                        "BOOL",     "choice",   "ra",       "unit",        "deg",
                                        "latitude", "number",   "string",   "true",        "1e999",
                                        "-5",       "\xc3\xa9", "distance", "radec_to_xyz"};
    switch (below(depth > 2 ? 6 : 8)) {
    case 0:
        return json_null();
    case 1:
        return json_boolean((int)below(2));
    case 2:
        return json_integer((json_int_t)below(SIZE_MAX) * (below(2) ? 1 : -1));
    case 3:
        return json_real((double)below(1000) / 7 - 50);
    case 4:
        return json_string(words[below(sizeof words / sizeof words[0])]);
    case 5: {
        char raw[300];
        size_t length = below(sizeof raw);
        for (size_t i = 0; i < length; i++)
            raw[i] = (char)below(256);
        return json_stringn_nocheck(raw, length); /* no UTF-8, NULs */
    }
    case 6: {
        json_t *array = json_array();
        for (size_t n = below(70); n > 0; n--)
            json_array_append_new(array, anything(depth + 1));
        return array;
    }
    default: {
        json_t *object = json_object();
        for (size_t n = below(6); n > 0; n--)
            json_object_set_new(object, words[1 + below(12)], anything(depth + 1));
        return object;
    }
    }
}

/* One member somewhere below becomes something else, is taken away, or comes twice. */
static void mutate(json_t *value)
{
    if (json_is_array(value) && json_array_size(value) > 0) {
        const size_t i = below(json_array_size(value));
        json_t *member = json_array_get(value, i);
        if (below(3) > 0 && (json_is_object(member) || json_is_array(member)))
            mutate(member);
        else if (below(3) == 0)
            json_array_remove(value, i);
        else if (below(2) == 0)
            json_array_append(value, member);
        else
            json_array_set_new(value, i, anything(0));
        return;
    }
    if (!json_is_object(value) || json_object_size(value) == 0)
        return;
    size_t skip = below(json_object_size(value));
    void *iterator = json_object_iter(value);
    while (skip-- > 0)
        iterator = json_object_iter_next(value, iterator);
    json_t *member = json_object_iter_value(iterator);
    if (below(3) > 0 && (json_is_object(member) || json_is_array(member)))
        mutate(member);
    else if (below(4) == 0)
        json_object_del(value, json_object_iter_key(iterator));
    else
        json_object_iter_set_new(value, iterator, anything(0));
}

static void test_structure(void **state)
{
    (void)state;
    json_t *whole = good();
    size_t kept = 0;
    const size_t rounds = 20000;
    for (size_t round = 0; round < rounds; round++) {
        json_t *description = json_deep_copy(whole);
        for (size_t n = 1 + below(3); n > 0; n--)
            mutate(description);
        kept += try(description);
        json_decref(description);
    }
    json_decref(whole);
    assert_true(kept > rounds / 100 && kept < rounds * 9 / 10);
    json_t *other = anything(0);
    try(other);
    json_decref(other);
}

static void test_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t good;
    } rows[] = {{"", 0},
                {"abc", 3},
                {"\xc3\xa9", 2},
                {"a\xe2\x82\xac z", 6},
                {"\xf0\x9f\x8c\x8c", 4},
                {"a\x80", 1},
                {"a\xc3", 1},
                {"\xc0\x80", 0},         /* overlong */
                {"\xe0\x80\x80", 0},     /* overlong */
                {"\xed\xa0\x80", 0},     /* a surrogate */
                {"\xf4\x90\x80\x80", 0}, /* beyond Unicode */
                {"\xff", 0},
                {"ab\xe2\x82", 2}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(utf8_prefix(rows[i].text, strlen(rows[i].text)), rows[i].good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_structure),
        cmocka_unit_test(test_utf8),
    };
    return cmocka_run_group_tests(tests, start_kernels, NULL);
}
