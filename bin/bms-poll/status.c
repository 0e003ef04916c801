#include "status.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/io.h"
#include "state.h"

/* With -e the file is written each 10 s, from cron mostly each minute. */
#define STALE_MINUTES 2

enum { TENANT, DEVICE, STATE, GOOD, FAILURES, NEXT, REASON, COLUMNS };

static const char *const titles[COLUMNS] = { "tenant", "device", "state",
	"last good", "failures", "next try", "reason" };

struct row {
	const char *cell[COLUMNS];
};

/* What a device said may be in it: nothing that moves a terminal's cursor. */
static const char *
tame(struct arena *arena, const char *text)
{
	char *copy = arena_text(arena, text, strlen(text));

	for (char *c = copy; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return copy;
}

static const char *
time_text(struct arena *arena, int64_t time_ms, const char *none)
{
	struct buf text = { 0 };
	const char *copy;

	if (time_ms <= 0)
		return none;
	buf_time(&text, time_ms);
	copy = arena_text(arena, text.data, text.size);
	buf_free(&text);
	return copy;
}

static struct row
row_of(struct arena *arena, const struct state_entry *entry)
{
	const struct standing *standing = &entry->standing;
	bool fails = standing->failures > 0;
	const char *state = fails   ? "fails"
	    : standing->good_ms > 0 ? "ok"
				    : "new";

	return (struct row){ { entry->device.tenant, entry->device.device,
	    state, time_text(arena, standing->good_ms, "never"),
	    arena_print(arena, "%llu", (unsigned long long)standing->failures),
	    fails ? time_text(arena, standing->next_ms, "next slot") : "-",
	    fails ? tame(arena, standing->reason) : "-" } };
}

static void
print_rows(const struct row *rows, size_t count, struct buf *out)
{
	int width[COLUMNS] = { 0 };

	for (size_t i = 0; i < count; i++)
		for (int c = 0; c < COLUMNS; c++)
			if (width[c] < (int)strlen(rows[i].cell[c]))
				width[c] = (int)strlen(rows[i].cell[c]);
	for (size_t i = 0; i < count; i++)
		for (int c = 0; c < COLUMNS; c++)
			buf_print(out, c + 1 < COLUMNS ? "%-*s  " : "%.*s\n",
			    width[c], rows[i].cell[c]);
}

static void
print_table(const struct state *state, struct buf *out)
{
	struct arena arena = { 0 };
	struct row *rows =
	    arena_alloc(&arena, (state->count + 1) * sizeof(*rows));

	memcpy(rows[0].cell, titles, sizeof(titles));
	for (size_t i = 0; i < state->count; i++)
		rows[i + 1] = row_of(&arena, &state->entry[i]);
	print_rows(rows, state->count + 1, out);
	arena_free(&arena);
}

/* A table that nobody renews looks as well as ever: its age is said. */
static void
say_age(const char *path, int64_t written_ms, int64_t now_ms)
{
	int64_t minutes = (now_ms - written_ms) / (60 * INT64_C(1000));

	if (minutes >= STALE_MINUTES)
		warn("%s: written %lld minutes ago", path, (long long)minutes);
}

int
status_print(const char *path, bool json)
{
	struct io_writer out;
	struct state state;
	struct failure why;
	struct stat info;
	bool fails = false;

	if (stat(path, &info) != 0)
		die(EXIT_WRONG, "%s:", path);
	if (state_open(&state, path, &why) != 0) {
		why.status = EXIT_WRONG;
		die_failure(&why);
	}
	io_writer_open(&out, STDOUT_FILENO, "standard output");
	for (size_t i = 0; i < state.count; i++) {
		fails |= state.entry[i].standing.failures > 0;
		if (json)
			state_print(&state.entry[i].device,
			    &state.entry[i].standing, &out.buf);
	}
	if (!json)
		print_table(&state, &out.buf);
	state_close(&state);
	say_age(path, (int64_t)info.st_mtime * 1000, clock_now_ms());
	if (io_writer_close(&out) < 0 && errno != EPIPE)
		die_output();
	return fails ? EXIT_REFUSED : EXIT_OK;
}
