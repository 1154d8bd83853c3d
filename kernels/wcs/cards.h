/*
 * FITS header cards, one after the other, from text.
 *
 * Purpose    Splits text into cards (one per line, or 80 columns each), and a card into keyword
 *            and value. Keywords that the reader does not know cost nothing more.
 * Ownership  Everything points into the caller's text; nothing is allocated.
 * Threads    Any.
 * Source     FITS Standard 4.0, section 4
 */
#ifndef ASTRO_KERNELS_WCS_CARDS_H
#define ASTRO_KERNELS_WCS_CARDS_H

#include "astrolabe/conversion.h"

enum { ASTRO__CARD_COLUMNS = 80, ASTRO__KEYWORD_LENGTH = 8, ASTRO__HEADER_MOST_BYTES = 65536 };

struct astro__cards {
    const char *parameter; /* for errors: header, header_in, header_out */
    const char *text;
    size_t length, at;
    bool lines;    /* one card per line; otherwise every 80 bytes */
    size_t number; /* of the card that was read last, from 1 */
};

struct astro__card {
    const char *keyword; /* points into the text, not terminated */
    size_t keyword_length;
    const char *value; /* what stands behind the `=`, comment included, no leading blanks */
    size_t value_length;
    size_t number;
};

/* Text that is not FITS (bytes beyond printable ASCII, cards that are too long) is bad_header. */
bool astro__cards_open(struct astro__cards *cards, const char *parameter,
                       const struct astro_text *text, struct astro_error *err);

/*
 * The next card with a keyword and a value; comments, blank cards and what follows END are passed
 * over. False at the end.
 */
bool astro__cards_next(struct astro__cards *cards, struct astro__card *ret_card);

/* The value of a card as a finite number; Fortran's D is an exponent too. */
bool astro__card_number(const struct astro__cards *cards, const struct astro__card *card,
                        double *ret_number, struct astro_error *err);

/* The value as a text without trailing blanks; `size` counts the terminator. */
bool astro__card_text(const struct astro__cards *cards, const struct astro__card *card, char *room,
                      size_t size, struct astro_error *err);

#endif
