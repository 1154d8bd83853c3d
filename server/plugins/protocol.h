/*
 * Protocol: what astrolabed and a plugin host share. Both programs are built from this header; no
 * other header of one is used by the other.
 *
 * Per host   One control socket (SOCK_SEQPACKET, JSON messages, below), one memfd region (sealed in
 *            size, mapped whole by both), one eventfd on which the host sleeps, one eventfd per
 *            event loop on which that loop hears of completions, two pipes for stdout and stderr.
 *            The host inherits them as the descriptors HOST_FD_*.
 * Region     struct channel at offset 0, PROTOCOL_CHANNEL_BYTES long; behind it blocks, given out and
 *            taken back by astrolabed alone (plugins/region.h). All offsets count from the region's
 *            beginning.
 * Trust      Plugins are foreign code in an address space of their own. astrolabed never follows what
 *            a host has written without checking it: it keeps its own copy of every offset, length
 *            and identity, and reads from the region only states, counts and texts, bounded.
 * Locks      None in shared memory. Rings have one writer and one reader at a time; the death of the
 *            other side is an event on the socket and on the pidfd.
 */
#ifndef ASTRO_PLUGINS_PROTOCOL_H
#define ASTRO_PLUGINS_PROTOCOL_H

#include <stdatomic.h>
#include <stdint.h>

#include "astrolabe/conversion.h"

enum {
    PROTOCOL_VERSION = 1,
    PROTOCOL_MAX_LOOPS = 64,
    PROTOCOL_CALLS = 16,       /* entries of a ring of calls or completions; a power of two */
    PROTOCOL_RELEASES = 1024,  /* entries of the ring of releases; a power of two */
    PROTOCOL_MAX_PIECES = 128, /* requests joined into one call */
    PROTOCOL_MAX_RANK = 32,
    PROTOCOL_TRACEBACK = 8192,         /* bytes of a traceback, cut in its middle */
    PROTOCOL_MESSAGE_MAX = 256 * 1024, /* bytes of a control message */
    PROTOCOL_CHANNEL_BYTES = 64 * 1024
};

/* Descriptors that a host is born with. 1 and 2 are pipes; 0 is /dev/null. */
enum {
    HOST_FD_CONTROL = 3,
    HOST_FD_REGION = 4,
    HOST_FD_WAKE = 5,  /* eventfd: the host sleeps on it */
    HOST_FD_LOOPS = 6, /* eventfds of loops 0 ... n_loops-1 from here on */
};

/*
 * Command line of a host
 *   astrolabe-plugin-host --serve [--parent PID] [--max-data BYTES] [--max-descriptors N]
 *                         [--max-cpu SECONDS]
 *   --parent           the process that started it: the host ends when that one is gone. The kernel binds
 *                      this to the thread that did it, which must live as long as its process
 *   --max-data         RLIMIT_DATA, hard: private writable memory; the region does not count
 *   --max-descriptors  RLIMIT_NOFILE
 *   --max-cpu          seconds of processor time after which the kernel ends the host (SIGXCPU) when a
 *                      call does not end, whatever has become of astrolabed. Loading has ten times that
 * Plain decimal numbers; what is left out is not limited. The host starts Python when `hello` has come.
 * It takes no notice of SIGINT, SIGTERM and SIGHUP, which reach whole groups of processes: `drain`,
 * the end of the control socket and SIGKILL end it.
 */

/* Exit statuses of a host by its own decision. */
enum {
    HOST_EXIT_DRAINED = 0,
    HOST_EXIT_USAGE = 2,
    HOST_EXIT_START = 70,   /* Python or NumPy could not be started; the text is on stderr */
    HOST_EXIT_CHANNEL = 71, /* the channel made no sense */
    HOST_EXIT_ORPHAN = 72   /* astrolabed is gone */
};

/* --- the channel: rings and flags at offset 0 --- */

