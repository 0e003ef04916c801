/* Any line of a log: whatever is taken must be printable again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "wire/can_trouble.h"
#include "wire/candump.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint8_t data[FRAME_CAN_MAX], again[FRAME_CAN_MAX];
	struct candump line;
	struct frame_can copy;
	struct buf out = { 0 };

	enum candump_result result =
	    candump_parse((const char *)bytes, size, &line, data);
	enum can_health health;

	if (result == CANDUMP_ERROR)
		can_trouble(line.can.id, line.can.data, line.can.size, &health);
	if (result == CANDUMP_DATA) {
		frame_can_print(&line.can, &out);
		if (!frame_can_parse(out.data, out.size, &copy, again) ||
		    copy.id != line.can.id || copy.size != line.can.size)
			abort();
		buf_free(&out);
	}
	return 0;
}
