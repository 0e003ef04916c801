/* What every program's command line and environment have in common. */
#ifndef BASE_ARG_H
#define BASE_ARG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All of these end the program with EXIT_WRONG on a bad value, naming the
 * option as the user wrote it ("--every"). */
int64_t arg_integer(
    const char *option, const char *text, int64_t low, int64_t high);
int64_t arg_duration_ms(
    const char *option, const char *text, int64_t low_ms, int64_t high_ms);
int64_t arg_time_ms(const char *option, const char *text); /* RFC 3339 */

/* $TBMS_ROOT or /var/lib/trackingbms; $TBMS_SHARE or where we were
 * installed. The option, if given, wins. */
const char *arg_root(const char *option_value);
const char *arg_share(const char *option_value);

/* Where the master key is: the option, $TBMS_MASTER_KEY, or the usual place
 * if there is one that can be read; NULL: there is none. The variable, empty,
 * says that there is none. */
const char *arg_master(const char *option_value);

/* The tenants that a program was started for: --tenant SLUG, repeatable,
 * or --all. The set never changes after the start. */
struct arg_tenants {
	const char **slug;
	size_t count;
	bool all;
};
void arg_tenant_add(struct arg_tenants *tenants, const char *slug);
/* Neither or both of --tenant and --all: EXIT_WRONG. */
void arg_tenants_check(const struct arg_tenants *tenants);
bool arg_tenant_wanted(const struct arg_tenants *tenants, const char *slug);

/* -h: print to standard output and exit 0; a wrong call: to standard error
 * and exit 2. */
_Noreturn void arg_usage(const char *synopsis, bool asked);
_Noreturn void arg_version(void);

#endif
