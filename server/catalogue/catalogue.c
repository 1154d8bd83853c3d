#include "catalogue/catalogue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue/slots.h"
#include "memory/alloc.h"
#include "process/loop.h"
#include "process/server.h"
#include "settings/table.h"

struct entry {
    struct plugin_conversion *conversion; /* owned */
    size_t length;                        /* of its name */
    size_t slot;
};

struct catalogue {
    _Atomic size_t references;
    _Atomic(struct catalogue_text *) texts[CATALOGUE_DOCUMENTS]; /* owned; NULL: not made yet */
    size_t n;
    struct entry entries[]; /* the plugins' conversions, by name */
};

/* --- life --- */

/* As strcmp(); neither needs a terminator. */
static int compare_names(const char *a, size_t a_length, const char *b, size_t b_length)
{
    const size_t least = a_length < b_length ? a_length : b_length;
    const int order = memcmp(a, b, least);
    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return compare_names(x->conversion->conversion.name, x->length, y->conversion->conversion.name,
                         y->length);
}

/* Names that are there already: built in, or of another plugin. The entries are sorted. */
static bool check_names(const struct catalogue *catalogue, struct astro_error *err)
{
    for (size_t i = 0; i < catalogue->n; i++) {
        const struct plugin_conversion *here = catalogue->entries[i].conversion;
        const char *name = here->conversion.name;
        if (astro_conversion_find(name, catalogue->entries[i].length, NULL) != NULL)
            return astro_fail(err, ASTRO_PLUGIN_ERROR, name,
                              "plugin %s: the conversion %s is built in; it needs another name",
                              here->plugin, name);
        if (i > 0 && compare_entries(&catalogue->entries[i - 1], &catalogue->entries[i]) == 0)
            return astro_fail(err, ASTRO_PLUGIN_ERROR, name,
                              "the conversion %s comes twice: from the plugins %s and %s", name,
                              catalogue->entries[i - 1].conversion->plugin, here->plugin);
    }
    return true;
}

static void catalogue_free(struct catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->n; i++)
        plugin_conversion_release(catalogue->entries[i].conversion);
    for (size_t i = 0; i < CATALOGUE_DOCUMENTS; i++) {
        struct catalogue_text *text =
            atomic_load_explicit(&catalogue->texts[i], memory_order_relaxed);
        if (text != NULL)
            mem_free(text->data);
        mem_free(text);
    }
    mem_free(catalogue);
}

