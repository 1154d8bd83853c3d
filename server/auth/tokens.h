/*
 * Tokens: bearer tokens checked against a file of SHA-256 digests with scopes.
 *
 * File       One token a line: 64 hex digits of the digest, blanks, scopes separated by commas
 *            (`convert`, `admin`), blanks, an optional name. `#` begins a comment. 1 MiB at most.
 * Ownership  A table is immutable once read; a reload makes a new one and swaps it. Counted references,
 *            because loops look at the old one while the new one arrives.
 * Timing     Every digest of the table is compared, in constant time.
 */
#ifndef ASTRO_AUTH_TOKENS_H
#define ASTRO_AUTH_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

enum token_scope { TOKEN_CONVERT = 1, TOKEN_ADMIN = 2 };

struct token_table;

/*
 * New reference; NULL with *ret_error (free with mem_free(); NULL when memory ran out) naming line and
 * mistake. An empty file is a table that lets nobody in. Warns in the log when others may read the file.
 */
struct token_table *token_table_read(const char *path, char **ret_error);
struct token_table *token_table_hold(struct token_table *table); /* new reference */
void token_table_release(struct token_table *table);
size_t token_table_count(const struct token_table *table);
/* Scopes of a token as presented, 0 when unknown. */
unsigned token_table_scopes(const struct token_table *table, const char *token, size_t length);

#endif
