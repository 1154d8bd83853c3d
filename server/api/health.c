/* GET /v1/health: how the service is, and how old what it goes by is. For people and dashboards; what
 * probes ask is /v2/health. */
#include <time.h>

#include "api/handlers.h"
#include "astrolabe/eop_data.h"
#include "astrolabe/time_data.h"
#include "plugins/fleet.h"
#include "process/server.h"

enum { MJD_UNIX = 40587, DAY_S = 86400, DAY_TEXT = 16 };

/* YYYY-MM-DD of Unix seconds; "" of a time beyond all calendars. */
static void put_day(struct document *doc, json_t *object, const char *key, int64_t unix_s)
{
    char text[DAY_TEXT] = "";
    time_t when = (time_t)unix_s;
    struct tm tm;
    if (gmtime_r(&when, &tm) != NULL)
        strftime(text, sizeof text, "%Y-%m-%d", &tm);
    document_put_text(doc, object, key, text);
}

static void put_mjd(struct document *doc, json_t *object, const char *key, int32_t mjd)
{
    if (mjd != 0)
        put_day(doc, object, key, ((int64_t)mjd - MJD_UNIX) * DAY_S);
    else
        document_put(doc, object, key, json_null());
}

static json_t *leap_seconds(struct document *doc, int64_t now)
{
    struct astro_time_data data;
    json_t *object = document_object(doc);
    astro_time_data_get(&data);
    document_put_flag(doc, object, "builtin", data.is_builtin);
    document_put_signed(doc, object, "tai_minus_utc", data.steps[data.count - 1].tai_minus_utc);
    put_day(doc, object, "expires", data.expires);
    document_put_flag(doc, object, "expired", data.expires <= now);
    return object;
}

static json_t *earth_orientation(struct document *doc, int64_t now)
{
    struct astro_eop_summary eop;
    json_t *object = document_object(doc);
    int64_t today = now / DAY_S + MJD_UNIX;
    astro_eop_get_summary(&eop);
    document_put_flag(doc, object, "present", eop.count > 0);
    put_mjd(doc, object, "first", eop.first_mjd);
    put_mjd(doc, object, "last_measured", eop.last_measured);
    put_mjd(doc, object, "last", eop.last_mjd);
    if (eop.last_measured != 0)
        document_put_signed(doc, object, "measured_age_days", today - eop.last_measured);
    document_put_flag(doc, object, "expired", eop.count > 0 && today > eop.last_mjd);
    return object;
}

bool api_health(struct request *request)
{
    struct document doc = {0};
    json_t *root = document_object(&doc), *data = document_object(&doc);
    int64_t now = (int64_t)time(NULL);
    document_put_text(&doc, root, "version", server_version);
    document_put_flag(&doc, root, "ready", api_is_ready() && fleet_is_ready());
    document_put_signed(&doc, root, "uptime_s", now - server.started_unix_s);
    document_put(&doc, data, "leap_seconds", leap_seconds(&doc, now));
    document_put(&doc, data, "eop", earth_orientation(&doc, now));
    document_put(&doc, root, "data", data);
    return document_answer(&doc, request, 200, root);
}
