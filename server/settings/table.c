/*
 * Every setting, once. To add one: a field in settings.h and a row here; the readers, --help, the
 * man page, --check-config and the tests follow.
 */
#include "settings/table.h"

#include <assert.h>
#include <string.h>

#include "astrolabe/kernels.h"

#define KIB 1024.0
#define MIB (1024.0 * KIB)
#define GIB (1024.0 * MIB)
#define TIB (1024.0 * GIB)
#define DAY 86400.0

#define PLACE(field)                                                                               \
    .offset = offsetof(struct settings, field), .width = sizeof(((struct settings *)0)->field)

/* In the order of the enums: the index is the value. */
static const char *const reloads[] = {"signal", "watch", NULL};
static const char *const levels[] = {"error", "warn", "info", "debug", NULL};
static const char *const formats[] = {"logfmt", "json", NULL};
static const char *const targets[] = {"auto", "sse2", "avx2", "avx512", "neon", NULL};

static_assert(RELOAD_SIGNAL == 0 && RELOAD_WATCH == 1, "words of plugins.reload");
static_assert(LEVEL_ERROR == 0 && LEVEL_DEBUG == 3, "words of log.level");
static_assert(LOG_FORMAT_LOGFMT == 0 && LOG_FORMAT_JSON == 1, "words of log.format");
static_assert(ASTRO_TARGET_AUTO == 0 && ASTRO_TARGET_NEON == 4 && ASTRO_TARGET_COUNT == 5,
              "words of simd");
/* parse.c stores choices through an int and counts through an unsigned. */
static_assert(sizeof(enum settings_level) == sizeof(int), "enums are as wide as int");
static_assert(sizeof(enum settings_log_format) == sizeof(int), "enums are as wide as int");

#define COUNT(k, field, lo, hi, preset, words)                                                     \
    {                                                                                              \
        .key = (k), .type = SETTING_COUNT, .unit = "number", .min = (lo), .max = (hi),             \
        .initial = (preset), .text = (words), PLACE(field)                                         \
    }
#define CORES(k, field, words)                                                                     \
    {                                                                                              \
        .key = (k), .type = SETTING_CORES, .unit = "number", .min = 1, .max = 1024,                \
        .initial = "cores", .text = (words), PLACE(field)                                          \
    }
#define SIZE(k, field, lo, hi, preset, words)                                                      \
    {                                                                                              \
        .key = (k), .type = SETTING_SIZE, .unit = "size", .min = (lo), .max = (hi),                \
        .initial = (preset), .text = (words), PLACE(field)                                         \
    }
#define TIME(k, field, lo, hi, preset, words)                                                      \
    {                                                                                              \
        .key = (k), .type = SETTING_TIME, .unit = "time", .min = (lo), .max = (hi),                \
        .initial = (preset), .text = (words), PLACE(field)                                         \
    }
#define CHOICE(k, field, list, preset, words)                                                      \
    {                                                                                              \
        .key = (k), .type = SETTING_CHOICE, .unit = "word", .choices = (list),                     \
        .initial = (preset), .text = (words), PLACE(field)                                         \
    }
#define PATH(k, field, preset, words)                                                              \
    {                                                                                              \
        .key = (k), .type = SETTING_TEXT, .unit = "path", .initial = (preset), .text = (words),    \
        PLACE(field)                                                                               \
    }

