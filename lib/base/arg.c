#include "base/arg.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/num.h"

#define DURATION 32 /* bytes of one as text */

int64_t
arg_integer(const char *option, const char *text, int64_t low, int64_t high)
{
	int64_t value;

	if (!num_integer(text, strlen(text), low, high, &value))
		die(EXIT_WRONG,
		    "%s: \"%s\" is no whole number from %lld to "
		    "%lld",
		    option, text, (long long)low, (long long)high);
	return value;
}

/* As a person would write it: in the largest unit that leaves no rest. */
static const char *
show_duration(char text[DURATION], int64_t ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "d", 86400000 }, { "h", 3600000 }, { "m", 60000 },
		{ "s", 1000 }, { "ms", 1 } };
	size_t i = 0;

	while (ms % units[i].ms != 0)
		i++;
	snprintf(text, DURATION, "%" PRId64 "%s", ms / units[i].ms,
	    ms == 0 ? "" : units[i].unit);
	return text;
}

int64_t
arg_duration_ms(
    const char *option, const char *text, int64_t low_ms, int64_t high_ms)
{
	char low[DURATION], high[DURATION];
	int64_t value;

	if (!clock_duration(text, &value))
		die(EXIT_WRONG,
		    "%s: \"%s\" is no duration such as 500ms, "
		    "5s, 10m, 2h or 7d",
		    option, text);
	if (value < low_ms || value > high_ms)
		die(EXIT_WRONG, "%s: %s is not from %s to %s", option, text,
		    show_duration(low, low_ms), show_duration(high, high_ms));
	return value;
}

int64_t
arg_time_ms(const char *option, const char *text)
{
	int64_t value;

	if (!clock_parse(text, strlen(text), &value))
		die(EXIT_WRONG,
		    "%s: \"%s\" is no time such as "
		    "2026-01-31T12:00:00Z",
		    option, text);
	return value;
}

static const char *
choose(const char *option_value, const char *variable, const char *otherwise)
{
	const char *value = option_value;

	if (value == NULL)
		value = getenv(variable);
	return value != NULL && value[0] != '\0' ? value : otherwise;
}

const char *
arg_root(const char *option_value)
{
	return choose(option_value, "TBMS_ROOT", "/var/lib/trackingbms");
}

const char *
arg_master(const char *option_value)
{
	static const char usual[] = "/etc/trackingbms/master.key";
	const char *value = option_value;

	if (value == NULL)
		value = getenv("TBMS_MASTER_KEY");
	if (value != NULL)
		return value[0] != '\0' ? value : NULL;
	return access(usual, R_OK) == 0 ? usual : NULL;
}

const char *
arg_share(const char *option_value)
{
	return choose(option_value, "TBMS_SHARE", TBMS_SHARE);
}

void
arg_tenant_add(struct arg_tenants *tenants, const char *slug)
{
	if (!io_slug_ok(slug))
		die(EXIT_WRONG, "--tenant: \"%s\" is no tenant's slug", slug);
	tenants->slug =
	    mem_grow(tenants->slug, tenants->count + 1, sizeof(*tenants->slug));
	tenants->slug[tenants->count++] = slug;
}

void
arg_tenants_check(const struct arg_tenants *tenants)
{
	if (tenants->all == (tenants->count > 0))
		die(EXIT_WRONG, "give either --tenant SLUG or --all");
}

bool
arg_tenant_wanted(const struct arg_tenants *tenants, const char *slug)
{
	if (tenants->all)
		return true;
	for (size_t i = 0; i < tenants->count; i++)
		if (strcmp(tenants->slug[i], slug) == 0)
			return true;
	return false;
}

void
arg_usage(const char *synopsis, bool asked)
{
	fputs(synopsis, asked ? stdout : stderr);
	if (asked && fflush(stdout) != 0)
		die_output();
	exit(asked ? EXIT_OK : EXIT_WRONG);
}

void
arg_version(void)
{
	printf("%s (TrackingBMS) %s\n", err_name(), TBMS_VERSION);
	if (fflush(stdout) != 0)
		die_output();
	exit(EXIT_OK);
}
