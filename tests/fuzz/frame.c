/* A line as bms-normalize gets it: frame, every profile, explained, decoded,
 * printed and parsed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "profile/explain.h"
#include "profile/profile.h"
#include "record/frame.h"
#include "record/reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = { "foxbms2", "seplos-v3", "jk02-32s",
	"jk-4e57", "libresolar-bms", "green-bms", "sunspec-battery",
	"pylontech-can", "goodwe-et-battery", "jk-pb-modbus", "victron-pv",
	"byd-hv-can" };
#define PROFILES (sizeof(names) / sizeof(*names))

static struct profile *profiles[PROFILES];

static void
open_profiles(void)
{
	const char *share = getenv("TBMS_SHARE");
	struct failure why;
	char dir[1024];

	snprintf(
	    dir, sizeof(dir), "%s/profiles", share == NULL ? "share" : share);
	for (size_t i = 0; i < PROFILES; i++) {
		profiles[i] = profile_open(dir, names[i], &why);
		if (profiles[i] == NULL)
			abort();
	}
}

/* What we print must be read again, with the same meaning. */
static void
again(const struct reading *reading, struct arena *arena)
{
	struct buf one = { 0 }, two = { 0 };
	struct reading other;
	struct failure why;

	reading_print(reading, &one);
	buf_put(&two, one.data, one.size);
	if (reading_parse(two.data, two.size - 1, arena, &other, &why) != 0)
		abort();
	buf_clear(&two);
	reading_print(&other, &two);
	if (one.size != two.size || memcmp(one.data, two.data, one.size) != 0)
		abort();
	buf_free(&one);
	buf_free(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct reading reading;
	struct failure why;
	struct frame frame, made;
	struct buf text = { 0 };
	char *line = mem_copy_bytes((const char *)data, size);

	if (profiles[0] == NULL)
		open_profiles();
	if (frame_parse(line, size, &arena, &frame, &why) == 0) {
		for (size_t i = 0; i < PROFILES; i++) {
			buf_clear(&text);
			(void)profile_explain(
			    profiles[i], &frame, &arena, &text, &why);
			if (profile_decode(profiles[i], &frame, &arena,
				&reading, &why) != 0)
				continue;
			again(&reading, &arena);
			(void)profile_encode(
			    profiles[i], &reading, &arena, &made, &why);
		}
	}
	buf_free(&text);
	arena_free(&arena);
	free(line);
	return 0;
}
