/* The gate of rule H1, on requests as the HTTP library hands them out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "web/gate.h"

static const char *names[] = { "bms.example.com", "localhost", "[::1]" };
static const struct gate_hosts hosts = { names, 3 };

struct made {
	struct gate_field fields[GATE_FIELDS_MAX + 2];
	struct gate_request request;
	struct gate_found found;
};

static void
add_sized(struct made *made, const char *name, size_t name_size,
    const char *value, size_t value_size)
{
	made->fields[made->request.count++] =
	    (struct gate_field){ name, value, name_size, value_size };
	made->request.fields = made->fields;
}

static void
add(struct made *made, const char *name, const char *value)
{
	add_sized(made, name, strlen(name), value, strlen(value));
}

static struct made
make(const char *method, const char *target)
{
	struct made made;

	memset(&made, 0, sizeof made);
	made.request.method = method;
	made.request.target = target;
	made.request.version = "HTTP/1.1";
	add(&made, "Host", "bms.example.com");
	return made;
}

static unsigned
check(struct made *made)
{
	made->request.fields = made->fields;
	return gate_check(&made->request, &hosts, &made->found);
}

/* A request of this method with one more field. */
static unsigned
with(const char *method, const char *name, const char *value)
{
	struct made made = make(method, "/");

	add(&made, name, value);
	return check(&made);
}

static void
plain(void **state)
{
	struct made made = make("GET", "/a?b");

	(void)state;
	assert_int_equal(check(&made), 0);
	assert_int_equal(made.found.method, GATE_GET);
	assert_string_equal(made.found.target, "/a?b");
	assert_int_equal(made.found.length, -1);
	assert_false(made.found.chunked);
	made.request.version = "HTTP/1.0";
	assert_int_equal(check(&made), 0);
	made.request.version = "HTTP/1.2";
	assert_int_equal(check(&made), 505);
	made.request.version = "";
	assert_int_equal(check(&made), 505);
}

static void
methods(void **state)
{
	static const char *const refused[] = { "OPTIONS", "PUT", "PATCH",
		"DELETE", "TRACE", "CONNECT" };
	static const char *const unknown[] = { "", "get", "GETT", "PROPFIND" };
	struct made made;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		made = make(refused[i], "/");
		assert_int_equal(check(&made), 405);
	}
	for (size_t i = 0; i < 4; i++) {
		made = make(unknown[i], "/");
		assert_int_equal(check(&made), 501);
	}
	made = make("HEAD", "/");
	assert_int_equal(check(&made), 0);
	assert_int_equal(made.found.method, GATE_HEAD);
}

/* Each byte in a name (RFC 9110: a token) and in a value. */
static void
every_byte(void **state)
{
	static const char token[] = "!#$%&'*+-.^_`|~";
	char text[] = "XxX";

	(void)state;
	for (int c = 0; c < 256; c++) {
		struct made made = make("GET", "/");
		bool letter = (c >= '0' && c <= '9') ||
		    (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		    (c != 0 && strchr(token, c) != NULL);

		text[1] = (char)c;
		add_sized(&made, text, 3, "", 0);
		assert_int_equal(check(&made), letter ? 0 : 400);
		made = make("GET", "/");
		add_sized(&made, "X", 1, text, 3);
		assert_int_equal(check(&made),
		    c == '\t' || (c >= 0x20 && c != 0x7f) ? 0 : 400);
	}
}

static void
repeated(void **state)
{
	static const char *const once[] = { "Content-Length",
		"Transfer-Encoding", "Authorization", "Cookie", "Content-Type",
		"Range", "Origin", "cOOkie" };

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		const char *value = i == 1 ? "chunked" : "1";
		struct made made = make("POST", "/");

		add(&made, once[i], value);
		assert_int_equal(check(&made), 0);
		add(&made, once[i], value);
		assert_int_equal(check(&made), 400);
	}
	assert_int_equal(with("GET", "Host", "bms.example.com"), 400);
	assert_int_equal(with("GET", "hOsT", "bms.example.com"), 400);
}