struct ring_entry {
    uint64_t call;  /* identity of the call; its top 8 bits say on which loop: ring_loop() */
    uint64_t frame; /* offset of its struct frame */
};
/* The loop that a call belongs to, and whose ring its completion goes to. A call is never 0. */
static inline uint32_t ring_loop(uint64_t call)
{
    return (uint32_t)(call >> 56);
}

/*
 * Head and tail count for ever; entry i stands at i % size. Written by one side only: tail by the
 * producer (release), head by the consumer (release). See plugins/ring.h.
 */
struct call_ring {
    _Alignas(64) _Atomic uint32_t tail;
    _Alignas(64) _Atomic uint32_t head;
    struct ring_entry entries[PROTOCOL_CALLS];
};

struct release_ring {
    _Alignas(64) _Atomic uint32_t tail;
    _Alignas(64) _Atomic uint32_t head;
    uint64_t blocks
        [PROTOCOL_RELEASES]; /* offsets of blocks that nothing in the host refers to any more */
};

struct channel {
    uint32_t version;
    uint32_t n_loops;
    uint64_t region_bytes;
    /* Set by the host before it sleeps on HOST_FD_WAKE; whoever submits and finds it set clears it
     * and writes to the eventfd. */
    _Alignas(64) _Atomic uint32_t host_asleep;
    /* Identity of the call at work, 0 when there is none: for who looks in from outside. */
    _Atomic uint64_t running;
    struct call_ring calls;       /* astrolabed -> host; served in order, one after the other */
    struct release_ring releases; /* host -> astrolabed; a block never comes here before the
                                   * completion of its call is in the ring. Nobody is woken for it */
    struct {
        /* Set by the loop when it has read all completions; the host clears it when it writes to
         * the loop's eventfd. */
        _Alignas(64) _Atomic uint32_t asleep;
        struct call_ring done; /* host -> that loop */
    } loops[PROTOCOL_MAX_LOOPS];
};
_Static_assert(sizeof(struct channel) <= PROTOCOL_CHANNEL_BYTES, "the channel fits its place");

/* --- a call --- */

/* What became of a piece. The host never writes PENDING. */
enum piece_status {
    PIECE_PENDING = 0,
    PIECE_DONE = 1,  /* the outputs are complete */
    PIECE_FAILED = 2 /* `code` and `text` say why; `traceback` of the frame may belong to it */
};

/* A block of the region that a piece's arrays lie in. Retained: when the piece was completed some
 * object in the host still referred to it; its offset comes through the ring of releases later. */
struct frame_block {
    uint64_t offset; /* 0: none */
    uint64_t bytes;  /* as asked for */
    uint32_t retained;
    uint32_t unused;
};
enum { PIECE_BLOCKS = 4 }; /* the body, decoded columns, copies, results: any may be missing */

struct frame_input {
    uint32_t present;
    uint32_t scalar; /* one value for all rows, in `value`; NumPy sees an array of shape () */
    uint32_t block;  /* which of the piece's blocks; not used by scalars */
    uint32_t type;   /* enum astro_type */
    uint64_t offset; /* from the region's beginning */
    double number;   /* scalar FP64 */
    int64_t integer; /* scalar INT64; BOOL: 0 or 1 */
    uint32_t text_offset, text_length; /* scalar BYTES: within the frame */
};

struct frame_output {
    uint32_t wanted; /* 0: computed by the plugin, thrown away */
    uint32_t type;
    uint64_t offset; /* room for `count` values (BOOL: int64_t too); 0 when it is not wanted */
};

/* BYTES columns, in and out, are `count` structs of this, relative to the region's beginning. */
struct frame_text {
    uint64_t offset, length;
};

struct frame_piece {
    uint64_t count;                    /* rows */
    uint32_t rank;                     /* 0: everything is scalar, and so are the results */
    uint32_t status;                   /* enum piece_status, by the host */
    uint64_t shape[PROTOCOL_MAX_RANK]; /* the first `rank` */
    struct frame_block blocks[PIECE_BLOCKS];
    char request_id[64]; /* for the log and the ledger; terminated */
    struct frame_input inputs[ASTRO_MAX_INPUTS];
    struct frame_output outputs[ASTRO_MAX_OUTPUTS];
    /* By the host, when FAILED. */
    uint32_t code; /* enum astro_code: PLUGIN_ERROR, or what astrolabe_plugin.Invalid asked for */
    char field[64];
    char text[448];
};

