#include "plugin_host/call.h"

#include <stdio.h>
#include <string.h>

#include "plugin_host/arrays.h"
#include "plugin_host/channel.h"
#include "plugin_host/failure.h"
#include "plugin_host/frame.h"
#include "plugin_host/invoke.h"
#include "plugin_host/ledger/ledger.h"
#include "plugin_host/results.h"

/* --- one piece --- */

struct single {
    struct lent lent;
    const struct call_frame *call;
    const struct frame_piece *piece;
};

static PyObject *make_single_output(void *context, size_t index)
{
    struct single *single = context;
    return arrays_output(&single->lent, single->call, single->piece, index);
}

static bool call_single(struct single *single, struct invocation *invocation)
{
    PyObject *args[INVOKE_ARGUMENTS];
    size_t n_inputs = single->call->conversion->n_inputs;
    for (size_t i = 0; i < n_inputs; i++) {
        args[1 + i] = arrays_input(&single->lent, single->call, single->piece, i);
        if (args[1 + i] != NULL)
            continue;
        for (size_t j = 0; j < i; j++)
            Py_DECREF(args[1 + j]);
        return false;
    }
    PyObject *result = invoke(invocation, args);
    if (result == NULL)
        return false;
    bool good = results_store(invocation, result, single->piece);
    Py_DECREF(result);
    return good;
}

static void run_single(const struct call_frame *call, uint32_t index)
{
    struct frame_piece *piece = &call->pieces[index];
    struct single single = {
        .lent.owner = call->conversion->plugin->owner, .call = call, .piece = piece};
    struct invocation invocation = {.call = call,
                                    .piece = piece,
                                    .rows = piece->count,
                                    .make_output = make_single_output,
                                    .context = &single};
    bool good = call_single(&single, &invocation);
    Py_CLEAR(invocation.outputs);
    if (good)
        piece->status = PIECE_DONE;
    else
        failure_from_exception(call->frame, index, call->conversion->name);
    arrays_leave(&single.lent, piece);
}

/* --- joined pieces --- */

static PyObject *make_joined_output(void *context, size_t index)
{
    return arrays_joined_output(context, index);
}

static bool call_joined(struct call_frame *call, struct invocation *invocation)
{
    PyObject *args[INVOKE_ARGUMENTS];
    for (size_t i = 0; i < call->conversion->n_inputs; i++) {
        args[1 + i] = arrays_joined_input(call, i);
        if (args[1 + i] != NULL)
            continue;
        for (size_t j = 0; j < i; j++)
            Py_DECREF(args[1 + j]);
        return false;
    }
    PyObject *result = invoke(invocation, args);
    if (result == NULL)
        return false;
    bool good = results_scatter(invocation, result);
    Py_DECREF(result);
    return good;
}

/* False: nothing is said of the pieces; each is to be tried alone. */
static bool run_joined(struct call_frame *call)
{
    struct invocation invocation = {.call = call,
                                    .piece = &call->pieces[0],
                                    .rows = call->rows,
                                    .make_output = make_joined_output,
                                    .context = call};
    bool good = arrays_can_join(call) && call_joined(call, &invocation);
    Py_CLEAR(invocation.outputs);
    if (!good)
        failure_forget();
    for (size_t i = 0; good && i < call->n_pieces; i++)
        call->pieces[i].status = PIECE_DONE;
    return good;
}

/* --- a call --- */

static void prepare(struct call_frame *call)
{
    call->frame->busy_ns = 0;
    call->frame->traceback_length = 0;
    for (size_t i = 0; i < call->n_pieces; i++) {
        call->pieces[i].status = PIECE_PENDING;
        call->pieces[i].code = ASTRO_OK;
        for (size_t b = 0; b < PIECE_BLOCKS; b++)
            call->pieces[i].blocks[b].retained = 0;
    }
}

bool call_run(struct ring_entry entry, unsigned *ret_owner, unsigned *ret_calls, char error[256])
{
    struct call_frame call;
    if (!frame_open(entry, &call, error))
        return false;
    prepare(&call);
    unsigned before = ledger_enter(call.conversion->plugin->owner);
    if (call.n_pieces == 1 || !run_joined(&call))
        for (uint32_t i = 0; i < call.n_pieces; i++)
            run_single(&call, i);
    ledger_enter(before);
    *ret_owner = call.conversion->plugin->owner;
    *ret_calls = (unsigned)call.n_pieces;
    host.calls += call.n_pieces;
    return true;
}
