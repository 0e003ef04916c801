/* Device lines. */
#include <string.h>

#include "json/json.h"
#include "record/device.h"
#include "record/load.h"

#define ADDRESS_MAX 512
#define INTERVAL_MAX 86400000
#define TIMEOUT_MAX 600000
#define TIMEOUT_DEFAULT 1000

static int
load_address(const json_t *object, struct arena *arena, struct device *device,
    struct failure *why)
{
	const char *text = NULL;

	if (load_text(object, "address", ADDRESS_MAX, arena, &text, why) != 0)
		return -1;
	if (text == NULL)
		return failure_set(why, EXIT_REFUSED, "has no \"address\"");
	if (device_address(text, arena, device, why) != 0)
		return failure_prefix(why, "address");
	return 0;
}

static int
load_device(const json_t *object, struct arena *arena, struct device *device,
    struct failure *why)
{
	static const char *const names[] = { "kind", "tenant", "device",
		"profile", "battery", "valid_from", "address", "unit",
		"interval_ms", "timeout_ms", NULL };
	int64_t unit = 1;

	if (load_kind_is(object, "device", why) != 0 ||
	    json_members_known(object, names, why) != 0 ||
	    load_tenant(object, arena, &device->tenant, why) != 0 ||
	    load_name(object, "device", true, arena, &device->device, why) !=
		0 ||
	    load_name(object, "profile", true, arena, &device->profile, why) !=
		0 ||
	    load_name(object, "battery", false, arena, &device->battery, why) !=
		0 ||
	    json_member_integer(object, "unit", false, 0, 255, &unit, why) !=
		0 ||
	    json_member_integer(object, "interval_ms", false, 0, INTERVAL_MAX,
		&device->interval_ms, why) != 0 ||
	    json_member_integer(object, "timeout_ms", false, 1, TIMEOUT_MAX,
		&device->timeout_ms, why) != 0 ||
	    (json_object_get(object, "valid_from") != NULL &&
		load_time(object, "valid_from", &device->valid_from_ms, why) !=
		    0))
		return -1;
	device->unit = (uint8_t)unit;
	return load_address(object, arena, device, why);
}

int
device_parse(char *line, size_t size, struct arena *arena,
    struct device *device, struct failure *why)
{
	json_t *object = load_object(line, size, why);
	int result;

	if (object == NULL)
		return -1;
	memset(device, 0, sizeof(*device));
	device->battery = "";
	device->timeout_ms = TIMEOUT_DEFAULT;
	result = load_device(object, arena, device, why);
	json_decref(object);
	return result;
}

static void
put_text(struct buf *out, const char *key, const char *text)
{
	if (*text == '\0')
		return;
	json_put_name(out, key);
	json_put_text(out, text, strlen(text));
}

static void
put_integer(struct buf *out, const char *key, int64_t value)
{
	json_put_name(out, key);
	buf_integer(out, value);
}

void
device_print(const struct device *device, struct buf *out)
{
	buf_text(out, "{\"kind\":\"device\"");
	put_text(out, "tenant", device->tenant);
	put_text(out, "device", device->device);
	put_text(out, "profile", device->profile);
	put_text(out, "battery", device->battery);
	if (device->valid_from_ms != 0) {
		json_put_name(out, "valid_from");
		buf_char(out, '"');
		buf_time(out, device->valid_from_ms);
		buf_char(out, '"');
	}
	put_text(out, "address", device->address);
	put_integer(out, "unit", device->unit);
	if (device->interval_ms != 0)
		put_integer(out, "interval_ms", device->interval_ms);
	put_integer(out, "timeout_ms", device->timeout_ms);
	buf_text(out, "}\n");
}
