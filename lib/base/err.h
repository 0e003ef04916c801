/* Diagnostics on standard error and the exit law; see intro of err.c. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stddef.h>

/* The exit law: what cron, a script or a spool may conclude. */
enum exit_status {
	EXIT_OK = 0, /* all input was handled */
	EXIT_REFUSED = 1, /* done, but some records were refused, or "no" */
	EXIT_WRONG = 2, /* wrong usage, configuration, corrupt file */
	EXIT_AGAIN = 111 /* the world failed: try again later */
};

/*
 * Why a library call failed. `status` is what the program should exit
 * with if this ends it; `message` is one line without a line end, cut at
 * its size. A function that takes a failure fills it on error only.
 */
struct failure {
	enum exit_status status;
	char message[512];
};

/* The name before each diagnostic; set once at the start of main. */
void err_name_set(const char *name);
const char *err_name(void);

/*
 * Print "program: message" to standard error as one write. A format that
 * ends in ':' gets " " and strerror(errno) appended. Control characters in
 * the message are printed as \xNN, so a hostile name cannot forge a line.
 */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* warn(), then exit with the status. */
_Noreturn void die(enum exit_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Standard output could not be written (errno says why): exit with 111, and
 * without a word where its reader has gone, as `| head` does. */
_Noreturn void die_output(void);
/* warn() and exit with what a library call left behind. */
_Noreturn void die_failure(const struct failure *why);

/* Fill a failure (the ':' rule of warn holds); always returns -1. */
int failure_set(struct failure *why, enum exit_status status,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Put "prefix: " before the message that is there; always returns -1. */
int failure_prefix(struct failure *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
