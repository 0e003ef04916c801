/* lib/web: escaping, words and numbers, colours, the filter of charts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/zone.h"
#include "web/brand.h"
#include "web/chart.h"
#include "web/html.h"
#include "web/i18n.h"

#define NNBSP "\xe2\x80\xaf"
#define NBSP "\xc2\xa0"
#define MINUS "\xe2\x88\x92"

static const char *
share(void)
{
	const char *dir = getenv("TBMS_SHARE");

	return dir == NULL ? "share" : dir;
}

static void
check_text(const char *text, const char *wanted)
{
	struct buf out = { 0 };

	html_put(&out, "%s", text);
	assert_string_equal(out.data == NULL ? "" : out.data, wanted);
	buf_free(&out);
}

static void
escapes_text(void **state)
{
	(void)state;
	check_text("<img src=x onerror=\"a('b')\">&amp;",
	    "&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;amp;");
	check_text("\xc3\x89nergie \xe2\x82\xac \xf0\x9f\x94\x8b",
	    "\xc3\x89nergie \xe2\x82\xac \xf0\x9f\x94\x8b");
	check_text("a\xe2\x80\xa8"
		   "b\xe2\x80\xa9"
		   "c",
	    "a b c");
	/* overlong <, a surrogate, a cut sequence, a stray byte */
	check_text("\xc0\xbc", "\xef\xbf\xbd\xef\xbf\xbd");
	check_text("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	check_text("x\xe2\x82", "x\xef\xbf\xbd\xef\xbf\xbd");
	check_text("\x80<", "\xef\xbf\xbd&lt;");
	check_text("a\x01\x7f", "a\xef\xbf\xbd\xef\xbf\xbd");
	check_text("a\xe2\x80\xae"
		   "b",
	    "ab"); /* right-to-left override */
}

static void
fills_holes(void **state)
{
	struct buf out = { 0 };

	(void)state;
	html_put(&out, "<a b=\"%s\" c=\"%d\">%5.1f%% %lld %zu %c %.3g</a>",
	    "\"><x>", -3, 2.25, 9000000000LL, (size_t)7, 'z', 1234567.0);
	assert_string_equal(out.data,
	    "<a b=\"&quot;&gt;&lt;x&gt;\" c=\"-3\">"
	    "  2.2% 9000000000 7 z 1.23e+06</a>");
	buf_free(&out);
}

static void
judges_links(void **state)
{
	(void)state;
	assert_true(html_url_ok("https://example.org/a?b=c"));
	assert_true(html_url_ok("HTTP://example.org"));
	assert_true(html_url_ok("mailto:a@example.org"));
	assert_false(html_url_ok("javascript:alert(1)"));
	assert_false(html_url_ok(" https://example.org"));
	assert_false(html_url_ok("https:\\\\example.org"));
	assert_false(html_url_ok("data:text/html,x"));
	assert_false(html_url_ok("//example.org"));
	assert_false(html_url_ok("https://a\nb"));
}

static void
escapes_json(void **state)
{
	struct buf out = { 0 };

	(void)state;
	html_json_text(&out, "</script>\"\\\n\xe2\x80\xa8\xff\xc3\xa9");
	assert_string_equal(out.data,
	    "\"\\u003c/script>\\\"\\\\\\u000a"
	    "\\u2028\xef\xbf\xbd\xc3\xa9\"");
	buf_free(&out);
}

