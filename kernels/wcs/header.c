#include "header.h"

#include <math.h>
#include <string.h>

#include "../registry/decimal.h"
#include "axes.h"
#include "cards.h"

/* Beyond these a number has no meaning: it can only be a mistake or malice. */
#define LARGEST_LINEAR    1e12 /* pixels, degrees */
#define LARGEST_PARAMETER 1e30 /* coefficients of polynomials */

enum { LARGEST_INDEX = 99 };

struct reader {
    struct astro__wcs_header *header;
    struct astro__cards cards;
    struct astro__card card;
    struct astro_error *err;
};

/* --- one value --- */

static bool twice(struct reader *r)
{
    return astro_fail(r->err, ASTRO_BAD_HEADER, r->header->parameter,
                      "%s: card %zu: %.*s is given twice, with different values",
                      r->header->parameter, r->card.number, (int)r->card.keyword_length,
                      r->card.keyword);
}

static bool read_number(struct reader *r, struct astro__wcs_number *slot, double largest)
{
    double value;
    char limit[ASTRO__DECIMAL_ROOM];

    if (!astro__card_number(&r->cards, &r->card, &value, r->err))
        return false;
    if (fabs(value) > largest)
        return astro_fail(r->err, ASTRO_BAD_HEADER, r->header->parameter,
                          "%s: card %zu: %.*s is beyond anything sensible; at most %s is read",
                          r->header->parameter, r->card.number, (int)r->card.keyword_length,
                          r->card.keyword, astro__decimal_text(largest, limit));
    if (slot->given && !(slot->value == value))
        return twice(r);
    *slot = (struct astro__wcs_number){.given = true, .value = value};
    return true;
}

static bool read_text(struct reader *r, char *slot, size_t size)
{
    char text[ASTRO__CARD_COLUMNS];

    if (!astro__card_text(&r->cards, &r->card, text, size, r->err))
        return false;
    if (slot[0] && strcmp(slot, text) != 0)
        return twice(r);
    memcpy(slot, text, strlen(text) + 1);
    return true;
}

/* --- keywords --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/*
 * Reads a whole number at *at of the keyword; false when there is none or it has a leading zero
 * (which no indexed keyword has). Values beyond LARGEST_INDEX stay just beyond it.
 */
static bool take_index(const struct astro__card *card, size_t *at, int *ret_index)
{
    size_t start = *at;
    int value = 0;

    for (; *at < card->keyword_length && is_digit(card->keyword[*at]); ++*at) {
        value = value * 10 + (card->keyword[*at] - '0');
        if (value > LARGEST_INDEX)
            value = LARGEST_INDEX + 1;
    }
    if (*at == start || (card->keyword[start] == '0' && *at > start + 1))
        return false;
    *ret_index = value;
    return true;
}

/* Whether the keyword is `root`i, and nothing else: an alternate has a letter more. */
static bool is_indexed(const struct astro__card *card, const char *root, int *ret_i)
{
    size_t at = strlen(root);

    return card->keyword_length > at && memcmp(card->keyword, root, at) == 0 &&
           take_index(card, &at, ret_i) && at == card->keyword_length && *ret_i > 0;
}

/* Whether the keyword is `root`i_j. */
static bool is_doubly_indexed(const struct astro__card *card, const char *root, int *ret_i,
                              int *ret_j)
{
    size_t at = strlen(root);

    if (card->keyword_length <= at || memcmp(card->keyword, root, at) != 0 ||
        !take_index(card, &at, ret_i) || at == card->keyword_length || card->keyword[at] != '_')
        return false;
    at++;
    return take_index(card, &at, ret_j) && at == card->keyword_length;
}

/* PC001002, the form before 2002. */
static bool is_old_matrix(const struct astro__card *card, const char *root, int *ret_i, int *ret_j)
{
    const char *k = card->keyword;

    if (card->keyword_length != 8 || memcmp(k, root, 2) != 0)
        return false;
    for (size_t i = 2; i < 8; i++) {
        if (!is_digit(k[i]))
            return false;
    }
    *ret_i = (k[2] - '0') * 100 + (k[3] - '0') * 10 + (k[4] - '0');
    *ret_j = (k[5] - '0') * 100 + (k[6] - '0') * 10 + (k[7] - '0');
    return true;
}

