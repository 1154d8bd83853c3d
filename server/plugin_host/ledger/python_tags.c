/*
 * Python's allocators and NumPy's data handler, with tags.
 *
 * Small blocks stay in pymalloc (or whatever Python was set up with) and carry the tag inside their
 * block; larger ones, for which pymalloc would go to malloc anyway, are tagged blocks themselves. A
 * bit in the tag tells them apart. So a small object costs 16 bytes more, and no other allocator.
 *
 * RAW is wrapped only where malloc is ours: Python swaps it for plain malloc now and then, and only
 * then may either free the other's blocks.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define NPY_NO_DEPRECATED_API NPY_1_22_API_VERSION
#include <numpy/arrayobject.h>

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "plugin_host/ledger/ledger.h"
#include "plugin_host/ledger/numpy_caches.h"
#include "plugin_host/ledger/tags.h"

/* What pymalloc takes at most, tag included. */
enum { SMALL = 512 - TAG_BYTES };

static struct domain {
    PyMemAllocatorEx below;
    enum tag_kind kind;
} object = {.kind = TAG_OBJECT}, memory = {.kind = TAG_MEMORY};

/* --- MEM and OBJ --- */

static void *domain_malloc(void *context, size_t size)
{
    struct domain *domain = context;
    if (size > SMALL)
        return tagged_malloc(size, domain->kind);
    void *raw = domain->below.malloc(domain->below.ctx, size + TAG_BYTES);
    return raw ? tag_put(raw, size, domain->kind) : NULL;
}

static void *domain_calloc(void *context, size_t count, size_t size)
{
    struct domain *domain = context;
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SMALL)
        return tagged_calloc(count, size, domain->kind);
    void *raw = domain->below.calloc(domain->below.ctx, 1, bytes + TAG_BYTES);
    return raw ? tag_put(raw, bytes, domain->kind) : NULL;
}

static void domain_free(void *context, void *block)
{
    struct domain *domain = context;
    if (!block)
        return;
    if (tag_is_foreign(block))
        domain->below.free(domain->below.ctx, tag_take(block));
    else
        tagged_free(block);
}

/* A small block outgrows pymalloc. */
static void *outgrow(struct domain *domain, void *block, size_t size)
{
    void *larger = tagged_malloc(size, domain->kind);
    if (!larger)
        return NULL;
    memcpy(larger, block, tagged_size(block));
    domain_free(domain, block);
    return larger;
}

static void *domain_realloc(void *context, void *block, size_t size)
{
    struct domain *domain = context;
    if (!block)
        return domain_malloc(context, size);
    if (!tag_is_foreign(block))
        return tagged_realloc(block, size, domain->kind);
    if (size > SMALL)
        return outgrow(domain, block, size);
    void *raw = (char *)block - TAG_BYTES;
    raw = domain->below.realloc(domain->below.ctx, raw, size + TAG_BYTES);
    return raw ? tag_resized(raw, size) : NULL;
}

static void wrap(PyMemAllocatorDomain which, struct domain *domain)
{
    PyMem_GetAllocator(which, &domain->below);
    PyMemAllocatorEx tagged = {.ctx = domain,
                               .malloc = domain_malloc,
                               .calloc = domain_calloc,
                               .realloc = domain_realloc,
                               .free = domain_free};
    PyMem_SetAllocator(which, &tagged);
}

/* --- RAW; without the GIL --- */

/* Not under the debug hooks: their blocks have a frame of their own around them. */
#if LEDGER_MALLOC && !defined(Py_DEBUG)
static void *raw_malloc(void *context, size_t size)
{
    (void)context;
    return tagged_malloc(size, TAG_MEMORY);
}

static void *raw_calloc(void *context, size_t count, size_t size)
{
    (void)context;
    return tagged_calloc(count, size, TAG_MEMORY);
}

static void *raw_realloc(void *context, void *block, size_t size)
{
    (void)context;
    return tagged_realloc(block, size, TAG_MEMORY);
}

static void raw_free(void *context, void *block)
{
    (void)context;
    tagged_free(block);
}

static void wrap_raw(void)
{
    PyMemAllocatorEx tagged = {
        .malloc = raw_malloc, .calloc = raw_calloc, .realloc = raw_realloc, .free = raw_free};
    PyMem_SetAllocator(PYMEM_DOMAIN_RAW, &tagged);
}
#else
static void wrap_raw(void)
{
}
#endif

