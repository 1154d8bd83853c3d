/*
 * The names of units.
 *
 * Source     SI; IAU 2012 Resolution B2 (au), 2015 Resolutions B2 (pc) and B3 (nominal solar and
 *            planetary values; masses are GM over G of CODATA 2018); a year is 365.25 d; NIST SP 811
 *            for the others
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../registry/fields.h"
#include "../registry/text.h"
#include "unit.h"

/* Which SI prefixes a name takes. */
enum prefixes { NONE, ALL, LARGE, SMALL };

struct entry {
    const char *name;
    enum prefixes prefixes;
    struct astro__exact factor;
    int tens;
    signed char powers[ASTRO__BASES]; /* m kg s K rad */
};

#define LENGTH                                                                                     \
    {                                                                                              \
        1                                                                                          \
    }
#define MASS                                                                                       \
    {                                                                                              \
        0, 1                                                                                       \
    }
#define TIME                                                                                       \
    {                                                                                              \
        0, 0, 1                                                                                    \
    }
#define TEMPERATURE                                                                                \
    {                                                                                              \
        0, 0, 0, 1                                                                                 \
    }
#define ANGLE                                                                                      \
    {                                                                                              \
        0, 0, 0, 0, 1                                                                              \
    }
#define SOLID_ANGLE                                                                                \
    {                                                                                              \
        0, 0, 0, 0, 2                                                                              \
    }
#define FREQUENCY                                                                                  \
    {                                                                                              \
        0, 0, -1                                                                                   \
    }
#define FORCE                                                                                      \
    {                                                                                              \
        1, 1, -2                                                                                   \
    }
#define ENERGY                                                                                     \
    {                                                                                              \
        2, 1, -2                                                                                   \
    }
#define POWER                                                                                      \
    {                                                                                              \
        2, 1, -3                                                                                   \
    }
#define PRESSURE                                                                                   \
    {                                                                                              \
        -1, 1, -2                                                                                  \
    }
#define FLUX_DENSITY                                                                               \
    {                                                                                              \
        0, 1, -2                                                                                   \
    }

static const struct entry entries[] = {
    {"m", ALL, {1, 0}, 0, LENGTH},
    {"s", ALL, {1, 0}, 0, TIME},
    {"g", ALL, {1, 0}, -3, MASS},
    {"rad", ALL, {1, 0}, 0, ANGLE},
    {"sr", ALL, {1, 0}, 0, SOLID_ANGLE},
    {"Hz", ALL, {1, 0}, 0, FREQUENCY},
    {"N", ALL, {1, 0}, 0, FORCE},
    {"J", ALL, {1, 0}, 0, ENERGY},
    {"W", ALL, {1, 0}, 0, POWER},
    {"Pa", ALL, {1, 0}, 0, PRESSURE},
    {"K", ALL, {1, 0}, 0, TEMPERATURE},
    {"eV", ALL, {1602176634, 0}, -28, ENERGY},
    {"erg", ALL, {1, 0}, -7, ENERGY},
    {"Jy", ALL, {1, 0}, -26, FLUX_DENSITY},
    /* pi / 180 and its parts, in two doubles */
    {"deg", SMALL, {0.017453292519943295, 2.9486522708701687e-19}, 0, ANGLE},
    {"arcmin", SMALL, {0.0002908882086657216, 1.5756442176305324e-20}, 0, ANGLE},
    {"arcsec", SMALL, {4.84813681109536e-06, 9.320078015422868e-23}, 0, ANGLE},
    {"mas", NONE, {4.84813681109536e-06, 9.320078015422868e-23}, -3, ANGLE},
    {"uas", NONE, {4.84813681109536e-06, 9.320078015422868e-23}, -6, ANGLE},
    {"hourangle", NONE, {0.26179938779914946, -2.6802044161277275e-17}, 0, ANGLE},
    {"min", NONE, {60, 0}, 0, TIME},
    {"h", NONE, {3600, 0}, 0, TIME},
    {"d", NONE, {86400, 0}, 0, TIME},
    {"day", NONE, {86400, 0}, 0, TIME},
    {"yr", LARGE, {31557600, 0}, 0, TIME},
    {"a", LARGE, {31557600, 0}, 0, TIME},
    {"century", NONE, {3155760000, 0}, 0, TIME},
    {"au", NONE, {149597870700, 0}, 0, LENGTH},
    {"AU", NONE, {149597870700, 0}, 0, LENGTH},
    {"pc", ALL, {3.085677581491367e+16, 0.7891393795779648}, 0, LENGTH},
    {"lyr", ALL, {9460730472580800, 0}, 0, LENGTH},
    {"Angstrom", NONE, {1, 0}, -10, LENGTH},
    {"micron", NONE, {1, 0}, -6, LENGTH},
    {"bar", ALL, {1, 0}, 5, PRESSURE},
    {"atm", NONE, {101325, 0}, 0, PRESSURE},
    {"mmHg", NONE, {133322387415, 0}, -9, PRESSURE},
    {"ft", NONE, {3048, 0}, -4, LENGTH},
    {"nmi", NONE, {1852, 0}, 0, LENGTH},
    {"US_survey_foot", NONE, {0.3048006096012192, 1.6764734268215786e-17}, 0, LENGTH},
    {"solMass", NONE, {1.9884098706980506, 9.088728185206108e-17}, 30, MASS},
    {"solRad", NONE, {6957, 0}, 5, LENGTH},
    {"solLum", NONE, {3828, 0}, 23, POWER},
    {"earthMass", NONE, {5.972167867791379, -1.1003123092232167e-16}, 24, MASS},
    {"earthRad", NONE, {63781, 0}, 2, LENGTH},
    {"jupiterMass", NONE, {1.8981245973360503, -1.0069779223624108e-16}, 27, MASS},
    {"jupiterRad", NONE, {71492, 0}, 3, LENGTH},
};

