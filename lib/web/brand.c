/*
 * The customer's colour is a wish about hue; how light it is drawn is
 * decided by who has to read it. Colours are moved in OKLCH, where a change
 * of lightness leaves the hue that people see alone (Björn Ottosson, 2020).
 */
#include "web/brand.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTRAST 4.55
#define STEP 0.005

static const char *const light_pages[] = { "#ffffff", "#f4f3ee", "#ebeae3" };
static const char *const dark_pages[] = { "#0f1514", "#17201e", "#212c2a" };
static const char ink_on_dark_fill[] = "#08100f";

struct oklch {
	double l, c, h;
};

bool
brand_colour_ok(const char *colour)
{
	if (colour == NULL || colour[0] != '#' || strlen(colour) != 7)
		return false;
	for (int i = 1; i < 7; i++)
		if (!isxdigit((unsigned char)colour[i]))
			return false;
	return true;
}

/* Linear light of the three channels. */
static void
linear(const char *colour, double rgb[3])
{
	long value = strtol(colour + 1, NULL, 16);

	for (int i = 0; i < 3; i++) {
		double c = (double)(value >> (16 - 8 * i) & 255) / 255;

		rgb[i] =
		    c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
	}
}

static double
luminance(const char *colour)
{
	double c[3];

	linear(colour, c);
	return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
}

double
brand_contrast(const char *a, const char *b)
{
	double x = luminance(a), y = luminance(b);

	return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

static struct oklch
to_oklch(const char *colour)
{
	double c[3], l, m, s, a, b;

	linear(colour, c);
	l = cbrt(.4122214708 * c[0] + .5363325363 * c[1] + .0514459929 * c[2]);
	m = cbrt(.2119034982 * c[0] + .6806995451 * c[1] + .1073969566 * c[2]);
	s = cbrt(.0883024619 * c[0] + .2817188376 * c[1] + .6299787005 * c[2]);
	a = 1.9779984951 * l - 2.4285922050 * m + .4505937099 * s;
	b = .0259040371 * l + .7827717662 * m - .8086757660 * s;
	return (struct oklch){ .l = .2104542553 * l + .7936177850 * m -
		    .0040720468 * s,
		.c = hypot(a, b),
		.h = atan2(b, a) };
}

/* Linear light; true where the screen can show it. */
static bool
to_linear(struct oklch o, double rgb[3])
{
	double a = o.c * cos(o.h), b = o.c * sin(o.h), l, m, s;

	l = pow(o.l + .3963377774 * a + .2158037573 * b, 3);
	m = pow(o.l - .1055613458 * a - .0638541728 * b, 3);
	s = pow(o.l - .0894841775 * a - 1.2914855480 * b, 3);
	rgb[0] = 4.0767416621 * l - 3.3077115913 * m + .2309699292 * s;
	rgb[1] = -1.2684380046 * l + 2.6097574011 * m - .3413193965 * s;
	rgb[2] = -.0041960863 * l - .7034186147 * m + 1.7076147010 * s;
	for (int i = 0; i < 3; i++)
		if (rgb[i] < -.0005 || rgb[i] > 1.0005)
			return false;
	return true;
}

static unsigned
channel(double c)
{
	c = fmin(1, fmax(0, c));
	c = c <= .0031308 ? 12.92 * c : 1.055 * pow(c, 1 / 2.4) - .055;
	return (unsigned)lround(255 * c) & 255;
}

static void
from_oklch(struct oklch o, char colour[8])
{
	double c[3];

	while (!to_linear(o, c) && o.c >= .002)
		o.c *= .95; /* less colour until it can be shown */
	snprintf(colour, 8, "#%02x%02x%02x", channel(c[0]), channel(c[1]),
	    channel(c[2]));
}

static bool
readable(const char *colour, const char *const *pages, int count)
{
	for (int i = 0; i < count; i++)
		if (brand_contrast(colour, pages[i]) < CONTRAST)
			return false;
	return true;
}

static bool
fill_ok(const char *colour)
{
	return readable(colour, light_pages, 1);
}

static bool
text_ok(const char *colour)
{
	return readable(colour, light_pages, 3);
}

static bool
dark_fill_ok(const char *colour)
{
	return brand_contrast(colour, ink_on_dark_fill) >= CONTRAST &&
	    brand_contrast(colour, dark_pages[1]) >= 3;
}

static bool
dark_text_ok(const char *colour)
{
	return readable(colour, dark_pages, 3);
}

static void
move(
    const char *colour, bool (*good)(const char *), double step, char result[8])
{
	struct oklch o = to_oklch(colour);

	for (; o.l >= 0 && o.l <= 1; o.l += step) {
		from_oklch(o, result);
		if (good(result))
			return;
	}
	memcpy(result, step < 0 ? "#000000" : "#ffffff", 8);
}

void
brand_colours(const char *colour, struct brand *brand)
{
	move(colour, fill_ok, -STEP, brand->fill);
	move(colour, text_ok, -STEP, brand->text);
	move(colour, dark_fill_ok, STEP, brand->dark_fill);
	move(colour, dark_text_ok, STEP, brand->dark_text);
}

void
brand_css(const char *colour, struct buf *out)
{
	struct brand b;
	char dark[96];

	brand_colours(colour, &b);
	snprintf(dark, sizeof(dark), "--brand:%s;--brand-on:%s;--brand-text:%s",
	    b.dark_fill, ink_on_dark_fill, b.dark_text);
	buf_print(out,
	    "/* the customer's colour %s, moved until it can be "
	    "read */\n:root{--brand:%s;--brand-on:#fff;--brand-text:%s}\n",
	    colour, b.fill, b.text);
	buf_print(out,
	    "@media (prefers-color-scheme:dark){"
	    ":root:not([data-theme=light]){%s}}\n"
	    ":root[data-theme=dark]{%s}\n",
	    dark, dark);
}