/* clang-format off */
const struct setting settings_table[] = {
    {.key = "listen", .type = SETTING_LIST, .unit = "address", .min = 1, .max = 64,
     .initial = "127.0.0.1:9180", PLACE(listen),
     .text = "Where to listen: ADDR:PORT, [V6]:PORT or unix:PATH. Port 0 takes a free one, which is "
             "printed. The flag may be repeated; the variable separates entries with commas."},
    CORES("loops", loops, "Event loops, each a thread with its own listening socket."),
    CORES("threads", threads, "Compute threads, which run large requests in pieces."),

    PATH("plugins.directory", plugins_directory, "none",
         "Directory of Python plugins. Without one no Python is started."),
    CORES("plugins.hosts", plugins_hosts,
          "Plugin host processes, each with every plugin loaded."),
    TIME("plugins.timeout", plugins_timeout, 1e-3, DAY, "30s",
         "Longest a plugin may work on one request; then the request gets 504 and the host is "
         "replaced."),
    COUNT("plugins.queue", plugins_queue, 1, 1e6, "256",
          "Requests that may wait for a plugin host; more get 503."),
    SIZE("plugins.max_rss", plugins_max_rss, 16 * MIB, 64 * TIB, "512MiB",
         "Resident memory above which a plugin host is replaced; no request is lost."),
    CHOICE("plugins.reload", plugins_reload, reloads, "signal",
           "When plugins are read again: on SIGHUP only, or also when a file changes."),
    PATH("plugins.python", plugins_python, "none",
         "Virtual environment whose packages the plugins see; none: those of the system."),
    {.key = "plugins.tracebacks", .type = SETTING_SWITCH, .unit = "switch", .initial = "off",
     PLACE(plugins_tracebacks),
     .text = "Python tracebacks in the text of 502 answers; they are always in the log."},
    SIZE("plugins.shared_memory", plugins_shared_memory, 1 * MIB, 64 * TIB, "1GiB",
         "Memory that each plugin host shares with the server for the arrays of its requests; "
         "requests that do not fit get 503."),
    COUNT("plugins.descriptors", plugins_descriptors, 32, 1e6, "512",
          "File descriptors that a plugin host may have open."),

    COUNT("limits.connections", limits_connections, 1, 1e6, "10000",
          "Connections open at the same time; more get 503 and are closed."),
    SIZE("limits.header_bytes", limits_header_bytes, 512, 1 * MIB, "16KiB",
         "Request line and headers of one request; more get 431."),
    SIZE("limits.body_bytes", limits_body_bytes, 1, 1 * TIB, "256MiB",
         "Body of one request, unpacked; more get 413."),
    SIZE("limits.memory", limits_memory, 1 * MIB, 64 * TIB, "1GiB",
         "Bodies, columns and answers of all requests together; beyond it requests get 503. Heads come on top: at most limits.connections times limits.header_bytes."),
    COUNT("limits.json_depth", limits_json_depth, 1, 512, "32",
          "Arrays and objects inside each other in a JSON body."),
    COUNT("limits.pipeline", limits_pipeline, 1, 1024, "64",
          "Answers of one connection held back to be written together."),
    SIZE("limits.contexts", limits_contexts, 0, 1 * TIB, "16MiB",
         "Prepared contexts (sites, times, projections) kept for later requests."),

    TIME("timeouts.head", timeouts_head, 1e-3, DAY, "10s",
         "Longest the line and headers of a request may take to arrive."),
    TIME("timeouts.body", timeouts_body, 1e-3, DAY, "60s", "Longest silence within a body."),
    TIME("timeouts.write", timeouts_write, 1e-3, DAY, "60s",
         "Longest a client may read nothing of its answer."),
    TIME("timeouts.idle", timeouts_idle, 1e-3, DAY, "75s",
         "Longest a connection may rest between requests."),
    TIME("timeouts.request", timeouts_request, 1e-3, DAY, "60s",
         "Longest a whole request may take, a body sent byte by byte included."),
    TIME("shutdown.grace", shutdown_grace, 0, DAY, "30s",
         "Longest that requests at work may take to finish after SIGTERM."),

    PATH("auth.tokens", auth_tokens, "none",
         "File of SHA-256 digests of bearer tokens with their scopes, convert and admin."),
    {.key = "auth.anonymous", .type = SETTING_SWITCH, .unit = "switch", .initial = "off",
     PLACE(auth_anonymous),
     .text = "Serve listeners beyond loopback without tokens: anybody who can connect may convert."},

    PATH("data.leap_seconds", data_leap_seconds, "/usr/share/zoneinfo/leap-seconds.list",
         "Leap-second list, as the IERS publishes it. Never downloaded."),
    PATH("data.eop", data_eop, "none",
         "Earth orientation parameters: finals2000A or eopC04, as the IERS publishes them."),

    CHOICE("log.level", log_level, levels, "info", "The least severe events to log."),
    CHOICE("log.format", log_format, formats, "logfmt", "One line per event: logfmt or JSON."),
    {.key = "log.access", .type = SETTING_SHARE, .unit = "share", .min = 0, .max = 1,
     .initial = "off", PLACE(log_access),
     .text = "One line per request: off, on, or the share of requests that get one, as 0.01."},

    TIME("poll.busy", poll_busy, 0, 1, "0",
         "How long an idle loop looks for work before it sleeps: lower latency for a busy core."),
    TIME("dispatch.inline", dispatch_inline, 0, 1, "100us",
         "Predicted cost up to which a request runs on its loop instead of the compute threads."),
    CHOICE("simd", simd, targets, "auto",
           "Vector instructions of the kernels; auto is the widest that this machine has."),
};

const struct setting_verb settings_verbs[] = {
    {"--config", "FILE", "Read settings from a JSON file.", SETTINGS_RUN},
    {"--check-config", NULL, "Read all settings, print them as a JSON file, and exit.", SETTINGS_CHECK},
    {"--list", NULL, "List the conversions and exit.", SETTINGS_LIST},
    {"--version", NULL, "Print the version and exit.", SETTINGS_VERSION},
    {"--help", NULL, "Print this text and exit.", SETTINGS_HELP},
    {"--man", NULL, "Print the manual page in troff and exit.", SETTINGS_MAN},
};
/* clang-format on */

const size_t settings_count = sizeof settings_table / sizeof settings_table[0];
static_assert(sizeof settings_table / sizeof settings_table[0] <= SETTINGS_MAX,
              "struct settings_pass");
const size_t settings_verb_count = sizeof settings_verbs / sizeof settings_verbs[0];

void setting_spell(const char *key, enum setting_spelling how, char ret[SETTING_NAME_MAX])
{
    static const char *const prefix[] = {"", "--", "ASTROLABE_"};
    size_t at = strlen(prefix[how]);
    memcpy(ret, prefix[how], at);
    for (; *key && at < SETTING_NAME_MAX - 1; key++) {
        char c = *key;
        if (how == SPELL_FLAG && (c == '.' || c == '_'))
            c = '-';
        if (how == SPELL_VARIABLE)
            c = c == '.' ? '_' : c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        ret[at++] = c;
    }
    ret[at] = '\0';
}

const struct setting *setting_find(const char *name, enum setting_spelling how)
{
    char known[SETTING_NAME_MAX];
    for (size_t i = 0; i < settings_count; i++) {
        setting_spell(settings_table[i].key, how, known);
        if (strcmp(known, name) == 0)
            return &settings_table[i];
    }
    return NULL;
}

bool setting_is_group(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < settings_count; i++) {
        const char *key = settings_table[i].key;
        if (strncmp(key, name, length) == 0 && key[length] == '.')
            return true;
    }
    return false;
}
