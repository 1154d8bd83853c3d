/*
 * The frame that a header names, with the defaults of FITS where it is silent.
 */
#include <stdio.h>
#include <string.h>

#include "../registry/decimal.h"
#include "header.h"

static bool begins(const char *ctype, const char *with)
{
    return strncmp(ctype, with, strlen(with)) == 0;
}

/* The type without its hyphens: RA--- is RA. */
static size_t word_length(const char *ctype)
{
    size_t length = 4;

    while (length > 0 && ctype[length - 1] == '-')
        length--;
    return length;
}

static bool is_one_of(const char *word, const char *const *list)
{
    for (; *list; list++) {
        if (strcmp(word, *list) == 0)
            return true;
    }
    return false;
}

struct astro__wcs_frame astro__wcs_frame(const struct astro__wcs_header *header)
{
    static const char *const with_equinox[] = {"FK4", "FK4-NO-E", "FK5", NULL};
    static const char *const besselian[] = {"FK4", "FK4-NO-E", NULL};
    const char *lon = header->axis[header->lon].ctype, *lat = header->axis[header->lat].ctype;
    const char *radesys = header->radesys[0] ? header->radesys : header->radecsys;
    const struct astro__wcs_number *equinox =
        header->equinox.given ? &header->equinox : &header->epoch;
    struct astro__wcs_frame frame = {.equinox = 0.0};

    snprintf(frame.system, sizeof frame.system, "%.*s/%.*s", (int)word_length(lon), lon,
             (int)word_length(lat), lat);
    if (!begins(lon, "RA--") && !begins(lon, "ELON"))
        return frame;
    if (!radesys[0])
        radesys = !equinox->given ? "ICRS" : equinox->value < 1984.0 ? "FK4" : "FK5";
    snprintf(frame.radesys, sizeof frame.radesys, "%s", radesys);
    if (is_one_of(radesys, with_equinox))
        frame.equinox = equinox->given                  ? equinox->value
                        : is_one_of(radesys, besselian) ? 1950.0
                                                        : 2000.0;
    return frame;
}

bool astro__wcs_same_frame(const struct astro__wcs_frame *a, const struct astro__wcs_frame *b)
{
    return strcmp(a->system, b->system) == 0 && strcmp(a->radesys, b->radesys) == 0 &&
           a->equinox == b->equinox;
}

const char *astro__wcs_frame_text(const struct astro__wcs_frame *frame,
                                  char room[ASTRO__WCS_FRAME_ROOM])
{
    char year[ASTRO__DECIMAL_ROOM];
    bool has_year = frame->equinox != 0.0;
    const char *letter = strncmp(frame->radesys, "FK4", 3) == 0 ? " B" : " J";

    snprintf(room, ASTRO__WCS_FRAME_ROOM, "%s%s%s%s%s", frame->system, frame->radesys[0] ? " " : "",
             frame->radesys, has_year ? letter : "",
             has_year ? astro__decimal_text(frame->equinox, year) : "");
    return room;
}
