#include "auth/tokens.h"

#include <sha256.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "memory/alloc.h"
#include "observe/log.h"
#include "settings/read_file.h"
#include "settings/table.h"

enum { TOKENS_MAX = 1 << 20, DIGEST = SHA256_DIGEST_LENGTH };

struct token {
    unsigned char digest[DIGEST];
    unsigned scopes;
};

struct token_table {
    atomic_uint references;
    size_t n;
    struct token tokens[];
};

/* A piece of one line; nothing in it is copied. */
struct word {
    const char *text;
    size_t length;
};

/* The next word of *rest, which moves on; empty at the end. */
static struct word next_word(struct word *rest, const char *separators)
{
    while (rest->length > 0 && strchr(separators, *rest->text)) {
        rest->text++;
        rest->length--;
    }
    struct word word = {rest->text, 0};
    while (word.length < rest->length && !strchr(separators, word.text[word.length]))
        word.length++;
    rest->text += word.length;
    rest->length -= word.length;
    return word;
}

static int hex_value(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
    return at ? (int)(at - digits) : -1;
}

static bool read_digest(struct word word, unsigned char ret[DIGEST])
{
    if (word.length != (size_t)DIGEST * 2)
        return false;
    for (size_t i = 0; i < DIGEST; i++) {
        int high = hex_value(word.text[2 * i]), low = hex_value(word.text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

/* 0 when a scope is unknown or there is none. */
static unsigned read_scopes(struct word word)
{
    unsigned scopes = 0;
    do {
        struct word scope = next_word(&word, ",");
        if (scope.length == 7 && memcmp(scope.text, "convert", 7) == 0)
            scopes |= TOKEN_CONVERT;
        else if (scope.length == 5 && memcmp(scope.text, "admin", 5) == 0)
            scopes |= TOKEN_ADMIN;
        else
            return 0;
    } while (word.length > 0);
    return scopes;
}

/* Neither digest nor text of a bad line is repeated: somebody may have put the token itself there.
 */
static const char *read_line(struct word line, struct token_table *table)
{
    static const char blanks[] = " \t\r";
    const char *comment = memchr(line.text, '#', line.length);
    if (comment)
        line.length = (size_t)(comment - line.text);
    struct word digest = next_word(&line, blanks), scopes = next_word(&line, blanks);
    if (digest.length == 0)
        return NULL;
    struct token *token = &table->tokens[table->n];
    if (!read_digest(digest, token->digest))
        return "does not begin with a SHA-256 digest; give 64 hex digits, as from sha256sum";
    token->scopes = read_scopes(scopes);
    if (token->scopes == 0)
        return "has no known scopes after the digest; give convert, admin or convert,admin";
    for (size_t i = 0; i < table->n; i++) {
        if (memcmp(table->tokens[i].digest, token->digest, DIGEST) == 0)
            return "has the digest of an earlier line; give each token once";
    }
    table->n++;
    return NULL;
}

static bool read_lines(const char *path, const struct file_text *file, struct token_table *table,
                       char **ret_error)
{
    const char *at = file->bytes, *end = file->bytes + file->length;
    for (size_t number = 1; at < end; number++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((newline ? newline : end) - at);
        const char *mistake = memchr(at, '\0', length)
                                  ? "has a NUL byte; give a text file"
                                  : read_line((struct word){at, length}, table);
        if (mistake)
            return settings_fail(ret_error, "%s: line %zu %s", path, number, mistake);
        at += length + 1;
    }
    return true;
}

/* No token in less than a digest, a blank and a scope: bounds the table before it is read. */
static struct token_table *new_table(size_t file_length)
{
    size_t most = file_length / (2 * DIGEST + 6) + 1;
    struct token_table *table = mem_alloc(sizeof *table + most * sizeof table->tokens[0]);
    if (table) {
        atomic_init(&table->references, 1);
        table->n = 0;
    }
    return table;
}

/*
 * An empty table is no error: nobody gets in, which is what emptying the file asks for. Refusing it
 * would keep the old tokens valid over a reload.
 */
static void warn(const char *path, mode_t mode, size_t n)
{
    if (mode & (S_IWGRP | S_IWOTH))
        LOG_EVENT(LEVEL_WARN, "tokens_writable_by_others", LOG_S("path", path));
    else if (mode & S_IROTH)
        LOG_EVENT(LEVEL_WARN, "tokens_readable_by_others", LOG_S("path", path));
    if (n == 0)
        LOG_EVENT(LEVEL_WARN, "tokens_empty", LOG_S("path", path));
}

struct token_table *token_table_read(const char *path, char **ret_error)
{
    struct file_text file;
    if (!file_read(path, TOKENS_MAX, &file, ret_error))
        return NULL;
    struct token_table *table = new_table(file.length);
    if (table && !read_lines(path, &file, table, ret_error)) {
        token_table_release(table);
        table = NULL;
    }
    mem_free(file.bytes);
    if (table)
        warn(path, file.mode, table->n);
    return table;
}

struct token_table *token_table_hold(struct token_table *table)
{
    atomic_fetch_add_explicit(&table->references, 1, memory_order_relaxed);
    return table;
}

void token_table_release(struct token_table *table)
{
    if (table && atomic_fetch_sub_explicit(&table->references, 1, memory_order_acq_rel) == 1)
        mem_free(table);
}

size_t token_table_count(const struct token_table *table)
{
    return table->n;
}

/* All bits set when the digests are equal, none otherwise; the same steps for either. */
static unsigned equal_mask(const unsigned char *a, const unsigned char *b)
{
    unsigned different = 0;
    for (size_t i = 0; i < DIGEST; i++)
        different |= (unsigned)(a[i] ^ b[i]);
    /* The compiler must not turn what follows into a branch. */
    __asm__ volatile("" : "+r"(different));
    return 0U - ((different - 1) >> 31);
}

unsigned token_table_scopes(const struct token_table *table, const char *token, size_t length)
{
    SHA256_CTX context;
    unsigned char digest[DIGEST];
    unsigned scopes = 0;
    if (length == 0)
        return 0;
    SHA256_Init(&context);
    SHA256_Update(&context, (const uint8_t *)token, length);
    SHA256_Final(digest, &context);
    for (size_t i = 0; i < table->n; i++)
        scopes |= table->tokens[i].scopes & equal_mask(digest, table->tokens[i].digest);
    explicit_bzero(&context, sizeof context);
    return scopes;
}
