/*
 * Values: made-up arguments that a conversion's description allows.
 *
 * Columns are random and never the same twice; parameters take a few values each, every choice in
 * turn. Longitudes, latitudes, distances are within what astrolabed lets through.
 */
#ifndef ASTRO_PLUGIN_HOST_CHECK_VALUES_H
#define ASTRO_PLUGIN_HOST_CHECK_VALUES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugins/protocol.h"

enum { VALUES_TEXT = 64 }; /* bytes of a made-up text, terminated */

/* Uniform in [0, 1). */
double values_random(void);

/* The unit that angles are in, by the choice of a parameter `unit`: factor from degrees. */
double values_scale(const json_t *description, const struct frame_value *given, size_t n_given,
                    const char *role);

double values_number(const json_t *column, double scale);
int64_t values_integer(void);
void values_text(char ret[VALUES_TEXT]);

/* Parameter `index` in call `turn`. False: not given this time. `text` is for strings. */
bool values_parameter(const json_t *parameter, uint32_t index, uint64_t turn,
                      struct frame_value *ret, char text[VALUES_TEXT]);

#endif