/* Temperatures whose zero is elsewhere. */
static const struct {
    const char *name;
    struct astro__exact factor, offset;
} scales[] = {
    {"degC", {1, 0}, {273.15, 2.2737367544323207e-14}},
    {"degF",
     {0.5555555555555556, -2.4671622769447922e-17},
     {255.37222222222223, -1.200027731505947e-14}},
};

static const struct {
    const char *name;
    int tens;
} prefixes[] = {
    {"da", 1}, {"y", -24}, {"z", -21}, {"a", -18}, {"f", -15}, {"p", -12}, {"n", -9},
    {"u", -6}, {"m", -3},  {"c", -2},  {"d", -1},  {"h", 2},   {"k", 3},   {"M", 6},
    {"G", 9},  {"T", 12},  {"P", 15},  {"E", 18},  {"Z", 21},  {"Y", 24},
};

static bool takes(const struct entry *entry, int tens)
{
    switch (entry->prefixes) {
    case ALL:
        return true;
    case LARGE:
        return tens >= 3;
    case SMALL:
        return tens <= -3;
    case NONE:
        break;
    }
    return false;
}

static bool is_word(const char *name, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(name, word, length) == 0;
}

static const struct entry *find(const char *name, size_t length)
{
    for (size_t i = 0; i < ASTRO__COUNT(entries); i++) {
        if (is_word(name, length, entries[i].name))
            return &entries[i];
    }
    return NULL;
}

static struct astro__unit unit_of(const struct entry *entry, int tens)
{
    struct astro__unit unit = {.factor = entry->factor, .tens = entry->tens + tens};

    for (size_t k = 0; k < ASTRO__BASES; k++)
        unit.powers[k] = entry->powers[k];
    return unit;
}

bool astro__unit_named(const char *name, size_t length, struct astro__unit *ret)
{
    const struct entry *entry = find(name, length);

    if (entry) {
        *ret = unit_of(entry, 0);
        return true;
    }
    for (size_t i = 0; i < ASTRO__COUNT(scales); i++) {
        if (is_word(name, length, scales[i].name)) {
            *ret = (struct astro__unit){
                .factor = scales[i].factor, .affine = true, .offset = scales[i].offset};
            ret->powers[ASTRO__KELVIN] = 1;
            return true;
        }
    }
    /* A name as it stands comes first (Pa, min, cd), then the longer prefix (dam). */
    for (size_t i = 0; i < ASTRO__COUNT(prefixes); i++) {
        size_t used = strlen(prefixes[i].name);
        if (length <= used || memcmp(name, prefixes[i].name, used) != 0)
            continue;
        entry = find(name + used, length - used);
        if (entry && takes(entry, prefixes[i].tens)) {
            *ret = unit_of(entry, prefixes[i].tens);
            return true;
        }
    }
    return false;
}

/* --- suggestions --- */

/* Names of other conventions, which no edit distance finds. */
static const char *const foreign[][2] = {
    {"sec", "s"},
    {"second", "s"},
    {"seconds", "s"},
    {"hr", "h"},
    {"hour", "h"},
    {"hours", "h"},
    {"minute", "min"},
    {"minutes", "min"},
    {"days", "d"},
    {"year", "yr"},
    {"years", "yr"},
    {"cy", "century"},
    {"meter", "m"},
    {"metre", "m"},
    {"meters", "m"},
    {"metres", "m"},
    {"gram", "g"},
    {"kelvin", "K"},
    {"celsius", "degC"},
    {"C", "degC"},
    {"fahrenheit", "degF"},
    {"F", "degF"},
    {"degree", "deg"},
    {"degrees", "deg"},
    {"radian", "rad"},
    {"radians", "rad"},
    {"hourangles", "hourangle"},
    {"ly", "lyr"},
    {"parsec", "pc"},
    {"angstrom", "Angstrom"},
    {"AA", "Angstrom"},
    {"amin", "arcmin"},
    {"asec", "arcsec"},
    {"foot", "ft"},
    {"feet", "ft"},
    {"jansky", "Jy"},
    {"Msun", "solMass"},
    {"M_sun", "solMass"},
    {"Rsun", "solRad"},
    {"R_sun", "solRad"},
    {"Lsun", "solLum"},
    {"L_sun", "solLum"},
    {"Mearth", "earthMass"},
    {"Mjup", "jupiterMass"},
    {"torr", "mmHg"},
    {"deg_C", "degC"},
    {"deg_F", "degF"},
};

