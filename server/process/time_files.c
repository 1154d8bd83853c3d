#include "process/time_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "astrolabe/eop_data.h"
#include "astrolabe/time_data.h"
#include "memory/alloc.h"
#include "observe/log.h"
#include "process/server.h"
#include "settings/read_file.h"

enum { FILE_MOST = 1024 * 1024, EOP_FILE_MOST = 32 * 1024 * 1024, REASON = 512 };

static const char system_list[] = "/usr/share/zoneinfo/leap-seconds.list";

/* False: `reason` says why not. */
static bool read_file(const char *path, size_t most, struct file_text *ret, char reason[REASON])
{
    char *error = NULL;
    if (file_read(path, most, ret, &error))
        return true;
    snprintf(reason, REASON, "%s", error != NULL ? error : "out of memory");
    mem_free(error);
    return false;
}

/* *ret is set to what the file says. False: `reason` says why not. */
static bool read_list(const char *path, struct astro_time_data *ret, char reason[REASON])
{
    struct file_text file;
    if (!read_file(path, FILE_MOST, &file, reason))
        return false;
    struct astro_error err = {.code = ASTRO_OK};
    bool good = astro_time_data_parse(file.bytes, file.length, ret, &err);
    if (!good)
        snprintf(reason, REASON, "%.200s: %.300s", path, err.text);
    mem_free(file.bytes);
    return good;
}

/* The table of data.eop becomes the one in use. False: the one before stays. */
static bool use_eop(const char *path, char reason[REASON])
{
    struct file_text file;
    struct astro_error err = {.code = ASTRO_OK};
    if (!read_file(path, EOP_FILE_MOST, &file, reason))
        return false;
    struct astro_eop_data *data = mem_alloc(sizeof *data); /* megabytes: not on the stack */
    bool good = data != NULL && astro_eop_data_parse(file.bytes, file.length, data, &err) &&
                astro_eop_use(data, &err);
    if (!good)
        snprintf(reason, REASON, "%.200s: %.300s", path, data != NULL ? err.text : "out of memory");
    mem_free(data);
    mem_free(file.bytes);
    return good;
}

static bool check_eop(void)
{
    char reason[REASON];
    if (server.settings.data_eop == NULL || use_eop(server.settings.data_eop, reason))
        return true;
    fprintf(stderr, "astrolabed: data.eop: %s\n", reason);
    return false;
}

static bool check_leap_seconds(void)
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

bool time_files_check(void)
{
    return check_leap_seconds() && check_eop();
}

static void report_leap_seconds(void)
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

#define UNIX_MJD 40587
#define DAY      86400

/* A table that ends before today leaves requests of today without Earth orientation; one whose
 * measured days end some weeks back is not kept up to date. */
static void report_eop(void)
{
    enum { OLD_DAYS = 30 };
    struct astro_eop_summary has;
    int64_t today = (int64_t)time(NULL) / DAY + UNIX_MJD;
    if (server.settings.data_eop == NULL)
        return;
    astro_eop_get_summary(&has);
    bool over = has.last_mjd < today;
    bool old = has.last_measured < today - OLD_DAYS;
    LOG_EVENT(over || old ? LEVEL_WARN : LEVEL_INFO,
              over  ? "eop_expired"
              : old ? "eop_old"
                    : "eop",
              LOG_S("file", server.settings.data_eop), LOG_I("days", has.count),
              LOG_I("first_mjd", has.first_mjd), LOG_I("last_measured_mjd", has.last_measured),
              LOG_I("last_mjd", has.last_mjd), LOG_I("today_mjd", today));
}

void time_files_report(void)
{
    report_leap_seconds();
    report_eop();
}

static bool reload_eop(void)
{
    char reason[REASON];
    if (server.settings.data_eop == NULL)
        return false;
    if (use_eop(server.settings.data_eop, reason)) {
        report_eop();
        return true;
    }
    LOG_EVENT(LEVEL_ERROR, "reload_failed", LOG_S("what", "data.eop"), LOG_S("reason", reason));
    return false;
}

static bool reload_leap_seconds(void)
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
        report_leap_seconds();
    else
        LOG_EVENT(LEVEL_ERROR, "reload_failed", LOG_S("what", "data.leap_seconds"),
                  LOG_S("reason", reason));
    return good;
}

bool time_files_reload(void)
{
    bool leap_seconds = reload_leap_seconds();
    return reload_eop() || leap_seconds;
}