/* The figures are those of the prototype's brand.py. */
static void
moves_colours(void **state)
{
	static const char *const table[][5] = {
		{ "#0e7c6b", "#0e7c6b", "#117565", "#268a78", "#42a18e" },
		{ "#1976d2", "#1976d2", "#0e69bf", "#247eda", "#3d94f2" },
		{ "#ffff00", "#797905", "#6b6c0a", "#ffff00", "#ffff00" },
		{ "#ffffff", "#747474", "#696969", "#ffffff", "#ffffff" },
		{ "#000000", "#000000", "#000000", "#7c7c7c", "#929292" },
		{ "#ff0000", "#e81b12", "#d30b06", "#ff0000", "#fc5b4a" },
		{ "#7f3fbf", "#7f3fbf", "#7f3fbf", "#9b5ddf", "#b174f7" }
	};
	struct brand b;

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		brand_colours(table[i][0], &b);
		assert_string_equal(b.fill, table[i][1]);
		assert_string_equal(b.text, table[i][2]);
		assert_string_equal(b.dark_fill, table[i][3]);
		assert_string_equal(b.dark_text, table[i][4]);
	}
	assert_true(brand_colour_ok("#00aaFF"));
	assert_false(brand_colour_ok("#00aaF"));
	assert_false(brand_colour_ok("#00aaFF;"));
	assert_false(brand_colour_ok("red"));
	assert_false(brand_colour_ok(NULL));
	/* black on white is 21:1 by definition */
	assert_true(fabs(brand_contrast("#000000", "#ffffff") - 21) < 1e-9);
}

static struct i18n *
words_of(const char *lang)
{
	struct failure why;
	struct i18n *words = i18n_open(share(), lang, &why);

	assert_non_null(words);
	return words;
}

static void
writes_numbers(void **state)
{
	struct i18n *fr = words_of("fr"), *en = words_of("en");
	struct i18n *es = words_of("es");
	struct arena arena = { 0 };

	(void)state;
	assert_string_equal(i18n_number(&arena, fr, 1234567.25, 1, false),
	    "1" NNBSP "234" NNBSP "567,2");
	assert_string_equal(
	    i18n_number(&arena, en, 1234.5, 1, true), "+1,234.5");
	assert_string_equal(
	    i18n_number(&arena, fr, -1.21, 2, true), MINUS "1,21");
	assert_string_equal(i18n_number(&arena, fr, -0.04, 1, true), "0,0");
	assert_string_equal(
	    i18n_number(&arena, fr, NAN, 1, true), "\xe2\x80\x93");
	/* Spanish leaves four digits together */
	assert_string_equal(i18n_number(&arena, es, 1234, 0, false), "1234");
	assert_string_equal(
	    i18n_number(&arena, es, 12345, 0, false), "12" NNBSP "345");
	assert_string_equal(i18n_duration(&arena, fr, 4), "4" NBSP "s");
	assert_string_equal(i18n_duration(&arena, fr, 1574), "26" NBSP "min");
	assert_string_equal(
	    i18n_duration(&arena, fr, 11520), "3" NBSP "h" NBSP "12");
	assert_string_equal(
	    i18n_duration(&arena, fr, 187200), "2" NBSP "j" NBSP "4" NBSP "h");
	i18n_free(fr);
	i18n_free(en);
	i18n_free(es);
	arena_free(&arena);
}

static void
writes_times(void **state)
{
	struct i18n *fr = words_of("fr"), *en = words_of("en");
	const int64_t time_ms = INT64_C(1795203125000); /* 19:32:05 UTC */
	struct arena arena = { 0 };
	struct failure why;
	struct zone *zone = zone_open("America/Toronto", &why);

	(void)state;
	assert_non_null(zone);
	assert_string_equal(
	    i18n_stamp(&arena, fr, zone, time_ms), "20 nov., 14:32");
	assert_string_equal(
	    i18n_stamp(&arena, en, zone, time_ms), "Nov 20, 14:32");
	assert_string_equal(
	    i18n_date(&arena, en, 2027, 7, 21, true), "Jul 21, 2027");
	assert_string_equal(
	    i18n_zone(&arena, fr, zone, time_ms), "HNE (UTC" MINUS "5)");
	assert_string_equal(
	    i18n_iso(&arena, zone, time_ms), "2026-11-20T14:32:05-05:00");
	assert_string_equal(i18n_fill(&arena, fr, "home.h1", "ok", "49", "n",
				"60", (char *)NULL),
	    "49 batteries sur 60 sont en ordre.");
	zone_free(zone);
	i18n_free(fr);
	i18n_free(en);
	arena_free(&arena);
}

