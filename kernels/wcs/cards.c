#include "cards.h"

#include <string.h>

#include "../registry/decimal.h"
#include "../registry/text.h"

enum { QUOTE_ROOM = 48 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* `line` is without its end. */
static bool check_line(const char *parameter, const char *line, size_t length, size_t number,
                       struct astro_error *err)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)line[i];
        if (c < 0x20 || c > 0x7E)
            return astro_fail(err, ASTRO_BAD_HEADER, parameter,
                              "%s: card %zu, column %zu: the byte 0x%02x is not printable ASCII; "
                              "give FITS cards as text, one per line or 80 columns each",
                              parameter, number, i + 1, c);
    }
    return true;
}

/* The card that begins at `at`, without line end and trailing blanks; *ret_next is behind it. */
static const char *card_at(const struct astro__cards *cards, size_t *ret_length, size_t *ret_next)
{
    const char *start = cards->text + cards->at;
    size_t rest = cards->length - cards->at;
    size_t length = least(rest, ASTRO__CARD_COLUMNS), next = length;

    if (cards->lines) {
        const char *end = memchr(start, '\n', rest);
        length = end ? (size_t)(end - start) : rest;
        next = end ? length + 1 : length;
        if (length > 0 && start[length - 1] == '\r')
            length--;
    }
    while (length > 0 && start[length - 1] == ' ')
        length--;
    *ret_length = length;
    *ret_next = cards->at + next;
    return start;
}

bool astro__cards_open(struct astro__cards *cards, const char *parameter,
                       const struct astro_text *text, struct astro_error *err)
{
    *cards = (struct astro__cards){
        .parameter = parameter,
        .text = text->data,
        .length = text->length,
        .lines = text->length > 0 && memchr(text->data, '\n', text->length) != NULL,
    };
    if (text->length > ASTRO__HEADER_MOST_BYTES)
        return astro_fail(err, ASTRO_BAD_HEADER, parameter, "%s has %zu bytes; at most %d are read",
                          parameter, text->length, ASTRO__HEADER_MOST_BYTES);
    while (cards->at < cards->length) {
        size_t length, next;
        const char *line = card_at(cards, &length, &next);
        cards->number++;
        if (!check_line(parameter, line, length, cards->number, err))
            return false;
        if (length > ASTRO__CARD_COLUMNS)
            return astro_fail(err, ASTRO_BAD_HEADER, parameter,
                              "%s: line %zu has %zu characters; a card has 80", parameter,
                              cards->number, length);
        cards->at = next;
    }
    cards->at = 0;
    cards->number = 0;
    return true;
}

static bool is_keyword_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* Whether the line is KEYWORD = value. Blanks before the `=` do not matter. */
static bool split(const char *line, size_t length, struct astro__card *card)
{
    size_t word = 0;

    while (word < length && is_keyword_letter(line[word]))
        word++;
    size_t at = word;
    while (at < length && line[at] == ' ')
        at++;
    if (word == 0 || word > ASTRO__KEYWORD_LENGTH || at == length || line[at] != '=')
        return false;
    at++;
    while (at < length && line[at] == ' ')
        at++;
    card->keyword = line;
    card->keyword_length = word;
    card->value = line + at;
    card->value_length = length - at;
    return true;
}

bool astro__cards_next(struct astro__cards *cards, struct astro__card *ret_card)
{
    while (cards->at < cards->length) {
        size_t length, next;
        const char *line = card_at(cards, &length, &next);
        cards->at = next;
        cards->number++;
        if (length == 3 && memcmp(line, "END", 3) == 0) {
            cards->at = cards->length;
            return false;
        }
        if (split(line, length, ret_card)) {
            ret_card->number = cards->number;
            return true;
        }
    }
    return false;
}

/* --- values --- */

static bool bad_value(const struct astro__cards *cards, const struct astro__card *card,
                      const char *wanted, struct astro_error *err)
{
    char quoted[QUOTE_ROOM];

    return astro_fail(err, ASTRO_BAD_HEADER, cards->parameter, "%s: card %zu: %.*s = %s is not %s",
                      cards->parameter, card->number, (int)card->keyword_length, card->keyword,
                      astro__quote(card->value, card->value_length, quoted, sizeof quoted), wanted);
}

/* Whether nothing but blanks and a comment is left. */
static bool ends_here(const struct astro__card *card, size_t at)
{
    while (at < card->value_length && card->value[at] == ' ')
        at++;
    return at == card->value_length || card->value[at] == '/';
}

bool astro__card_number(const struct astro__cards *cards, const struct astro__card *card,
                        double *ret_number, struct astro_error *err)
{
    char copy[ASTRO__CARD_COLUMNS];
    size_t length = 0;

    while (length < card->value_length && card->value[length] != ' ' && card->value[length] != '/')
        length++;
    if (length > sizeof copy || !ends_here(card, length))
        return bad_value(cards, card, "a number", err);
    memcpy(copy, card->value, length);
    for (size_t i = 0; i < length; i++) {
        if (copy[i] == 'D' || copy[i] == 'd')
            copy[i] = 'E';
    }
    return astro__decimal_parse(copy, length, true, ret_number) ||
           bad_value(cards, card, "a finite number", err);
}

bool astro__card_text(const struct astro__cards *cards, const struct astro__card *card, char *room,
                      size_t size, struct astro_error *err)
{
    size_t used = 0, kept = 0, at = 1;

    if (card->value_length == 0 || card->value[0] != '\'')
        return bad_value(cards, card, "a text in single quotes", err);
    for (; at < card->value_length; at++) {
        bool quote = card->value[at] == '\'';
        if (quote && !(at + 1 < card->value_length && card->value[at + 1] == '\''))
            break;
        at += quote;
        if (used < size)
            room[used] = card->value[at];
        used++;
        if (card->value[at] != ' ')
            kept = used;
    }
    if (at >= card->value_length || !ends_here(card, at + 1))
        return bad_value(cards, card, "a text in single quotes", err);
    if (kept >= size)
        return bad_value(cards, card, "a text that is known here: it is too long", err);
    room[kept] = '\0';
    return true;
}