static bool is_word(const struct astro__card *card, const char *word)
{
    return card->keyword_length == strlen(word) &&
           memcmp(card->keyword, word, card->keyword_length) == 0;
}

static bool check_axis(struct reader *r, int i)
{
    if (i >= 1 && i <= ASTRO__WCS_AXES)
        return true;
    return astro_fail(r->err, ASTRO_BAD_HEADER, r->header->parameter,
                      "%s: card %zu: %.*s: there are axes 1 to %d; a header has at most %d",
                      r->header->parameter, r->card.number, (int)r->card.keyword_length,
                      r->card.keyword, ASTRO__WCS_AXES, ASTRO__WCS_AXES);
}

static bool read_axis_count(struct reader *r, struct astro__wcs_number *slot)
{
    if (!read_number(r, slot, LARGEST_LINEAR))
        return false;
    if (slot->value >= 0 && slot->value <= ASTRO__WCS_AXES && slot->value == floor(slot->value))
        return true;
    return astro_fail(r->err, ASTRO_BAD_HEADER, r->header->parameter,
                      "%s: card %zu: %.*s must be a whole number of at most %d axes",
                      r->header->parameter, r->card.number, (int)r->card.keyword_length,
                      r->card.keyword, ASTRO__WCS_AXES);
}

/* What the header alone does not hold, or is not among the conventions that are known here. */
static bool refuse_distortion(struct reader *r)
{
    return astro_fail(r->err, ASTRO_BAD_HEADER, r->header->parameter,
                      "%s: card %zu: %.*s describes a distortion that is not known here; SIP and "
                      "TPV are. Leave its cards out to do without it",
                      r->header->parameter, r->card.number, (int)r->card.keyword_length,
                      r->card.keyword);
}

static bool is_foreign_distortion(const struct astro__card *card)
{
    static const char *const roots[] = {"CPDIS", "CQDIS", "DP", "DQ", "D2IMDIS"};
    int i;

    for (size_t k = 0; k < sizeof roots / sizeof roots[0]; k++) {
        if (is_indexed(card, roots[k], &i))
            return true;
    }
    return false;
}

/* --- groups of keywords; each sets *ret_known when the card was one of its own --- */

static bool read_of_header(struct reader *r, bool *ret_known)
{
    struct astro__wcs_header *h = r->header;
    const struct {
        const char *word;
        struct astro__wcs_number *slot;
    } numbers[] = {
        {"LONPOLE", &h->lonpole},
        {"LATPOLE", &h->latpole},
        {"EQUINOX", &h->equinox},
        {"EPOCH", &h->epoch},
    };

    *ret_known = true;
    for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
        if (is_word(&r->card, numbers[k].word))
            return read_number(r, numbers[k].slot, LARGEST_LINEAR);
    }
    if (is_word(&r->card, "NAXIS"))
        return read_axis_count(r, &h->naxis);
    if (is_word(&r->card, "WCSAXES"))
        return read_axis_count(r, &h->wcsaxes);
    if (is_word(&r->card, "RADESYS"))
        return read_text(r, h->radesys, sizeof h->radesys);
    if (is_word(&r->card, "RADECSYS"))
        return read_text(r, h->radecsys, sizeof h->radecsys);
    *ret_known = false;
    return true;
}

