#include "api/api.h"

#include "api/handlers.h"
#include "observe/metrics.h"

bool api_init(void)
{
    metrics_read_leap_seconds();
    if (api_conversions_init() && api_openapi_init())
        return true;
    api_release();
    return false;
}

void api_release(void)
{
    api_conversions_release();
    api_openapi_release();
}