/* A parameter that stood in the request; the others are not passed: Python has its own defaults. */
struct frame_value {
    uint32_t parameter;                /* index in the description */
    uint32_t choice;                   /* CHOICE: index; BOOLEAN: 0 or 1 */
    double number;                     /* NUMBER */
    int64_t integer;                   /* INTEGER */
    uint32_t text_offset, text_length; /* STRING (EPOCH as it was written): within the frame */
};

/* Lies in a block of its own: frame, then values, then pieces, then texts. */
struct frame {
    uint64_t call;
    uint32_t conversion; /* the host's number of the conversion, from its description */
    uint32_t n_pieces;   /* more than 1 only for elementwise conversions */
    uint32_t n_values;
    uint32_t values_offset, pieces_offset; /* within the frame; 8-byte aligned */
    uint32_t bytes;                        /* of the whole frame */
    uint64_t busy_ns;                      /* by the host: time in Python, for the statistics */
    uint32_t traceback_piece;              /* by the host: whose `traceback` is */
    uint32_t traceback_length;             /* by the host; 0: none */
    char traceback[PROTOCOL_TRACEBACK];
};

/*
 * --- control messages ---
 *
 * JSON objects, one per packet, at most PROTOCOL_MESSAGE_MAX bytes. `type` says which. Unknown keys
 * are ignored, unknown types are a broken peer.
 *
 * astrolabed -> host
 *   hello      {"version": 1, "directory": where to load from, "shown": the directory's name in texts,
 *              "python": virtual environment or null, "skip": [plugin names], "disabled": [conversion
 *              names], "tracebacks": bool, "generation": n, "ledger": {"sample_calls": n}}
 *   sample     the ledger is to be measured and sent now (when no call runs)
 *   trace      {"plugin": name, "action": "start" | "stop", "frames": n, "token": n}
 *   drain      no more calls come: finish those in the ring, run teardown(), exit 0
 *
 * host -> astrolabed, in this order: for each plugin loading, then loaded or failed; ready; later ones
 *   loading    {"plugin": name}  before each import and each setup(): who is at work if the host dies
 *   loaded     {"plugin": name, "seconds": s, "conversions": [description, ...]}
 *              description: {"number": n, "name", "group", "summary", "description", "reference",
 *              "accuracy", "elementwise": bool, "max_rows": n,
 *              "inputs": [{"name", "type": "FP64" | "INT64" | "BYTES" | "BOOL", "role": "plain"
 *              | "longitude" | "latitude" | "angle" | "distance", "unit", "doc", "optional": bool, "default_doc"}],
 *              "outputs": [the same], "parameters": [{"name", "type": "choice" | "number" | "integer"
 *              | "boolean" | "string", "default": text or null, "optional": bool, "choices": [...],
 *              "minimum", "maximum", "unit", "doc"}]}
 *   failed     {"plugin": name, "error": one line, "traceback": text}
 *   ready      {"python": version, "numpy": version, "plugins": n}
 *   ledger     {"rss": bytes, "pss": bytes, "threads": n, "descriptors": n, "calls": n,
 *              "plugins": [{"name", "calls", "verdict": "warming" | "steady" | "leaking", "kind": what
 *              leaks, "bytes_per_call": x, "text": one line for people, "retained_objects",
 *              "retained_bytes", "python_blocks", "python_bytes", "array_bytes", "malloc_bytes",
 *              "descriptors", "threads", "garbage_objects"}]}
 *   traced     {"token": n, "plugin": name, "report": object} or {"token": n, "error": text}
 *   drained    after teardown(), before exit
 */

#endif