/* Each language has the words of the others, with the same holes. */
static void
knows_all_words(void **state)
{
	static const char *const keys[] = { "st.ok", "home.h1", "why.silent",
		"month.12", "lang.decimal", "x.404.h" };
	static const char *const langs[] = { "fr", "en", "es", "pt" };
	struct failure why;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct i18n *words = words_of(langs[i]);

		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
			assert_non_null(i18n_find(words, keys[k]));
		assert_null(i18n_find(words, "no such word"));
		assert_string_equal(i18n_word(words, "no such"), "no such");
		i18n_free(words);
	}
	assert_null(i18n_open(share(), "../fr", &why));
	assert_null(i18n_open(share(), "xx", &why));
}

static void
filters_charts(void **state)
{
	static const char hostile[] =
	    "<svg onload='x'>"
	    "<script>alert(1)</script><image href='http://x'/>"
	    "<path stroke='rgb(  0,   0,   3)' onclick='x'"
	    "  d='M1.04,2.00 L3.50,-4.96 &b; \"L5,6'/>"
	    "<path stroke='rgb(  0,   0,   3)' d='M1,2 L3,4<b> L5,6'/>"
	    "<path stroke='rgb(9,0,3)' d='M1,2 L3,4 L5,6'/>"
	    "<polygon fill = 'rgb(0,0,5)' points = '0,0 1,1 2.26,3\"\"'/>"
	    "<g transform=\"translate(5.0,7.25)\" x text-anchor=\"middle\">"
	    "<text><tspan font-family=\"a\">@1</tspan></text></g>"
	    "<g transform=\"translate(5.0,8.0)\" text-anchor=\"end\">"
	    "<text><tspan> -2.5<u>&x;</u></tspan></text></g>";
	const char *label[] = { "zero", "<i>" };
	struct chart_look look = { .width = 10,
		.height = 20,
		.caption = "\"><script>",
		.label = label,
		.label_count = 2,
		.decimal = "," };
	struct buf out = { 0 };

	(void)state;
	chart_put(&out, hostile, strlen(hostile), &look);
	assert_string_equal(out.data,
	    "<svg class=\"still\" "
	    "viewBox=\"0 0 10 20\" role=\"img\" "
	    "aria-label=\"&quot;&gt;&lt;script&gt;\">"
	    "<path class=\"g-line\" d=\"M1 2L3.5 -5L5 6\"/>"
	    "<path class=\"g-in\" d=\"M0 0L1 1L2.3 3Z\"/>"
	    "<text x=\"5\" y=\"7.2\" text-anchor=\"middle\">&lt;i&gt;</text>"
	    "<text x=\"5\" y=\"8\" text-anchor=\"end\">" MINUS "2,5</text>"
	    "</svg>");
	buf_free(&out);
}

/* The pen itself: two pictures in one go, then another. */
static void
draws(void **state)
{
	struct buf commands = { 0 }, svg = { 0 };
	struct failure why;
	struct chart_pen *pen = chart_open(&why);
	size_t size;

	(void)state;
	assert_non_null(pen);
	for (int round = 0; round < 2; round++) {
		buf_clear(&commands);
		for (int i = 0; i < 2 - round; i++) {
			chart_head(&commands, 300, 200);
			buf_text(&commands,
			    "set xrange [0:9]\n"
			    "plot x w l lc rgb \"#000003\"\n");
		}
		assert_int_equal(chart_draw(pen, &commands, &svg, &why), 0);
	}
	for (size_t n = 0; n < 3; n++)
		assert_non_null(chart_nth(&svg, n, &size));
	assert_null(chart_nth(&svg, 3, &size));
	chart_close(pen);
	buf_free(&commands);
	buf_free(&svg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_text),
		cmocka_unit_test(fills_holes),
		cmocka_unit_test(judges_links),
		cmocka_unit_test(escapes_json),
		cmocka_unit_test(moves_colours),
		cmocka_unit_test(writes_numbers),
		cmocka_unit_test(writes_times),
		cmocka_unit_test(knows_all_words),
		cmocka_unit_test(filters_charts),
		cmocka_unit_test(draws),
	};

	return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
