/* Any line of an adapter: whatever is taken must be printable again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "wire/slcan.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint8_t data[FRAME_CAN_MAX], again[FRAME_CAN_MAX];
	struct frame_can can, copy;
	struct buf out = { 0 };

	enum slcan_result result =
	    slcan_parse((const char *)bytes, size, &can, data);

	if (result == SLCAN_DATA || result == SLCAN_REMOTE) {
		slcan_print(&can, result == SLCAN_REMOTE, &out);
		if (slcan_parse(out.data, out.size - 1, &copy, again) !=
			result ||
		    copy.id != can.id || copy.size != can.size)
			abort();
		buf_clear(&out);
	}
	if (result == SLCAN_DATA) {
		frame_can_print(&can, &out);
		if (!frame_can_parse(out.data, out.size, &copy, again) ||
		    copy.id != can.id || copy.size != can.size)
			abort();
	}
	buf_free(&out);
	return 0;
}
