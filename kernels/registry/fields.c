#include "fields.h"

const char *const astro__units_with_hours[] = {"deg", "rad", "hourangle", NULL};
const char *const astro__units[] = {"deg", "rad", NULL};