bool ledger_python_install(void)
{
    static bool installed;
    if (installed)
        return true;
    installed = true;
    wrap_raw();
    wrap(PYMEM_DOMAIN_MEM, &memory);
    wrap(PYMEM_DOMAIN_OBJ, &object);
    return true;
}

/* --- NumPy --- */

enum {
    TRACE_DOMAIN = 389047, /* NPY_TRACE_DOMAIN: tracemalloc's name for array data */
    HUGE_FROM = 4 << 20,   /* as NumPy's own handler asks for huge pages */
    HUGE_PAGE = 2 << 20
};

static void want_huge_pages(void *block, size_t size)
{
    if (size < HUGE_FROM)
        return;
    uintptr_t begin = ((uintptr_t)block + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
    uintptr_t end = ((uintptr_t)block + size) & ~(uintptr_t)(HUGE_PAGE - 1);
    int before = errno;
    if (begin < end)
        madvise((void *)begin, end - begin, MADV_HUGEPAGE); /* a wish: a refusal changes nothing */
    errno = before;
}

static void trace(const void *block, size_t size)
{
    PyTraceMalloc_Track(TRACE_DOMAIN, (uintptr_t)block, size);
}

static void *array_malloc(void *context, size_t size)
{
    (void)context;
    void *block = tagged_malloc(size, TAG_ARRAY);
    if (!block)
        return NULL;
    want_huge_pages(block, size);
    trace(block, size);
    return block;
}

static void *array_calloc(void *context, size_t count, size_t size)
{
    (void)context;
    void *block = tagged_calloc(count, size, TAG_ARRAY);
    if (!block)
        return NULL;
    want_huge_pages(block, count * size);
    trace(block, count * size);
    return block;
}

static void *array_realloc(void *context, void *block, size_t size)
{
    (void)context;
    void *moved = tagged_realloc(block, size, TAG_ARRAY);
    if (!moved)
        return NULL;
    if (block && moved != block)
        PyTraceMalloc_Untrack(TRACE_DOMAIN, (uintptr_t)block);
    trace(moved, size);
    return moved;
}

static void array_free(void *context, void *block, size_t size)
{
    (void)context;
    (void)size;
    if (!block)
        return;
    PyTraceMalloc_Untrack(TRACE_DOMAIN, (uintptr_t)block);
    tagged_free(block);
}

static PyDataMem_Handler handler = {
    "astrolabe_ledger", 1, {NULL, array_malloc, array_calloc, array_realloc, array_free}};

#if LEDGER_MALLOC
/* Other contexts than this one (threads, coroutines) take NumPy's default: so that is what changes.
 * Arrays made before are freed by the new handler, which may: every block of the process is tagged. */
static bool set_handler(void)
{
    return PyCapsule_SetPointer(PyDataMem_DefaultHandler, &handler) == 0;
}
#else
static bool set_handler(void)
{
    PyObject *capsule = PyCapsule_New(&handler, "mem_handler", NULL);  /* new */
    PyObject *before = capsule ? PyDataMem_SetHandler(capsule) : NULL; /* new */
    bool set = before != NULL;
    Py_XDECREF(before);
    Py_XDECREF(capsule);
    return set;
}
#endif

bool ledger_numpy_install(void)
{
    if (!PyArray_API && _import_array() < 0)
        return false;
    return set_handler();
}

/* More than NumPy keeps of a size (7), of all ranks that are usual. */
enum { CACHED_ARRAYS = 8, CACHED_RANKS = 4 };

void numpy_caches_fill(void)
{
    static const npy_intp shape[CACHED_RANKS] = {1, 1, 1, 1};
    PyObject *arrays[CACHED_RANKS][CACHED_ARRAYS]; /* new, or NULL */
    for (int rank = 0; rank < CACHED_RANKS; rank++)
        for (int i = 0; i < CACHED_ARRAYS; i++)
            arrays[rank][i] = PyArray_SimpleNew(rank + 1, shape, NPY_DOUBLE);
    for (int rank = 0; rank < CACHED_RANKS; rank++)
        for (int i = 0; i < CACHED_ARRAYS; i++)
            Py_XDECREF(arrays[rank][i]);
    PyErr_Clear();
}
