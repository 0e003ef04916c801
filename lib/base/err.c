/*
 * One printer for all that a program says on standard error, and the law
 * of exit statuses. The program's name is the one piece of state: it is
 * set once, before anything can fail.
 */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_ROOM 2048

static const char *program_name = "trackingbms";

void
err_name_set(const char *name)
{
	const char *slash = strrchr(name, '/');

	program_name = slash != NULL ? slash + 1 : name;
}

const char *
err_name(void)
{
	return program_name;
}

/* Format into `out`; a final ':' asks for what errno means. */
static void
format(char *out, size_t room, const char *text, va_list args)
{
	int saved = errno;
	size_t size;

	if (vsnprintf(out, room, text, args) < 0)
		out[0] = '\0';
	size = strlen(out);
	if (size > 0 && out[size - 1] == ':' && size + 2 < room)
		snprintf(out + size, room - size, " %s", strerror(saved));
	errno = saved;
}

/* Controls become \xNN: what a device says cannot forge a second line. */
static size_t
escape(char *out, size_t room, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	size_t size = 0;

	for (; *text != '\0' && size + 5 < room; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c != 0x7f) {
			out[size++] = *text;
			continue;
		}
		out[size++] = '\\';
		out[size++] = 'x';
		out[size++] = digits[c >> 4];
		out[size++] = digits[c & 15];
	}
	return size;
}

static void
print(const char *message)
{
	char line[LINE_ROOM + 64];
	int start = snprintf(line, sizeof(line), "%.48s: ", program_name);
	size_t size = start > 0 ? (size_t)start : 0;

	size += escape(line + size, sizeof(line) - size - 1, message);
	line[size++] = '\n';
	/* Nobody is left to be told that standard error is gone. */
	if (write(STDERR_FILENO, line, size) < 0)
		return;
}

void
warn(const char *text, ...)
{
	char message[LINE_ROOM];
	va_list args;

	va_start(args, text);
	format(message, sizeof(message), text, args);
	va_end(args);
	print(message);
}

void
die(enum exit_status status, const char *text, ...)
{
	char message[LINE_ROOM];
	va_list args;

	va_start(args, text);
	format(message, sizeof(message), text, args);
	va_end(args);
	print(message);
	exit((int)status);
}

void
die_output(void)
{
	if (errno != EPIPE)
		warn("standard output:");
	exit(EXIT_AGAIN);
}

void
die_failure(const struct failure *why)
{
	print(why->message);
	exit((int)why->status);
}

int
failure_set(struct failure *why, enum exit_status status, const char *text, ...)
{
	va_list args;

	why->status = status;
	va_start(args, text);
	format(why->message, sizeof(why->message), text, args);
	va_end(args);
	return -1;
}

int
failure_prefix(struct failure *why, const char *text, ...)
{
	char message[2 * sizeof(why->message)];
	va_list args;
	size_t size;

	va_start(args, text);
	if (vsnprintf(message, sizeof(why->message), text, args) < 0)
		message[0] = '\0';
	va_end(args);
	size = strlen(message);
	snprintf(message + size, sizeof(message) - size, ": %s", why->message);
	message[sizeof(why->message) - 1] = '\0';
	memcpy(why->message, message, sizeof(why->message));
	return -1;
}
