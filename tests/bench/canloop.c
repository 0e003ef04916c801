/*
 * What a plain C loop takes for it: lines of candump on standard input, the
 * signals of a foxBMS 2 in a table, a bit at a time; a JSON line for each
 * cycle, printed by printf. Made for tests/bench/can.py to compare with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELLS 16
#define SENSORS 4

static struct {
	double volt, current, soc, cell[CELLS], temp[SENSORS];
	int seen;
} pack;

/* A Motorola signal, as a DBC file counts its bits. */
static long
motorola(const unsigned char *data, int start, int length, int is_signed)
{
	long raw = 0;

	for (int i = 0, bit = start; i < length; i++) {
		raw = raw << 1 | (data[bit / 8] >> bit % 8 & 1);
		bit = bit % 8 != 0 ? bit - 1 : bit + 15;
	}
	if (is_signed && (raw >> (length - 1) & 1) != 0)
		raw -= 1L << length;
	return raw;
}

static void
take_cells(const unsigned char *data)
{
	static const int starts[] = { 11, 30, 33, 52 };
	long turn = motorola(data, 7, 8, 0);

	for (int i = 0; i < 4 && turn * 4 + i < CELLS; i++)
		if (motorola(data, 12 + i, 1, 0) != 0)
			pack.cell[turn * 4 + i] =
			    (double)motorola(data, starts[i], 13, 0) * 0.001;
}

static void
put_cycle(void)
{
	if (!pack.seen)
		return;
	printf("{\"pack_voltage\":%.1f,\"pack_current\":%.2f,"
	       "\"soc_percent\":%.1f,\"cell_voltages\":[",
	    pack.volt, -pack.current, pack.soc);
	for (int i = 0; i < CELLS; i++)
		printf("%s%.3f", i > 0 ? "," : "", pack.cell[i]);
	printf("],\"temperatures\":[");
	for (int i = 0; i < SENSORS; i++)
		printf("%s%.1f", i > 0 ? "," : "", pack.temp[i]);
	printf("]}\n");
	memset(&pack, 0, sizeof(pack));
}

static void
take(unsigned long id, const unsigned char *data)
{
	switch (id) {
	case 0x220: /* the first of a cycle */
		put_cycle();
		break;
	case 0x233:
		pack.volt = (double)motorola(data, 7, 15, 1) * 0.1;
		pack.current = (double)motorola(data, 40, 17, 1) * 0.01;
		break;
	case 0x235:
		pack.soc = (double)motorola(data, 7, 10, 0) * 0.1;
		break;
	case 0x250:
		take_cells(data);
		break;
	case 0x260:
		for (int i = 0; i < SENSORS; i++)
			pack.temp[i] = (double)motorola(data, 23 + 8 * i, 8, 1);
		break;
	default:
		return;
	}
	pack.seen = 1;
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int
main(void)
{
	char line[200];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		unsigned char data[8] = { 0 };
		char *token = strchr(line, '#');
		unsigned long id;

		if (token == NULL || token - line < 3)
			continue;
		id = strtoul(token - 3, NULL, 16);
		for (int i = 0; i < 8; i++) {
			int high = digit(token[1 + 2 * i]);

			if (high < 0)
				break;
			data[i] = (unsigned char)(high << 4 |
			    digit(token[2 + 2 * i]));
		}
		take(id, data);
	}
	put_cycle();
	return 0;
}
