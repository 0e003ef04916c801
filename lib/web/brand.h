/* One colour from the customer in, four colours with enough contrast out. */
#ifndef WEB_BRAND_H
#define WEB_BRAND_H

#include <stdbool.h>

#include "base/buf.h"

#define BRAND_DEFAULT "#0e7c6b"

/* "#rrggbb", in either case, and nothing else. */
bool brand_colour_ok(const char *colour);

/* Colours as "#rrggbb": fill and text on the light page, on the dark one. */
struct brand {
	char fill[8], text[8], dark_fill[8], dark_text[8];
};

/*
 * The hue stays; only the lightness (OKLCH) moves until white on the fill,
 * the text on the darkest light surface, near-black on the dark fill and
 * the dark text on the lightest dark surface have a contrast of 4.55:1.
 * `colour` must be brand_colour_ok.
 */
void brand_colours(const char *colour, struct brand *brand);
/* The contrast of two colours after WCAG 2: 1 to 21. */
double brand_contrast(const char *a, const char *b);
/* The start of data/brand.css. */
void brand_css(const char *colour, struct buf *out);

#endif
