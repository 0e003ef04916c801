/* Which framings there are. */
#include <string.h>

#include "profile/framing.h"

static const struct framing *const framings[] = { &framing_ant,
	&framing_console, &framing_daly, &framing_goodwe, &framing_green_bms,
	&framing_jbd, &framing_jk02, &framing_jk_4e57, &framing_pace,
	&framing_pylontech, &framing_seplos_binary, &framing_tdt };

const struct framing *
framing_find(const char *name)
{
	for (size_t i = 0; i < sizeof(framings) / sizeof(framings[0]); i++)
		if (strcmp(framings[i]->name, name) == 0)
			return framings[i];
	return NULL;
}
