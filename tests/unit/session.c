/* Cookies, forms, the same-origin rule, the cache of grants, and tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "web/files.h"
#include "web/form.h"
#include "web/session.h"

/* base64url of the bytes 0 to 31, by python3's base64 module */
#define TOKEN "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static bool
cookie(const char *text)
{
	uint8_t token[SECRET_SIZE] = { 0 };
	bool found = session_cookie_get(text, "tbms", token);

	for (uint8_t i = 0; found && i < SECRET_SIZE; i++)
		assert_int_equal(token[i], i);
	return found;
}

static void
cookies(void **state)
{
	(void)state;
	assert_true(cookie("tbms=" TOKEN));
	assert_true(cookie("a=b; tbms=" TOKEN "; c=d"));
	assert_true(cookie("tbms-login=x;tbms=" TOKEN));
	assert_false(cookie(NULL));
	assert_false(cookie(""));
	assert_false(cookie("tbms"));
	assert_false(cookie("tbms="));
	assert_false(cookie("xtbms=" TOKEN));
	assert_false(cookie("TBMS=" TOKEN));
	assert_false(cookie("a=tbms=" TOKEN));
	assert_false(cookie("tbms=" TOKEN "A"));
	assert_false(cookie("tbms=" TOKEN "="));
	assert_false(cookie("tbms=\"" TOKEN "\""));
	assert_false(cookie("tbms=" TOKEN "; tbms=" TOKEN));
	/* other letters for the same bytes: only the canonical ones count */
	assert_false(cookie("tbms="
			    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9"));
	assert_false(cookie("tbms="
			    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+"));
}

static void
cookies_out(void **state)
{
	uint8_t token[SECRET_SIZE];
	char out[SESSION_COOKIE_MAX];

	(void)state;
	for (uint8_t i = 0; i < SECRET_SIZE; i++)
		token[i] = i;
	session_cookie_put(out, session_cookie_name(true), token, true);
	assert_string_equal(out,
	    "__Host-tbms=" TOKEN "; Path=/; Secure; HttpOnly; SameSite=Lax");
	session_cookie_put(out, session_cookie_name(false), NULL, false);
	assert_string_equal(
	    out, "tbms=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

static void
origins(void **state)
{
	(void)state;
	assert_true(session_same_origin("same-origin", NULL, true, "a"));
	assert_false(session_same_origin("same-site", "https://a", true, "a"));
	assert_false(session_same_origin("none", "https://a", true, "a"));
	assert_false(session_same_origin("", "https://a", true, "a"));
	assert_true(session_same_origin(NULL, "https://a:1", true, "a:1"));
	assert_true(session_same_origin(NULL, "http://a", false, "a"));
	assert_false(session_same_origin(NULL, "http://a", true, "a"));
	assert_false(session_same_origin(NULL, "https://a", false, "a"));
	assert_false(session_same_origin(NULL, "https://a.b", true, "a"));
	assert_false(session_same_origin(NULL, "https://a", true, "a.b"));
	assert_false(session_same_origin(NULL, "null", true, "a"));
	assert_false(session_same_origin(NULL, NULL, true, "a"));
}

static enum session_known
ask(const struct session_cache *cache, const uint8_t *hash, int64_t now,
    const char *target)
{
	struct path path;

	assert_int_equal((int)path_parse(target, strlen(target), &path), 0);
	return session_cache_ask(cache, hash, now, &path);
}

static void
cache_of_grants(void **state)
{
	struct session_cache *cache = session_cache_open();
	const char prefixes[2][WEB_PREFIX_MAX] = { "/eds/north/",
		"/eds/south/" };
	uint8_t hash[SECRET_SIZE] = { 1, 2, 3 }, other[SECRET_SIZE] = { 1, 2 };
	uint8_t zero[SECRET_SIZE] = { 0 };

	(void)state;
	assert_int_equal(ask(cache, zero, 0, "/eds/"), SESSION_UNKNOWN);
	session_cache_put(cache, hash, 1000, prefixes, 2);
	assert_int_equal(
	    ask(cache, hash, 1000, "/eds/south/a"), SESSION_GRANTED);
	assert_int_equal(
	    ask(cache, hash, 1000, "/eds/southern/"), SESSION_DENIED);
	assert_int_equal(ask(cache, hash, 1000, "/"), SESSION_DENIED);
	/* the same place in the table, another session */
	assert_int_equal(
	    ask(cache, other, 1000, "/eds/south/a"), SESSION_UNKNOWN);
	assert_null(session_cache_first(cache, other));
	assert_string_equal(session_cache_first(cache, hash), "/eds/north/");
	assert_int_equal(
	    ask(cache, hash, 1000 + SESSION_FRESH_MS - 1, "/eds/north/"),
	    SESSION_GRANTED);
	assert_int_equal(
	    ask(cache, hash, 1000 + SESSION_FRESH_MS, "/eds/north/"),
	    SESSION_UNKNOWN);
	session_cache_drop(cache, other);
	assert_int_equal(
	    ask(cache, hash, 1000, "/eds/north/"), SESSION_GRANTED);
	session_cache_drop(cache, hash);
	assert_int_equal(
	    ask(cache, hash, 1000, "/eds/north/"), SESSION_UNKNOWN);
	session_cache_put(cache, hash, 1000, NULL, 0);
	assert_int_equal(ask(cache, hash, 1000, "/eds/north/"), SESSION_DENIED);
	session_cache_put(cache, other, 1000, prefixes, 1);
	session_cache_empty(cache);
	assert_int_equal(
	    ask(cache, other, 1000, "/eds/north/"), SESSION_UNKNOWN);
	session_cache_close(cache);
}

static void
field_is(const char *form, int wanted, const char *value)
{
	char out[8];
	size_t size;

	assert_int_equal(
	    (int)form_get(form, strlen(form), "a", out, sizeof out, &size),
	    wanted);
	if (wanted != FORM_FOUND)
		return;
	assert_int_equal(size, strlen(value));
	assert_string_equal(out, value);
}

static void
forms(void **state)
{
	char out[8];
	size_t size;

	(void)state;
	field_is("a=1", FORM_FOUND, "1");
	field_is("b=2&a=1+2", FORM_FOUND, "1 2");
	field_is("%61=%C3%A9", FORM_FOUND, "é");
	field_is("a=", FORM_FOUND, "");
	field_is("a==", FORM_FOUND, "=");
	field_is("a", FORM_ABSENT, NULL);
	field_is("", FORM_ABSENT, NULL);
	field_is("aa=1&=2&A=3", FORM_ABSENT, NULL);
	field_is("a=1&a=1", FORM_BAD, NULL);
	field_is("a=1&%61=1", FORM_BAD, NULL);
	field_is("a=%", FORM_BAD, NULL);
	field_is("a=%4", FORM_BAD, NULL);
	field_is("a=%4&b", FORM_BAD, NULL);
	field_is("a=%zz", FORM_BAD, NULL);
	field_is("a=1234567", FORM_FOUND, "1234567");
	field_is("a=12345678", FORM_BAD, NULL);
	assert_int_equal(
	    (int)form_get("a=1%002", 7, "a", out, sizeof out, &size),
	    FORM_FOUND);
	assert_int_equal(size, 3);
	assert_memory_equal(out, "1\0002", 3);
}

static void
tags(void **state)
{
	static const char tag[] = "\"ab\"";

	(void)state;
	assert_false(files_tag_known(NULL, tag));
	assert_false(files_tag_known("", tag));
	assert_true(files_tag_known("\"ab\"", tag));
	assert_true(files_tag_known("W/\"ab\"", tag));
	assert_true(files_tag_known("\"x\", \"ab\" ,\"y\"", tag));
	assert_true(files_tag_known("*", tag));
	assert_false(files_tag_known("\"abc\"", tag));
	assert_false(files_tag_known("\"ab\"c", tag));
	assert_false(files_tag_known("ab", tag));
	assert_false(files_tag_known(",,, ,", tag));
}

static void
hex(const uint8_t *data, char out[65])
{
	for (size_t i = 0; i < SECRET_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", data[i]);
}

/* FIPS 180-2 "abc"; RFC 4231 test case 1 with its key padded by zeros,
 * which is what HMAC does to a short key. */
static void
digests(void **state)
{
	uint8_t key[SECRET_SIZE] = { 0 }, out[SECRET_SIZE];
	char text[65];

	(void)state;
	secret_digest("abc", 3, out);
	hex(out, text);
	assert_string_equal(text,
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	memset(key, 0x0b, 20);
	secret_mac(key, "Hi There", 8, out);
	hex(out, text);
	assert_string_equal(text,
	    "b0344c61d8db38535ca8afceaf0bf12b"
	    "881dc200c9833da726e9376c2e32cff7");
}

static void
passwords(void **state)
{
	char hash[SECRET_HASH_TEXT];

	(void)state;
	assert_true(secret_start());
	assert_true(secret_hash("pass word", 9, hash));
	assert_true(secret_verify(hash, "pass word", 9));
	assert_false(secret_verify(hash, "pass word ", 10));
	assert_false(secret_verify(hash, "Pass word", 9));
	assert_false(secret_hash_old(hash));
	assert_true(
	    secret_hash_old("$argon2id$v=19$m=8192,t=1,p=1$"
			    "AAAAAAAAAAAAAAAAAAAAAA$"
			    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
	assert_false(secret_verify("", "pass word", 9));
	assert_false(secret_verify("nonsense", "pass word", 9));
	assert_true(secret_password_ok("été été é", 14));
	assert_false(secret_password_ok("1234567", 7));
	assert_false(secret_password_ok("1234\0005678", 9));
	assert_false(secret_password_ok("\xff\xfe 12345678", 11));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords),
		cmocka_unit_test(cookies),
		cmocka_unit_test(cookies_out),
		cmocka_unit_test(origins),
		cmocka_unit_test(cache_of_grants),
		cmocka_unit_test(forms),
		cmocka_unit_test(tags),
		cmocka_unit_test(digests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