struct catalogue *catalogue_create(struct plugin_conversion **conversions_take, size_t n,
                                   struct astro_error *err)
{
    struct catalogue *catalogue = NULL;
    size_t size;
    if (size_mul(n, sizeof catalogue->entries[0], &size) &&
        size_add(size, sizeof *catalogue, &size))
        catalogue = mem_zalloc(1, size);
    if (catalogue == NULL) {
        for (size_t i = 0; i < n; i++)
            plugin_conversion_release(conversions_take[i]);
        astro_fail(err, ASTRO_OVERLOADED, NULL, "there is no memory for the catalogue of %zu", n);
        return NULL;
    }
    atomic_init(&catalogue->references, 1);
    catalogue->n = n;
    for (size_t i = 0; i < n; i++) {
        catalogue->entries[i].conversion = conversions_take[i];
        catalogue->entries[i].length = strlen(conversions_take[i]->conversion.name);
    }
    if (n > 1)
        qsort(catalogue->entries, n, sizeof catalogue->entries[0], compare_entries);
    if (!check_names(catalogue, err)) {
        catalogue_free(catalogue);
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        catalogue->entries[i].slot = slots_take(catalogue->entries[i].conversion->conversion.name);
    return catalogue;
}

struct catalogue *catalogue_hold(struct catalogue *catalogue)
{
    if (catalogue != NULL)
        atomic_fetch_add_explicit(&catalogue->references, 1, memory_order_relaxed);
    return catalogue;
}

void catalogue_drop(struct catalogue *catalogue)
{
    if (catalogue != NULL &&
        atomic_fetch_sub_explicit(&catalogue->references, 1, memory_order_acq_rel) == 1)
        catalogue_free(catalogue);
}

/* --- the current one --- */

static struct catalogue *current; /* counted reference */
static pthread_mutex_t changing = PTHREAD_MUTEX_INITIALIZER;

static void set_current(struct catalogue *catalogue_take)
{
    pthread_mutex_lock(&changing);
    struct catalogue *before = current;
    current = catalogue_take;
    pthread_mutex_unlock(&changing);
    catalogue_drop(before);
}

struct catalogue *catalogue_current(void)
{
    pthread_mutex_lock(&changing);
    struct catalogue *catalogue = catalogue_hold(current);
    pthread_mutex_unlock(&changing);
    return catalogue;
}

void catalogue_publish(struct catalogue *catalogue_take)
{
    for (size_t i = 0; i < server.n_loops; i++) {
        struct loop *loop = server.loops[i];
        struct catalogue *next = catalogue_hold(catalogue_take);
        catalogue_drop(atomic_exchange(&loop->catalogue_next, next));
        if (i == 0)
            catalogue_take_over(loop);
        else if (!atomic_load(&loop->ended))
            uv_async_send(&loop->wake);
    }
    set_current(catalogue_take);
}

void catalogue_take_over(struct loop *loop)
{
    /* Asked at every wake-up: a look is enough nearly always. */
    if (atomic_load_explicit(&loop->catalogue_next, memory_order_relaxed) == NULL)
        return;
    struct catalogue *next = atomic_exchange(&loop->catalogue_next, NULL);
    if (next == NULL)
        return;
    catalogue_drop(loop->catalogue);
    loop->catalogue = next;
}

void catalogue_end(void)
{
    set_current(NULL);
}

/* --- conversions --- */

size_t catalogue_count(const struct catalogue *catalogue)
{
    return astro_conversion_count() + (catalogue != NULL ? catalogue->n : 0);
}

const struct astro_conversion *catalogue_at(const struct catalogue *catalogue, size_t index)
{
    const size_t built_in = astro_conversion_count();
    if (index < built_in)
        return astro_conversion_at(index);
    if (catalogue == NULL || index - built_in >= catalogue->n)
        return NULL;
    return &catalogue->entries[index - built_in].conversion->conversion;
}

size_t catalogue_slot(const struct catalogue *catalogue, size_t index)
{
    const size_t built_in = astro_conversion_count();
    if (index < built_in || catalogue == NULL || index - built_in >= catalogue->n)
        return index;
    return catalogue->entries[index - built_in].slot;
}

const struct astro_conversion *catalogue_find(const struct catalogue *catalogue, const char *name,
                                              size_t length, size_t *ret_slot)
{
    /* Built-in ones first: they are asked for most often, and cost what they did without plugins. */
    const struct astro_conversion *found = astro_conversion_find(name, length, ret_slot);
    if (found != NULL || catalogue == NULL)
        return found;
    size_t low = 0, high = catalogue->n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct entry *entry = &catalogue->entries[middle];
        const int order =
            compare_names(entry->conversion->conversion.name, entry->length, name, length);
        if (order == 0) {
            if (ret_slot != NULL)
                *ret_slot = entry->slot;
            return &entry->conversion->conversion;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *catalogue_nearest(const struct catalogue *catalogue, const char *name, size_t length)
{
    enum { NEAR = 3 }; /* edits at the most, as among the built-in ones */
    const char *nearest = astro_conversion_nearest(name, length);
    char sought[CATALOGUE_NAME];
    if (catalogue == NULL || length >= sizeof sought)
        return nearest;
    for (size_t i = 0; i < length; i++)
        sought[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] - 'A' + 'a') : name[i];
    sought[length] = '\0';
    /* A third of the letters wrong is another word, not a slip. */
    size_t least = (length / 3 < NEAR ? length / 3 : NEAR) + 1;
    if (nearest != NULL)
        least = setting_distance(sought, nearest);
    for (size_t i = 0; i < catalogue->n; i++) {
        const char *known = catalogue->entries[i].conversion->conversion.name;
        const size_t distance = setting_distance(sought, known);
        if (distance < least) {
            least = distance;
            nearest = known;
        }
    }
    return nearest;
}

/* --- documents --- */

const struct catalogue_text *
catalogue_text(struct catalogue *catalogue, enum catalogue_document which,
               char *(*make)(const struct catalogue *catalogue, size_t *ret_length))
{
    if (catalogue == NULL)
        return NULL;
    struct catalogue_text *there =
        atomic_load_explicit(&catalogue->texts[which], memory_order_acquire);
    if (there != NULL)
        return there;
    struct catalogue_text *text = mem_zalloc(1, sizeof *text);
    if (text != NULL)
        text->data = make(catalogue, &text->length);
    if (text == NULL || text->data == NULL) {
        mem_free(text);
        return NULL;
    }
    /* Two loops may have made it at the same time; neither waits for the other. */
    if (atomic_compare_exchange_strong_explicit(&catalogue->texts[which], &there, text,
                                                memory_order_acq_rel, memory_order_acquire))
        return text;
    mem_free(text->data);
    mem_free(text);
    return there;
}
