#include "state.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "json/json.h"
#include "record/name.h"

#define STATE_MAX ((size_t)64 << 20)
#define KEEP_MS 10000

static const char *const names[] = { "kind", "tenant", "device", "address",
	"unit", "last_good", "failures", "since", "next_try", "reason", NULL };

/* A time of the line; 0 where it is absent. */
static int
take_time(const json_t *object, const char *name, int64_t *time_ms,
    struct failure *why)
{
	const char *text = NULL;

	*time_ms = 0;
	if (json_member_text(object, name, false, &text, why) != 0)
		return -1;
	if (text != NULL && !clock_parse(text, strlen(text), time_ms))
		return failure_set(why, EXIT_REFUSED, "%s: no time", name);
	return 0;
}

static int
take_names(struct state *state, const json_t *object, struct device *device,
    struct failure *why)
{
	const char *kind, *tenant, *name, *address;

	if (json_member_text(object, "kind", true, &kind, why) != 0 ||
	    json_member_text(object, "tenant", true, &tenant, why) != 0 ||
	    json_member_text(object, "device", true, &name, why) != 0 ||
	    json_member_text(object, "address", true, &address, why) != 0)
		return -1;
	if (strcmp(kind, "poll") != 0 ||
	    !name_check_tenant(tenant, strlen(tenant)) ||
	    !name_check(name, strlen(name)))
		return failure_set(why, EXIT_REFUSED, "no state of a device");
	device->tenant = arena_text(&state->texts, tenant, strlen(tenant));
	device->device = arena_text(&state->texts, name, strlen(name));
	device->address = arena_text(&state->texts, address, strlen(address));
	return 0;
}

static int
take_standing(
    const json_t *object, struct standing *standing, struct failure *why)
{
	int64_t failures = 0;
	const char *reason = "";

	if (take_time(object, "last_good", &standing->good_ms, why) != 0 ||
	    take_time(object, "since", &standing->since_ms, why) != 0 ||
	    take_time(object, "next_try", &standing->next_ms, why) != 0 ||
	    json_member_integer(
		object, "failures", true, 0, INT64_MAX, &failures, why) != 0 ||
	    json_member_text(object, "reason", false, &reason, why) != 0)
		return -1;
	standing->failures = (uint64_t)failures;
	strncpy(standing->reason, reason, sizeof(standing->reason) - 1);
	return 0;
}

static int
take_object(struct state *state, const json_t *object, struct failure *why)
{
	struct state_entry entry = { 0 };
	int64_t unit = 0;

	if (!json_is_object(object))
		return failure_set(why, EXIT_REFUSED, "no object");
	if (json_members_known(object, names, why) != 0 ||
	    take_names(state, object, &entry.device, why) != 0 ||
	    json_member_integer(object, "unit", true, 0, 255, &unit, why) !=
		0 ||
	    take_standing(object, &entry.standing, why) != 0)
		return -1;
	entry.device.unit = (uint8_t)unit;
	if ((state->count & (state->count + 1)) == 0)
		state->entry = mem_grow(
		    state->entry, state->count * 2 + 2, sizeof(*state->entry));
	state->entry[state->count++] = entry;
	return 0;
}

static int
take_lines(struct state *state, const struct buf *text, struct failure *why)
{
	size_t start = 0, line = 1;
	int status = 0;

	for (; status == 0 && start < text->size; line++) {
		const char *end =
		    memchr(text->data + start, '\n', text->size - start);
		size_t size = end == NULL ? text->size - start
					  : (size_t)(end - text->data) - start;
		json_t *object = json_read(text->data + start, size, why);

		status = object == NULL ? -1 : take_object(state, object, why);
		json_decref(object);
		start += size + 1;
		if (status != 0)
			failure_prefix(why, "%s:%zu", state->path, line);
	}
	return status;
}

static int
in_order(const void *a, const void *b)
{
	const struct device *one = &((const struct state_entry *)a)->device;
	const struct device *two = &((const struct state_entry *)b)->device;
	int tenants = strcmp(one->tenant, two->tenant);

	return tenants != 0 ? tenants : strcmp(one->device, two->device);
}

int
state_open(struct state *state, const char *path, struct failure *why)
{
	struct buf text = { 0 };
	int status;

	memset(state, 0, sizeof(*state));
	state->path = path;
	if (access(path, F_OK) != 0)
		return 0;
	status = io_file_read(AT_FDCWD, path, STATE_MAX, &text, why);
	if (status == 0)
		status = take_lines(state, &text, why);
	buf_free(&text);
	if (status != 0)
		state->count = 0;
	if (state->count > 0)
		qsort(state->entry, state->count, sizeof(*state->entry),
		    in_order);
	return status;
}

void
state_recall(const struct state *state, const struct device *device,
    struct standing *standing)
{
	struct state_entry wanted = { .device = *device };
	const struct state_entry *found = NULL;

	if (state->count > 0)
		found = bsearch(&wanted, state->entry, state->count,
		    sizeof(*state->entry), in_order);
	if (found != NULL && found->device.unit == device->unit &&
	    strcmp(found->device.address, device->address) == 0)
		*standing = found->standing;
}

static void
put_text(struct buf *out, const char *name, const char *text)
{
	json_put_name(out, name);
	json_put_text(out, text, strlen(text));
}

static void
put_time(struct buf *out, const char *name, int64_t time_ms)
{
	if (time_ms <= 0)
		return;
	json_put_name(out, name);
	buf_char(out, '"');
	buf_time(out, time_ms);
	buf_char(out, '"');
}

void
state_print(const struct device *device, const struct standing *standing,
    struct buf *out)
{
	buf_text(out, "{\"kind\":\"poll\"");
	put_text(out, "tenant", device->tenant);
	put_text(out, "device", device->device);
	put_text(out, "address", device->address);
	json_put_name(out, "unit");
	buf_integer(out, device->unit);
	put_time(out, "last_good", standing->good_ms);
	json_put_name(out, "failures");
	buf_integer(out, (int64_t)standing->failures);
	if (standing->failures > 0) {
		put_time(out, "since", standing->since_ms);
		put_time(out, "next_try", standing->next_ms);
		put_text(out, "reason", standing->reason);
	}
	buf_text(out, "}\n");
}

int
state_save(
    struct state *state, const struct poller *poller, struct failure *why)
{
	const struct device *device;
	const struct standing *standing;
	struct buf out = { 0 };
	int status;

	for (size_t i = 0; poller_standing(poller, i, &device, &standing); i++)
		state_print(device, standing, &out);
	status =
	    io_file_replace(state->path, out.data, out.size, 0644, false, why);
	buf_free(&out);
	return status;
}

void
state_keep(struct state *state, const struct poller *poller)
{
	int64_t now = clock_monotonic_ms();
	struct failure why;
	bool failed;

	if (state->path == NULL || now < state->saved_ms + KEEP_MS)
		return;
	state->saved_ms = now;
	failed = state_save(state, poller, &why) < 0;
	if (failed && !state->failed)
		warn("%s", why.message);
	state->failed = failed;
}

void
state_close(struct state *state)
{
	arena_free(&state->texts);
	free(state->entry);
}