static bool read_of_axis(struct reader *r, bool *ret_known)
{
    static const struct {
        const char *root;
        size_t at;
    } numbers[] = {
        {"CRPIX", offsetof(struct astro__wcs_axis, crpix)},
        {"CRVAL", offsetof(struct astro__wcs_axis, crval)},
        {"CDELT", offsetof(struct astro__wcs_axis, cdelt)},
        {"CROTA", offsetof(struct astro__wcs_axis, crota)},
    };
    struct astro__wcs_axis *axes = r->header->axis;
    int i;

    *ret_known = true;
    for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
        if (is_indexed(&r->card, numbers[k].root, &i))
            return check_axis(r, i) &&
                   read_number(r, (void *)((char *)&axes[i - 1] + numbers[k].at), LARGEST_LINEAR);
    }
    if (is_indexed(&r->card, "CTYPE", &i))
        return check_axis(r, i) && read_text(r, axes[i - 1].ctype, sizeof axes->ctype);
    if (is_indexed(&r->card, "CUNIT", &i))
        return check_axis(r, i) && read_text(r, axes[i - 1].cunit, sizeof axes->cunit);
    *ret_known = false;
    return true;
}

static bool read_matrix(struct reader *r, bool *ret_known)
{
    struct astro__wcs_axis *axes = r->header->axis;
    int i, j;

    *ret_known = true;
    if (is_doubly_indexed(&r->card, "CD", &i, &j) || is_old_matrix(&r->card, "CD", &i, &j))
        return check_axis(r, i) && check_axis(r, j) &&
               read_number(r, &axes[i - 1].cd[j - 1], LARGEST_LINEAR);
    if (is_doubly_indexed(&r->card, "PC", &i, &j) || is_old_matrix(&r->card, "PC", &i, &j))
        return check_axis(r, i) && check_axis(r, j) &&
               read_number(r, &axes[i - 1].pc[j - 1], LARGEST_LINEAR);
    *ret_known = false;
    return true;
}

static bool read_coefficient(struct reader *r, bool *ret_known)
{
    struct astro__wcs_header *h = r->header;
    int i, j;

    *ret_known = true;
    if (is_doubly_indexed(&r->card, "PV", &i, &j)) {
        if (!check_axis(r, i))
            return false;
        if (j < ASTRO__WCS_PV)
            return read_number(r, &h->axis[i - 1].pv[j], LARGEST_PARAMETER);
        return astro_fail(r->err, ASTRO_BAD_HEADER, h->parameter,
                          "%s: card %zu: %.*s: parameters are numbered 0 to %d", h->parameter,
                          r->card.number, (int)r->card.keyword_length, r->card.keyword,
                          ASTRO__WCS_PV - 1);
    }
    for (int k = 0; k < 2; k++) {
        if (is_word(&r->card, k ? "B_ORDER" : "A_ORDER"))
            return read_number(r, &h->sip[k].order, LARGEST_PARAMETER);
        if (!is_doubly_indexed(&r->card, k ? "B_" : "A_", &i, &j))
            continue;
        if (i + j <= ASTRO__SIP_MOST_ORDER)
            return read_number(r, &h->sip[k].term[i][j], LARGEST_PARAMETER);
        return astro_fail(r->err, ASTRO_BAD_HEADER, h->parameter,
                          "%s: card %zu: %.*s: the order of SIP goes to %d", h->parameter,
                          r->card.number, (int)r->card.keyword_length, r->card.keyword,
                          ASTRO__SIP_MOST_ORDER);
    }
    *ret_known = false;
    return true;
}

static bool read_card(struct reader *r)
{
    static bool (*const groups[])(struct reader *, bool *) = {read_of_header, read_of_axis,
                                                              read_matrix, read_coefficient};
    bool known = false;

    for (size_t k = 0; k < sizeof groups / sizeof groups[0] && !known; k++) {
        if (!groups[k](r, &known))
            return false;
    }
    return known || !is_foreign_distortion(&r->card) || refuse_distortion(r);
}

bool astro__wcs_header_read(struct astro__wcs_header *header, const char *parameter,
                            const struct astro_text *text, struct astro_error *err)
{
    struct reader r = {.header = header, .err = err};

    memset(header, 0, sizeof *header);
    header->parameter = parameter;
    if (!astro__cards_open(&r.cards, parameter, text, err))
        return false;
    while (astro__cards_next(&r.cards, &r.card)) {
        if (!read_card(&r))
            return false;
    }
    return astro__wcs_axes_find(header, err) && astro__wcs_sip_check(header, err);
}
