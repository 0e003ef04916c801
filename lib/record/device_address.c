/* How an endpoint is reached: the forms of an address. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "record/device.h"

#define HOST_MAX 253
#define ADAPTER_BAUD 115200
#define LIMIT_MAX 125 /* registers */
#define PAUSE_MAX 60000 /* ms */
#define SOURCE_MAX 0x1FFFFFFF
#define INTERFACE_MAX 15 /* IFNAMSIZ less its NUL */

static int
set_port(struct device *device, const char *port, struct failure *why)
{
	int64_t value;

	if (!num_integer(port, strlen(port), 1, 65535, &value))
		return failure_set(why, EXIT_REFUSED,
		    "no port from 1 to 65535 behind the host");
	device->port = (uint16_t)value;
	return 0;
}

/* A name, an IPv4 address or [IPv6 address]; the text is ours to cut. */
static int
set_host(char *rest, struct device *device, struct failure *why)
{
	size_t size = strlen(rest);

	if (*rest == '[' && size > 2 && rest[size - 1] == ']') {
		rest[--size] = '\0';
		rest++;
		size--;
		if (strspn(rest, "0123456789abcdefABCDEF:.%") != size)
			size = 0;
	} else if (strspn(rest,
		       "abcdefghijklmnopqrstuvwxyz"
		       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != size) {
		size = 0;
	}
	if (size == 0 || size > HOST_MAX)
		return failure_set(why, EXIT_REFUSED, "not a host");
	device->host = rest;
	return 0;
}

/* host:port; the text is ours to cut. */
static int
set_tcp(char *rest, struct device *device, struct failure *why)
{
	char *colon = strrchr(rest, ':');

	if (colon == NULL)
		return failure_set(why, EXIT_REFUSED, "no port");
	*colon = '\0';
	if (set_host(rest, device, why) != 0)
		return -1;
	return set_port(device, colon + 1, why);
}

static int
set_rtu_tcp(char *rest, struct device *device, struct failure *why)
{
	device->rtu = true;
	return set_tcp(rest, device, why);
}

static int
set_path(char *rest, struct device *device, struct failure *why)
{
	if (*rest != '/')
		return failure_set(why, EXIT_REFUSED, "not an absolute path");
	device->host = rest;
	return 0;
}

static int
set_interface(char *rest, struct device *device, struct failure *why)
{
	size_t size = strlen(rest);

	if (size == 0 || size > INTERFACE_MAX || strpbrk(rest, "/ :?") != NULL)
		return failure_set(
		    why, EXIT_REFUSED, "not a network interface");
	device->host = rest;
	return 0;
}

/*
 * host[:port][/base]; the text is ours to cut. No user, password or query
 * can stand there: what is secret is in a file.
 */
static int
set_url(char *rest, struct device *device, struct failure *why)
{
	char *slash = strchr(rest, '/'), *host_end = strrchr(rest, ']');
	size_t size;

	if (slash != NULL) {
		*slash = '\0';
		device->base = slash + 1;
		size = strlen(slash + 1);
		while (size > 0 && slash[size] == '/')
			slash[size--] = '\0';
		if (strpbrk(device->base, "#%@\\\"<>^`{|}") != NULL ||
		    strstr(device->base, "..") != NULL)
			return failure_set(
			    why, EXIT_REFUSED, "not the base of a URL");
	}
	if (strchr(host_end != NULL ? host_end : rest, ':') != NULL)
		return set_tcp(rest, device, why);
	device->port = device->tls ? 443 : 80;
	return set_host(rest, device, why);
}

static int
set_url_tls(char *rest, struct device *device, struct failure *why)
{
	device->tls = true;
	return set_url(rest, device, why);
}

static int
set_dump(char *rest, struct device *device, struct failure *why)
{
	if (strcmp(rest, "-") != 0)
		return set_path(rest, device, why);
	device->host = rest;
	return 0;
}

static int
option_wrong(struct failure *why, const char *name)
{
	return failure_set(why, EXIT_REFUSED,
	    "%s: not a value of this "
	    "option",
	    name);
}

/* One of the interfaces in a log; the text is the address's own copy. */
static int
set_log_interface(
    struct failure *why, const char *value, const char **interface)
{
	if (*value == '\0' || strlen(value) > INTERFACE_MAX)
		return option_wrong(why, "interface");
	*interface = value;
	return 0;
}

static int
set_number(struct failure *why, const char *name, const char *value,
    int64_t low, int64_t high, uint32_t *number)
{
	int64_t whole;

	if (!num_integer(value, strlen(value), low, high, &whole))
		return option_wrong(why, name);
	*number = (uint32_t)whole;
	return 0;
}

static bool
is_url(const struct device *device)
{
	return device->link == LINK_HTTP || device->link == LINK_WEBSOCKET;
}

/* The absolute path of a file; the text is the address's own copy. */
static int
set_file(
    struct failure *why, const char *name, const char *value, const char **path)
{
	if (*value != '/')
		return option_wrong(why, name);
	*path = value;
	return 0;
}

static int
set_yes(struct failure *why, const char *name, const char *value, bool *yes)
{
	*yes = strcmp(value, "yes") == 0;
	if (!*yes && strcmp(value, "no") != 0)
		return option_wrong(why, name);
	return 0;
}

static bool
is_asked(const struct device *device)
{
	return device->link == LINK_TCP || device->link == LINK_SERIAL;
}

/* Options of ways on which devices are asked. */
static bool
is_asking(const char *name)
{
	return strcmp(name, "pause") == 0 || strcmp(name, "close") == 0 ||
	    strcmp(name, "limit") == 0;
}

static int
set_asking(struct device *device, const char *name, const char *value,
    struct failure *why)
{
	bool pause = strcmp(name, "pause") == 0;
	uint32_t number = 0;

	if (strcmp(name, "close") == 0)
		return set_yes(why, name, value, &device->brief);
	if (set_number(why, name, value, pause ? 0 : 1,
		pause ? PAUSE_MAX : LIMIT_MAX, &number) != 0)
		return -1;
	if (pause)
		device->pause_ms = number;
	else
		device->limit = (uint8_t)number;
	return 0;
}

static bool
is_can(const struct device *device)
{
	return device->link == LINK_CAN || device->link == LINK_SLCAN ||
	    device->link == LINK_CANDUMP;
}

/* "source=0xF4": of the devices on a bus the one with this address. */
static int
set_source(struct device *device, const char *value, struct failure *why)
{
	char *end;

	if (*value < '0' || *value > '9')
		return option_wrong(why, "source");
	device->source = strtol(value, &end, 0);
	if (*end != '\0' || device->source > SOURCE_MAX)
		return option_wrong(why, "source");
	return 0;
}

static int
set_option(struct device *device, const char *name, const char *value,
    struct failure *why)
{
	uint32_t bits = 0;

	if (is_asked(device) && is_asking(name))
		return set_asking(device, name, value, why);
	if ((device->link == LINK_SERIAL || device->link == LINK_SLCAN) &&
	    strcmp(name, "baud") == 0)
		return set_number(
		    why, name, value, 300, 4000000, &device->baud);
	if (device->link == LINK_SERIAL && strcmp(name, "parity") == 0) {
		if (strlen(value) != 1 || strchr("NEO", *value) == NULL)
			return option_wrong(why, name);
		device->parity = *value;
		return 0;
	}
	if (device->link == LINK_SERIAL && strcmp(name, "stop") == 0) {
		if (set_number(why, name, value, 1, 2, &bits) != 0)
			return -1;
		device->stop_bits = (uint8_t)bits;
		return 0;
	}
	if (is_can(device) && strcmp(name, "source") == 0)
		return set_source(device, value, why);
	if ((device->link == LINK_SLCAN || device->link == LINK_CAN) &&
	    strcmp(name, "bitrate") == 0)
		return set_number(
		    why, name, value, 10000, 1000000, &device->bitrate);
	if (device->link == LINK_SLCAN && strcmp(name, "ack") == 0)
		return set_yes(why, name, value, &device->acknowledge);
	if (device->link == LINK_CANDUMP && strcmp(name, "stamps") == 0) {
		device->delta = strcmp(value, "delta") == 0;
		return device->delta ? 0 : option_wrong(why, name);
	}
	if (device->link == LINK_CANDUMP && strcmp(name, "interface") == 0)
		return set_log_interface(why, value, &device->interface);
	if (is_url(device) && strcmp(name, "secret") == 0)
		return set_file(why, name, value, &device->secret);
	if (device->tls && strcmp(name, "cafile") == 0)
		return set_file(why, name, value, &device->cafile);
	return failure_set(why, EXIT_REFUSED, "%s: unknown option", name);
}

/* name=value&name=value; the text is ours to cut. */
static int
set_options(char *text, struct device *device, struct failure *why)
{
	while (text != NULL) {
		char *option = strsep(&text, "&");
		char *value = strchr(option, '=');

		if (value == NULL)
			return failure_set(
			    why, EXIT_REFUSED, "%s: not name=value", option);
		*value++ = '\0';
		if (set_option(device, option, value, why) != 0)
			return -1;
	}
	return 0;
}

static const struct {
	const char *scheme;
	enum device_link link;
	int (*set)(char *rest, struct device *device, struct failure *why);
} forms[] = { { "tcp://", LINK_TCP, set_tcp },
	{ "rtu+tcp://", LINK_TCP, set_rtu_tcp },
	{ "serial://", LINK_SERIAL, set_path },
	{ "can://", LINK_CAN, set_interface },
	{ "slcan://", LINK_SLCAN, set_path }, { "http://", LINK_HTTP, set_url },
	{ "https://", LINK_HTTP, set_url_tls },
	{ "ws://", LINK_WEBSOCKET, set_url },
	{ "wss://", LINK_WEBSOCKET, set_url_tls },
	{ "candump://", LINK_CANDUMP, set_path },
	{ "candump:", LINK_CANDUMP, set_dump } };

static bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return false;
	return true;
}

