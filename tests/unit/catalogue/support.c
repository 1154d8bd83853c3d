#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "astrolabe/kernels.h"
#include "memory/alloc.h"

const char good_text[] =
    "{\"number\": 7, \"name\": \"my_scale\", \"group\": \"mine\", \"summary\": \"Scales \\u00e9.\","
    " \"description\": \"All of it.\", \"reference\": \"A book\", \"accuracy\": \"1 ulp\","
    " \"elementwise\": true, \"max_rows\": 5000,"
    " \"inputs\": ["
    "  {\"name\": \"ra\", \"type\": \"FP64\", \"role\": \"longitude\", \"unit\": \"deg\","
    "   \"doc\": \"Right ascension\", \"optional\": false, \"default_doc\": null},"
    "  {\"name\": \"dec\", \"type\": \"FP64\", \"role\": \"latitude\", \"unit\": \"deg\"},"
    "  {\"name\": \"n\", \"type\": \"INT64\", \"optional\": true, \"default_doc\": \"1\"}],"
    " \"outputs\": [{\"name\": \"x\", \"type\": \"FP64\", \"unit\": \"m\", \"doc\": \"\"},"
    "  {\"name\": \"k\", \"type\": \"INT64\"}],"
    " \"parameters\": ["
    "  {\"name\": \"mode\", \"type\": \"choice\", \"default\": \"fast\", \"optional\": false,"
    "   \"choices\": [\"fast\", \"slow\"], \"doc\": \"How\"},"
    "  {\"name\": \"radius\", \"type\": \"number\", \"default\": \"1.5\", \"minimum\": 0,"
    "   \"maximum\": 10, \"unit\": \"pc\"},"
    "  {\"name\": \"order\", \"type\": \"integer\", \"default\": \"2\"},"
    "  {\"name\": \"flag\", \"type\": \"boolean\", \"default\": \"false\"},"
    "  {\"name\": \"colour\", \"type\": \"choice\", \"optional\": true, \"choices\": [\"red\"]},"
    "  {\"name\": \"label\", \"type\": \"string\", \"default\": null, \"optional\": true}]}";

int start_kernels(void **state)
{
    (void)state;
    mem_init();
    return astro_kernels_init(ASTRO_TARGET_AUTO) ? 0 : -1;
}

json_t *good(void)
{
    json_error_t error;
    json_t *description = json_loads(good_text, JSON_REJECT_DUPLICATES, &error);
    if (description == NULL)
        fail_msg("%s", error.text);
    return description;
}

struct plugin_conversion *named(const char *name, const char *plugin)
{
    json_t *description = good();
    json_object_set_new(description, "name", json_string(name));
    struct astro_error error = {.code = ASTRO_OK};
    uint32_t number = 0;
    struct plugin_conversion *conversion =
        plugin_conversion_read(description, plugin, &number, &error);
    json_decref(description);
    if (conversion == NULL)
        fail_msg("%s", error.text);
    assert_int_equal(number, 7);
    return conversion;
}

struct catalogue *catalogue_of(const char *const names[], size_t count)
{
    struct plugin_conversion *conversions[64];
    assert_true(count <= 64);
    for (size_t i = 0; i < count; i++)
        conversions[i] = named(names[i], "plug");
    struct astro_error error = {.code = ASTRO_OK};
    struct catalogue *catalogue = catalogue_create(conversions, count, &error);
    if (catalogue == NULL)
        fail_msg("%s", error.text);
    assert_int_equal(error.code, ASTRO_OK);
    return catalogue;
}

void inject(const char *faults)
{
    if (faults != NULL)
        setenv("ASTROLABE_FAULT_ALLOC", faults, 1);
    else
        unsetenv("ASTROLABE_FAULT_ALLOC");
    mem_init();
    mem_faults_arm();
}

void inject_at(uint64_t k)
{
    char faults[32];
    snprintf(faults, sizeof faults, "%llu", (unsigned long long)k);
    inject(faults);
}