static void
framing(void **state)
{
	struct made made = make("POST", "/");

	(void)state;
	add(&made, "Content-Length", "0000000012");
	assert_int_equal(check(&made), 0);
	assert_int_equal(made.found.length, 12);
	assert_int_equal(with("POST", "Content-Length", "9999999999"), 0);
	assert_int_equal(with("POST", "Content-Length", "10000000000"), 400);
	assert_int_equal(with("POST", "Content-Length", ""), 400);
	assert_int_equal(with("POST", "Content-Length", "1,1"), 400);
	assert_int_equal(with("POST", "Content-Length", " 1"), 400);
	assert_int_equal(with("POST", "Content-Length", "0x1"), 400);
	assert_int_equal(with("GET", "Content-Length", "0"), 0);
	assert_int_equal(with("GET", "Content-Length", "1"), 400);
	assert_int_equal(with("HEAD", "Transfer-Encoding", "chunked"), 400);
	assert_int_equal(with("POST", "Transfer-Encoding", "Chunked"), 0);
	assert_int_equal(with("POST", "Transfer-Encoding", "gzip"), 400);
	assert_int_equal(with("POST", "Transfer-Encoding", "chunked "), 400);
	assert_int_equal(
	    with("POST", "Transfer-Encoding", "gzip, chunked"), 400);
	assert_int_equal(with("POST", "Transfer-Encoding", ""), 400);
	add(&made, "Transfer-Encoding", "chunked");
	assert_int_equal(check(&made), 400);
	made = make("POST", "/");
	add(&made, "Transfer-Encoding", "chunked");
	made.request.version = "HTTP/1.0";
	assert_int_equal(check(&made), 400);
	assert_int_equal(with("POST", "Expect", "100-Continue"), 0);
	assert_int_equal(with("POST", "Expect", "200-ok"), 400);
	assert_int_equal(with("GET", "Upgrade", "h2c"), 0);
}

static bool
host_ok(const char *host)
{
	return gate_host_ok(&hosts, host, strlen(host));
}

static void
host(void **state)
{
	struct made made = make("GET", "/");

	(void)state;
	made.request.count = 0;
	assert_int_equal(check(&made), 400);
	made = make("GET", "/");
	made.fields[0].value = "evil.example";
	made.fields[0].value_size = 12;
	assert_int_equal(check(&made), 421);
	assert_true(host_ok("BMS.example.com"));
	assert_true(host_ok("bms.example.com:443"));
	assert_true(host_ok("[::1]"));
	assert_true(host_ok("[::1]:8080"));
	assert_false(host_ok(""));
	assert_false(host_ok(":80"));
	assert_false(host_ok("bms.example.com:"));
	assert_false(host_ok("bms.example.com:0"));
	assert_false(host_ok("bms.example.com:65536"));
	assert_false(host_ok("bms.example.com:8x"));
	assert_false(host_ok("bms.example.com."));
	assert_false(host_ok("bms.example.com:80:80"));
	assert_false(host_ok("a.bms.example.com"));
	assert_false(host_ok("user@localhost"));
	assert_false(host_ok("[::1"));
	assert_false(host_ok("::1"));
}

static unsigned
target(const char *text)
{
	struct made made = make("GET", text);

	return check(&made);
}

static void
targets(void **state)
{
	struct made made = make("GET", "http://BMS.example.com/a");
	char large[GATE_TARGET_MAX + 2];

	(void)state;
	assert_int_equal(check(&made), 0);
	assert_string_equal(made.found.target, "/a");
	assert_int_equal(target("https://bms.example.com/"), 0);
	assert_int_equal(target("http://bms.example.com"), 400);
	assert_int_equal(target("http://bms.example.com:80/"), 400);
	assert_int_equal(target("http://localhost/"), 400);
	assert_int_equal(target("http://bms.example.com@evil/"), 400);
	assert_int_equal(target("http:///"), 400);
	assert_int_equal(target("http://"), 400);
	assert_int_equal(target("ftp://bms.example.com/"), 400);
	assert_int_equal(target("*"), 400);
	assert_int_equal(target(""), 400);
	assert_int_equal(target("a"), 400);
	memset(large, 'a', sizeof large);
	large[0] = '/';
	large[GATE_TARGET_MAX + 1] = '\0';
	assert_int_equal(target(large), 414);
	large[GATE_TARGET_MAX] = '\0';
	assert_int_equal(target(large), 0);
}

static void
sizes(void **state)
{
	static char large[GATE_HEADER_MAX];
	struct made made = make("GET", "/");

	(void)state;
	memset(large, 'a', sizeof large);
	while (made.request.count < GATE_FIELDS_MAX)
		add(&made, "X", "");
	assert_int_equal(check(&made), 0);
	add(&made, "X", "");
	assert_int_equal(check(&made), 431);
	made = make("GET", "/");
	/* Host and its value, X, and 4 bytes of syntax for each */
	add_sized(&made, "X", 1, large, GATE_HEADER_MAX - 23 - 5);
	assert_int_equal(check(&made), 0);
	made.fields[1].value_size++;
	assert_int_equal(check(&made), 431);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(methods),
		cmocka_unit_test(every_byte),
		cmocka_unit_test(repeated),
		cmocka_unit_test(framing),
		cmocka_unit_test(host),
		cmocka_unit_test(targets),
		cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
