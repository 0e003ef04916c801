#include "base/clock.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/num.h"

static int64_t
now_ms(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_now_ms(void)
{
	return now_ms(CLOCK_REALTIME);
}

int64_t
clock_monotonic_ms(void)
{
	return now_ms(CLOCK_MONOTONIC);
}

/* Returns early when a signal comes, so that a program can stop. */
void
clock_sleep_until(int64_t monotonic_ms)
{
	struct timespec when = { .tv_sec = (time_t)(monotonic_ms / 1000),
		.tv_nsec = (long)(monotonic_ms % 1000) * 1000000 };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
}

/* Two digits, or less than 0. Each line has a time: no loop. */
static inline int
two_digits(const char *text)
{
	unsigned high = (unsigned)text[0] - '0';
	unsigned low = (unsigned)text[1] - '0';

	return high > 9 || low > 9 ? -1 : (int)(high * 10 + low);
}

static inline int
four_digits(const char *text)
{
	int high = two_digits(text), low = two_digits(text + 2);

	return high < 0 || low < 0 ? -1 : high * 100 + low;
}

/* Days from 1970-01-01 (H. Hinnant, days_from_civil). */
static int64_t
days_from_civil(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year;
	int era = y / 400;
	int yoe = y - era * 400;
	int doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return (int64_t)era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy -
	    719468;
}

static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* "Z", "z" or "+hh:mm" as the rest of the text. */
static bool
parse_offset(const char *text, size_t size, int64_t *offset_ms)
{
	int hours, minutes;

	*offset_ms = 0;
	if (size == 1)
		return text[0] == 'Z' || text[0] == 'z';
	if (size != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':')
		return false;
	hours = two_digits(text + 1);
	minutes = two_digits(text + 4);
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return false;
	*offset_ms = ((int64_t)hours * 60 + minutes) * 60000;
	if (text[0] == '-')
		*offset_ms = -*offset_ms;
	return true;
}

/* Fraction digits after the seconds; how many bytes it takes. */
static size_t
parse_fraction(const char *text, size_t size, int64_t *ms)
{
	size_t i = 1;
	int weight = 100;

	*ms = 0;
	if (size < 2 || text[0] != '.')
		return 0;
	for (; i < size && text[i] >= '0' && text[i] <= '9'; i++) {
		*ms += (text[i] - '0') * weight;
		weight /= 10;
	}
	return i > 1 ? i : 0;
}

bool
clock_parse(const char *text, size_t size, int64_t *time_ms)
{
	int year, month, day, hour, minute, second;
	int64_t ms, offset, result;
	size_t used;

	if (size < 20 || text[4] != '-' || text[7] != '-' ||
	    (text[10] != 'T' && text[10] != 't' && text[10] != ' ') ||
	    text[13] != ':' || text[16] != ':')
		return false;
	year = four_digits(text);
	month = two_digits(text + 5);
	day = two_digits(text + 8);
	hour = two_digits(text + 11);
	minute = two_digits(text + 14);
	second = two_digits(text + 17);
	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
	    day > month_days(year, month) || hour < 0 || hour > 23 ||
	    minute < 0 || minute > 59 || second < 0 || second > 60)
		return false;
	used = 19 + parse_fraction(text + 19, size - 19, &ms);
	if (!parse_offset(text + used, size - used, &offset))
		return false;
	result = days_from_civil(year, month, day) * 86400000 +
	    (((int64_t)hour * 60 + minute) * 60 + second) * 1000 + ms - offset;
	if (result < 0 || result > CLOCK_MAX_MS)
		return false;
	*time_ms = result;
	return true;
}

bool
clock_duration(const char *text, int64_t *duration_ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
		{ "min", 60000 }, { "h", 3600000 }, { "d", 86400000 },
		{ "", 1000 } };
	size_t digits = strspn(text, "0123456789.");
	int64_t number;

	if (!num_scaled(text, digits, 3, &number))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + digits, units[i].unit) != 0)
			continue;
		if (__builtin_mul_overflow(number, units[i].ms, &number))
			return false;
		*duration_ms = number / 1000;
		return true;
	}
	return false;
}
