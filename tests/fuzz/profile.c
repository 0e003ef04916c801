/* A profile's file: opened, planned, and a frame decoded and encoded. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "profile/explain.h"
#include "profile/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64];

/* The file, and beside it the DBC file that the seeds name. */
static void
write_file(const char *name, const void *data, size_t size)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	if (file == NULL || fwrite(data, 1, size, file) != size ||
	    fclose(file) != 0)
		abort();
}

static void
prepare(void)
{
	static const char dbc[] =
	    "BO_ 1 A: 8 N\n"
	    " SG_ mux M : 0|8@1+ (1,0) [0|0] \"\" N\n"
	    " SG_ a_0 m0 : 8|16@1+ (0.1,-4) [0|0] \"\" N\n"
	    " SG_ a_1 m1 : 15|16@0- (1,0) [0|0] \"\" N\n"
	    " SG_ f_0 : 60|1@1+ (1,0) [0|0] \"\" N\n"
	    " SG_ f_1 : 61|1@1+ (1,0) [0|0] \"\" N\n"
	    "VAL_ 1 mux 0 \"Idle\" 1 \"Charging\" 2 \"Run\" ;\n";

	strcpy(dir, "/tmp/tbms-fuzz.XXXXXX");
	if (mkdtemp(dir) == NULL)
		abort();
	write_file("a.dbc", dbc, sizeof(dbc) - 1);
}

static void
decode(const struct profile *profile)
{
	static uint8_t bytes[250] = { 0, 1, 2, 3, 0xff, 0xff, 0x80 };
	struct frame_block blocks[2] = { { 3, 0, 250, bytes },
		{ 1, 0, 10, bytes } };
	struct frame_can cans[2] = { { 1, false, false, 8, bytes },
		{ 1, false, false, 8, bytes + 1 } };
	struct frame_answer answer = { "", "{\"a\":1,\"b\":[1,2.5]}", 19 };
	struct arena arena = { 0 };
	struct reading reading;
	struct buf text = { 0 };
	struct failure why;
	struct frame frame;

	frame_clear(&frame);
	frame.protocol = profile_protocol(profile);
	frame.complete = true;
	frame.count = 2;
	if (frame.protocol == FRAME_MODBUS) {
		frame.part.block = blocks;
	} else if (frame.protocol == FRAME_CAN) {
		frame.part.can = cans;
	} else {
		frame.part.answer = &answer;
		frame.count = 1;
	}
	(void)profile_explain(profile, &frame, &arena, &text, &why);
	buf_free(&text);
	if (profile_decode(profile, &frame, &arena, &reading, &why) == 0)
		(void)profile_encode(profile, &reading, &arena, &frame, &why);
	arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct profile *profile;
	struct failure why;

	if (dir[0] == '\0')
		prepare();
	write_file("p.json", data, size);
	profile = profile_open(dir, "p", &why);
	if (profile != NULL)
		decode(profile);
	profile_free(profile);
	return 0;
}