static void consider(const char *name, size_t length, const char *prefix, const char *known,
                     size_t *least, char room[ASTRO__UNIT_NAME])
{
    char whole[ASTRO__UNIT_NAME];

    snprintf(whole, sizeof whole, "%s%s", prefix, known);
    size_t distance = astro__edit_distance(name, length, whole, strlen(whole));
    if (distance < *least) {
        *least = distance;
        snprintf(room, ASTRO__UNIT_NAME, "%s", whole);
    }
}

const char *astro__unit_nearest(const char *name, size_t length, char room[ASTRO__UNIT_NAME])
{
    size_t least = length / 3 + 1; /* a third of the letters wrong is another word, not a slip */

    for (size_t i = 0; i < ASTRO__COUNT(foreign); i++) {
        if (astro__same_word(name, length, foreign[i][0])) {
            snprintf(room, ASTRO__UNIT_NAME, "%s", foreign[i][1]);
            return room;
        }
    }
    room[0] = '\0';
    for (size_t i = 0; i < ASTRO__COUNT(entries); i++)
        consider(name, length, "", entries[i].name, &least, room);
    for (size_t i = 0; i < ASTRO__COUNT(scales); i++)
        consider(name, length, "", scales[i].name, &least, room);
    for (size_t i = 0; i < ASTRO__COUNT(foreign); i++) {
        size_t distance = astro__edit_distance(name, length, foreign[i][0], strlen(foreign[i][0]));
        if (distance < least) {
            least = distance;
            snprintf(room, ASTRO__UNIT_NAME, "%s", foreign[i][1]);
        }
    }
    for (size_t i = 0; i < ASTRO__COUNT(entries); i++) {
        for (size_t p = 0; p < ASTRO__COUNT(prefixes); p++) {
            if (takes(&entries[i], prefixes[p].tens))
                consider(name, length, prefixes[p].name, entries[i].name, &least, room);
        }
    }
    return room[0] ? room : NULL;
}

/* --- dimensions --- */

static const struct {
    const char *name;
    int powers[ASTRO__BASES];
} dimensions[] = {
    {"a pure number", {0}},
    {"a length", LENGTH},
    {"a mass", MASS},
    {"a time", TIME},
    {"a temperature", TEMPERATURE},
    {"an angle", ANGLE},
    {"a solid angle", SOLID_ANGLE},
    {"a frequency", FREQUENCY},
    {"a force", FORCE},
    {"an energy", ENERGY},
    {"a power", POWER},
    {"a pressure", PRESSURE},
    {"a flux density", FLUX_DENSITY},
    {"a wavenumber", {-1}},
    {"a velocity", {1, 0, -1}},
    {"an acceleration", {1, 0, -2}},
    {"an area", {2}},
    {"a volume", {3}},
    {"an angular velocity", {0, 0, -1, 0, 1}},
};

const char *astro__unit_dimension(const struct astro__unit *unit, char room[ASTRO__UNIT_DIMENSION])
{
    static const char *const bases[] = {"m", "kg", "s", "K", "rad"};
    char product[ASTRO__UNIT_DIMENSION];
    const char *known = NULL;
    size_t used = 0;

    for (size_t i = 0; i < ASTRO__COUNT(dimensions) && !known; i++) {
        if (memcmp(unit->powers, dimensions[i].powers, sizeof unit->powers) == 0)
            known = dimensions[i].name;
    }
    product[0] = '\0';
    for (size_t k = 0; k < ASTRO__BASES; k++) {
        char power[24];
        if (unit->powers[k] == 0)
            continue;
        if (unit->powers[k] == 1)
            snprintf(power, sizeof power, "%s", bases[k]);
        else
            snprintf(power, sizeof power, "%s%d", bases[k], unit->powers[k]);
        used = astro__append(product, sizeof product, used, used ? " " : "", power);
    }
    if (known && product[0])
        snprintf(room, ASTRO__UNIT_DIMENSION, "%s (%.50s)", known, product);
    else
        snprintf(room, ASTRO__UNIT_DIMENSION, "%s", known ? known : product);
    return room;
}