int
device_address(const char *address, struct arena *arena, struct device *device,
    struct failure *why)
{
	device->address = arena_text(arena, address, strlen(address));
	device->baud = 9600;
	device->bitrate = 500000;
	device->parity = 'N';
	device->stop_bits = 1;
	device->acknowledge = device->delta = false;
	device->source = -1;
	device->port = 0;
	device->interface = "";
	device->rtu = device->brief = false;
	device->pause_ms = 0;
	device->limit = 0;
	device->tls = false;
	device->base = device->secret = device->cafile = "";
	if (!is_printable(address))
		return failure_set(
		    why, EXIT_REFUSED, "spaces or control characters");
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t size = strlen(forms[i].scheme);
		char *rest, *options;

		if (strncmp(address, forms[i].scheme, size) != 0)
			continue;
		rest =
		    arena_text(arena, address + size, strlen(address + size));
		device->link = forms[i].link;
		if (device->link == LINK_SLCAN)
			device->baud = ADAPTER_BAUD;
		if (device->link == LINK_CAN)
			device->bitrate = 0;
		options = rest;
		strsep(&options, "?");
		if (forms[i].set(rest, device, why) != 0)
			return -1;
		return set_options(options, device, why);
	}
	return failure_set(why, EXIT_REFUSED,
	    "begins with none of "
	    "tcp:// rtu+tcp:// serial:// can:// slcan:// candump http:// "
	    "https:// ws:// and wss://");
}
