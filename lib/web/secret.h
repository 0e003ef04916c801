/* Passwords, tokens and their hashes; of the rooms, only vault includes
 * sodium.h besides this one.
 * Tokens come from the system's random source only (rule A15). */
#ifndef WEB_SECRET_H
#define WEB_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECRET_SIZE 32 /* tokens, keys and digests */
#define SECRET_TEXT 44 /* base64url of one, and its NUL */
#define SECRET_HASH_TEXT 128 /* a password hash and its NUL */
#define SECRET_PASSWORD_BYTES 512 /* longest password, rule A1 */
#define SECRET_PASSWORD_MADE 21 /* a generated one and its NUL */

/* Once, before any other; false when there is no random source. */
bool secret_start(void);

void secret_random(uint8_t out[SECRET_SIZE]);
/* SHA-256. */
void secret_digest(const void *data, size_t size, uint8_t out[SECRET_SIZE]);
/* HMAC-SHA-256 under the key. */
void secret_mac(const uint8_t key[SECRET_SIZE], const void *data, size_t size,
    uint8_t out[SECRET_SIZE]);
/* In constant time. */
bool secret_same(const uint8_t a[SECRET_SIZE], const uint8_t b[SECRET_SIZE]);
void secret_wipe(void *data, size_t size);

/* base64url without padding, 43 letters; reading is strict. */
void secret_text(const uint8_t token[SECRET_SIZE], char out[SECRET_TEXT]);
bool secret_parse(const char *text, size_t size, uint8_t out[SECRET_SIZE]);

/* Is this a password that may be verified at all: UTF-8 without NUL, 8 to
 * 128 characters, at most 512 bytes? */
bool secret_password_ok(const char *password, size_t size);
size_t secret_characters(const char *text, size_t size);
/* 20 letters that are hard to mix up; 116 bits. */
void secret_password_make(char out[SECRET_PASSWORD_MADE]);
/* Argon2id, 3 passes over 64 MiB (rule A1). False without that memory. */
bool secret_hash(const char *password, size_t size, char out[SECRET_HASH_TEXT]);
bool secret_verify(const char *hash, const char *password, size_t size);
/* Made with other settings than ours? */
bool secret_hash_old(const char *hash);

#endif
