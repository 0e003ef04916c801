/* Passwords, tokens and their hashes, all by libsodium. */
#include "web/secret.h"

#include <sodium.h>
#include <string.h>

#include "base/num.h"

#define PASSES 3
#define MEMORY ((size_t)64 << 20)

static const char letters[] =
    "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

bool
secret_start(void)
{
	return sodium_init() >= 0;
}

void
secret_random(uint8_t out[SECRET_SIZE])
{
	randombytes_buf(out, SECRET_SIZE);
}

void
secret_digest(const void *data, size_t size, uint8_t out[SECRET_SIZE])
{
	crypto_hash_sha256(out, data, size);
}

void
secret_mac(const uint8_t key[SECRET_SIZE], const void *data, size_t size,
    uint8_t out[SECRET_SIZE])
{
	crypto_auth_hmacsha256(out, data, size, key);
}

bool
secret_same(const uint8_t a[SECRET_SIZE], const uint8_t b[SECRET_SIZE])
{
	return sodium_memcmp(a, b, SECRET_SIZE) == 0;
}

void
secret_wipe(void *data, size_t size)
{
	sodium_memzero(data, size);
}

void
secret_text(const uint8_t token[SECRET_SIZE], char out[SECRET_TEXT])
{
	sodium_bin2base64(out, SECRET_TEXT, token, SECRET_SIZE,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool
secret_parse(const char *text, size_t size, uint8_t out[SECRET_SIZE])
{
	size_t got;

	return size == SECRET_TEXT - 1 &&
	    sodium_base642bin(out, SECRET_SIZE, text, size, NULL, &got, NULL,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
	    got == SECRET_SIZE;
}

size_t
secret_characters(const char *text, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

bool
secret_password_ok(const char *password, size_t size)
{
	size_t characters = secret_characters(password, size);

	return size <= SECRET_PASSWORD_BYTES && characters >= 8 &&
	    characters <= 128 && memchr(password, 0, size) == NULL &&
	    num_utf8(password, size);
}

void
secret_password_make(char out[SECRET_PASSWORD_MADE])
{
	for (size_t i = 0; i < SECRET_PASSWORD_MADE - 1; i++)
		out[i] = letters[randombytes_uniform(sizeof letters - 1)];
	out[SECRET_PASSWORD_MADE - 1] = '\0';
}

bool
secret_hash(const char *password, size_t size, char out[SECRET_HASH_TEXT])
{
	_Static_assert(SECRET_HASH_TEXT == crypto_pwhash_STRBYTES, "size");
	return crypto_pwhash_str(out, password, size, PASSES, MEMORY) == 0;
}

bool
secret_verify(const char *hash, const char *password, size_t size)
{
	return crypto_pwhash_str_verify(hash, password, size) == 0;
}

bool
secret_hash_old(const char *hash)
{
	return crypto_pwhash_str_needs_rehash(hash, PASSES, MEMORY) != 0;
}
