/*
 * What stays of a draft: the conversion with its lists and texts in one block of memory, and the digest
 * by which two versions of it are compared.
 */
#include <assert.h>
#include <string.h>

#include "catalogue/draft.h"
#include "memory/alloc.h"

/* Where things stand, in the draft or in the block. */
struct places {
    struct astro_conversion *conversion;
    struct astro_field *inputs, *outputs;
    struct astro_parameter *parameters;
    const char **choices;
    size_t n_choices;
};

/* --- texts --- */

struct texts {
    size_t size; /* of those visited so far, terminators included */
    char *next;  /* where they are copied to; NULL: they are only counted */
};

static void visit(struct texts *texts, const char **text)
{
    if (*text == NULL)
        return;
    const size_t size = strlen(*text) + 1;
    texts->size += size;
    if (texts->next == NULL)
        return;
    memcpy(texts->next, *text, size);
    *text = texts->next;
    texts->next += size;
}

static void visit_fields(struct texts *texts, struct astro_field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        visit(texts, &fields[i].name);
        visit(texts, &fields[i].default_doc);
        visit(texts, &fields[i].unit);
        visit(texts, &fields[i].doc);
    }
}

static void visit_all(struct texts *texts, const struct places *places)
{
    struct astro_conversion *conversion = places->conversion;
    visit(texts, &conversion->name);
    visit(texts, &conversion->group);
    visit(texts, &conversion->summary);
    visit(texts, &conversion->description);
    visit(texts, &conversion->reference);
    visit(texts, &conversion->accuracy);
    visit_fields(texts, places->inputs, conversion->n_inputs);
    visit_fields(texts, places->outputs, conversion->n_outputs);
    for (size_t i = 0; i < conversion->n_parameters; i++) {
        struct astro_parameter *parameter = &places->parameters[i];
        visit(texts, &parameter->name);
        visit(texts, &parameter->default_text);
        visit(texts, &parameter->default_doc);
        visit(texts, &parameter->unit);
        visit(texts, &parameter->doc);
    }
    for (size_t i = 0; i < places->n_choices; i++)
        visit(texts, &places->choices[i]);
}

/* --- the digest: FNV-1a of what decides whether a request means the same --- */

static uint64_t mix(uint64_t digest, const void *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        digest = (digest ^ ((const unsigned char *)data)[i]) * UINT64_C(0x100000001b3);
    return digest;
}

static uint64_t mix_number(uint64_t digest, uint64_t number)
{
    return mix(digest, &number, sizeof number);
}

/* With its terminator, so that two texts are not one. */
static uint64_t mix_text(uint64_t digest, const char *text)
{
    return text != NULL ? mix(digest, text, strlen(text) + 1) : mix(digest, "\1", 1);
}

static uint64_t mix_double(uint64_t digest, double number)
{
    return mix(digest, &number, sizeof number);
}

static uint64_t mix_fields(uint64_t digest, const struct astro_field *fields, size_t n)
{
    digest = mix_number(digest, n);
    for (size_t i = 0; i < n; i++) {
        digest = mix_text(digest, fields[i].name);
        digest = mix_number(digest, fields[i].type);
        digest = mix_number(digest, fields[i].role);
        digest = mix_number(digest, fields[i].optional);
        digest = mix_text(digest, fields[i].unit);
    }
    return digest;
}

static uint64_t digest_of(const struct places *places)
{
    const struct astro_conversion *conversion = places->conversion;
    uint64_t digest = UINT64_C(0xcbf29ce484222325);
    digest = mix_fields(digest, places->inputs, conversion->n_inputs);
    digest = mix_fields(digest, places->outputs, conversion->n_outputs);
    digest = mix_number(digest, conversion->n_parameters);
    for (size_t i = 0; i < conversion->n_parameters; i++) {
        const struct astro_parameter *parameter = &places->parameters[i];
        digest = mix_text(digest, parameter->name);
        digest = mix_number(digest, parameter->type);
        digest = mix_number(digest, parameter->optional);
        digest = mix_text(digest, parameter->default_text);
        digest = mix_double(digest, parameter->minimum);
        digest = mix_double(digest, parameter->maximum);
        digest = mix_text(digest, parameter->unit);
    }
    for (size_t i = 0; i < places->n_choices; i++)
        digest = mix_text(digest, places->choices[i]);
    return digest;
}

/* --- one block --- */

static void *place(char **next, const void *data, size_t size)
{
    void *here = *next;
    memcpy(here, data, size);
    *next += size;
    return here;
}

/* What has pointers comes first, texts last, so nothing has to be aligned in between. */
struct plugin_conversion *draft_keep(struct draft *draft)
{
    struct astro_conversion *conversion = &draft->whole.conversion;
    const struct places from = {.conversion = conversion,
                                .inputs = draft->inputs,
                                .outputs = draft->outputs,
                                .parameters = draft->parameters,
                                .choices = draft->choices,
                                .n_choices = draft->n_choices};
    const size_t inputs = conversion->n_inputs * sizeof draft->inputs[0];
    const size_t outputs = conversion->n_outputs * sizeof draft->outputs[0];
    const size_t parameters = conversion->n_parameters * sizeof draft->parameters[0];
    const size_t choices = draft->n_choices * sizeof draft->choices[0];
    struct texts texts = {.size = 0};
    visit_all(&texts, &from);
    /* No overflow: every count and every text is bounded. */
    const size_t size = sizeof draft->whole + inputs + outputs + parameters + choices + texts.size;
    char *block = mem_alloc(size);
    if (block == NULL) {
        astro_fail(draft->err, ASTRO_OVERLOADED, NULL,
                   "there is no memory for the descriptions of plugin %s", draft->plugin);
        return NULL;
    }
    draft->whole.digest = digest_of(&from);
    char *next = block;
    struct plugin_conversion *kept = place(&next, &draft->whole, sizeof draft->whole);
    struct places to = {.conversion = &kept->conversion, .n_choices = draft->n_choices};
    kept->conversion.inputs = to.inputs = place(&next, draft->inputs, inputs);
    kept->conversion.outputs = to.outputs = place(&next, draft->outputs, outputs);
    kept->conversion.parameters = to.parameters = place(&next, draft->parameters, parameters);
    to.choices = place(&next, draft->choices, choices);
    for (size_t i = 0; i < conversion->n_parameters; i++) {
        if (to.parameters[i].choices != NULL)
            to.parameters[i].choices =
                to.choices + (to.parameters[i].choices - (const char *const *)draft->choices);
    }
    texts = (struct texts){.next = next};
    visit_all(&texts, &to);
    assert(texts.next == block + size);
    return kept;
}

void plugin_conversion_release(struct plugin_conversion *conversion)
{
    mem_free(conversion);
}
