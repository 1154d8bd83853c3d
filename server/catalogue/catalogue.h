/*
 * Catalogue: every conversion that can be asked for: those built in, and those of the plugins of one
 * generation. What the API, the statistics and the documents read instead of the kernel's registry.
 *
 * Ownership  Immutable, counted references. Each loop holds the current one and changes over when it
 *            is told (catalogue_publish); a request for a plugin conversion holds the one it was
 *            found in until it ends, so that descriptions stay valid under it.
 * Slots      A conversion's row in the statistics: built-in ones have their place in the registry,
 *            plugin conversions get one by name at their first appearance and keep it for the life of
 *            the process, over reloads.
 * Documents  /v1/conversions, /openapi.json and the like are made once per catalogue, at their first
 *            use, by who knows how (api/); the catalogue keeps them.
 * Threads    Reading and counting from any thread; making on loop 0.
 */
#ifndef ASTRO_CATALOGUE_CATALOGUE_H
#define ASTRO_CATALOGUE_CATALOGUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "astrolabe/conversion.h"

struct loop;
struct catalogue;

enum {
    CATALOGUE_PLUGIN_SLOTS = 1024, /* names of plugin conversions in the life of a process */
    CATALOGUE_NAME = 64 /* bytes of a plugin's or conversion's name, terminator included */
};

/* A conversion of a plugin. `run` and `prepare` of its description are NULL. */
struct plugin_conversion {
    struct astro_conversion conversion; /* first: see catalogue_plugin() */
    char plugin[CATALOGUE_NAME];
    bool elementwise; /* requests with equal parameters may be joined */
    size_t max_rows;  /* of a joined call */
    uint64_t digest;  /* of inputs, outputs, parameters: equal ones take each other's requests */
};

/* NULL for a built-in conversion. */
static inline const struct plugin_conversion *
catalogue_plugin(const struct astro_conversion *conversion)
{
    return conversion->run == NULL ? (const struct plugin_conversion *)(const void *)conversion
                                   : NULL;
}

/*
 * description.c: one description from a host's `loaded` message (plugins/protocol.h), checked as what
 * a stranger says: names, lengths, counts, numbers. The caller owns; NULL with *err set.
 * ret_number: what the host calls it. Bounds in bytes: names 63, summary and default_doc 200, group,
 * unit and choices 63, description 8 KiB, everything else 1 KiB; at most 64 choices of a parameter.
 */
struct plugin_conversion *plugin_conversion_read(const json_t *description, const char *plugin,
                                                 uint32_t *ret_number, struct astro_error *err);
void plugin_conversion_release(struct plugin_conversion *conversion); /* NULL is fine */

/* Built-ins and these; takes the conversions (not the array), on failure too. Names that are built in
 * or come twice are failures: *err names them. New reference. */
struct catalogue *catalogue_create(struct plugin_conversion **conversions_take, size_t n,
                                   struct astro_error *err);
struct catalogue *catalogue_hold(struct catalogue *catalogue);
void catalogue_drop(struct catalogue *catalogue); /* NULL is fine */

/* On loop 0: from now on this one is current: loops take it over at their next wake-up, loop 0 at
 * once. Takes the reference. */
void catalogue_publish(struct catalogue *catalogue_take);
/* Of the whole process, for threads that are no loop; new reference. NULL: none was published. */
struct catalogue *catalogue_current(void);
/* On its loop: changes over to what was published, if there is anything new. */
void catalogue_take_over(struct loop *loop);
/* After the loops have ended: nothing is current any more. */
void catalogue_end(void);

/* NULL as a catalogue is one of the built-in conversions alone. */
size_t catalogue_count(const struct catalogue *catalogue);
const struct astro_conversion *catalogue_at(const struct catalogue *catalogue, size_t index);
size_t catalogue_slot(const struct catalogue *catalogue, size_t index);
/* NULL: none. *ret_slot (may be NULL): its row in the statistics. */
const struct astro_conversion *catalogue_find(const struct catalogue *catalogue, const char *name,
                                              size_t length, size_t *ret_slot);
const char *catalogue_nearest(const struct catalogue *catalogue, const char *name, size_t length);

/* --- documents --- */

enum catalogue_document {
    CATALOGUE_CONVERSIONS, /* /v1/conversions */
    CATALOGUE_MODELS,      /* /v2/models */
    CATALOGUE_OPENAPI,     /* /openapi.json */
    CATALOGUE_DOCUMENTS
};

struct catalogue_text {
    char *data; /* of mem_alloc() */
    size_t length;
};

/*
 * The text of a document, which make() writes when nobody has asked for it before: new memory, or NULL
 * when there is none. Valid as long as the catalogue is held; NULL: out of memory, and the next one who
 * asks tries again. Any thread.
 */
const struct catalogue_text *
catalogue_text(struct catalogue *catalogue, enum catalogue_document which,
               char *(*make)(const struct catalogue *catalogue, size_t *ret_length));

/* --- statistics --- */

/* Rows that statistics need: built-ins, plugin slots, and one for what is no conversion (the last). */
size_t catalogue_slots(void);
/* The name in a slot; NULL when it has never been used; "none" for the last. The last plugin slot is
 * shared by all names for which there was none left: "other plugins". Any thread. */
const char *catalogue_slot_name(size_t slot);

#endif
