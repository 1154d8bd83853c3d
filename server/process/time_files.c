#include "process/time_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "astrolabe/time_data.h"
#include "memory/alloc.h"
#include "observe/log.h"
#include "process/server.h"
#include "settings/read_file.h"

enum { FILE_MOST = 1024 * 1024, REASON = 512 };

static const char system_list[] = "/usr/share/zoneinfo/leap-seconds.list";

/* *ret is set to what the file says. False: `reason` says why not. */
static bool read_list(const char *path, struct astro_time_data *ret, char reason[REASON])
{
    struct file_text file;
    char *error = NULL;
    if (!file_read(path, FILE_MOST, &file, &error)) {
        snprintf(reason, REASON, "%s", error != NULL ? error : "out of memory");
        mem_free(error);
        return false;
    }
    struct astro_error err = {.code = ASTRO_OK};
    bool good = astro_time_data_parse(file.bytes, file.length, ret, &err);
    if (!good)
        snprintf(reason, REASON, "%.200s: %.300s", path, err.text);
    mem_free(file.bytes);
    return good;
}

bool time_files_check(void)
{
    const char *path = server.settings.data_leap_seconds;
    struct astro_time_data data;
    struct astro_error err = {.code = ASTRO_OK};
    char reason[REASON];
    if (path == NULL)
        return true; /* the table that is built in */
    if (!read_list(path, &data, reason)) {
        if (strcmp(path, system_list) == 0)
            return true;
        fprintf(stderr, "astrolabed: data.leap_seconds: %s\n", reason);
        return false;
    }
    if (astro_time_data_use(&data, &err))
        return true;
    fprintf(stderr, "astrolabed: data.leap_seconds: %s\n", err.text);
    return false;
}

void time_files_report(void)
{
    struct astro_time_data data;
    astro_time_data_get(&data);
    bool expired = data.expires <= (int64_t)time(NULL);
    char expires[32] = "";
    time_t when = (time_t)data.expires;
    struct tm tm;
    if (gmtime_r(&when, &tm) != NULL)
        strftime(expires, sizeof expires, "%Y-%m-%d", &tm);
    LOG_EVENT(expired ? LEVEL_WARN : LEVEL_INFO, expired ? "leap_seconds_expired" : "leap_seconds",
              LOG_S("file", data.is_builtin ? "built in" : server.settings.data_leap_seconds),
              LOG_S("expires", expires), LOG_I("steps", data.count),
              LOG_I("tai_minus_utc", data.steps[data.count - 1].tai_minus_utc));
}

bool time_files_reload(void)
{
    const char *path = server.settings.data_leap_seconds;
    struct astro_time_data data;
    struct astro_error err = {.code = ASTRO_OK};
    char reason[REASON];
    if (path == NULL)
        return false;
    bool good = read_list(path, &data, reason);
    if (good && !astro_time_data_use(&data, &err)) {
        snprintf(reason, sizeof reason, "%s", err.text);
        good = false;
    }
    if (good)
        time_files_report();
    else
        LOG_EVENT(LEVEL_ERROR, "reload_failed", LOG_S("what", "data.leap_seconds"),
                  LOG_S("reason", reason));
    return good;
}
