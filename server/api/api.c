#include "api/api.h"

#include "api/handlers.h"
#include "observe/metrics.h"

/* The documents of the built-in conversions are there before the first request, those of plugins when
 * somebody asks. */
static bool write_documents(struct catalogue *catalogue)
{
    return catalogue_text(catalogue, CATALOGUE_CONVERSIONS, api_conversions_write) != NULL &&
           catalogue_text(catalogue, CATALOGUE_MODELS, api_models_write) != NULL &&
           catalogue_text(catalogue, CATALOGUE_OPENAPI, api_openapi_write) != NULL;
}

bool api_init(void)
{
    struct astro_error error = {.code = ASTRO_OK};
    struct catalogue *built_in = catalogue_create(NULL, 0, &error);
    if (built_in == NULL || !write_documents(built_in)) {
        catalogue_drop(built_in);
        return false;
    }
    catalogue_publish(built_in);
    return true;
}

void api_release(void)
{
    catalogue_end();
}
