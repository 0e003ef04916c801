/* All files of one view. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "dashboard.h"

#define DYGRAPHS "/usr/share/javascript/dygraphs/dygraph.min.js"

/* ---- what the view holds ---------------------------------------------- */

static int
order_batteries(const void *a, const void *b)
{
	const struct battery *x = *(struct battery *const *)a;
	const struct battery *y = *(struct battery *const *)b;

	if (x->state != y->state)
		return x->state < y->state ? -1 : 1;
	return strcmp(x->slug, y->slug);
}

static int
order_alerts(const void *a, const void *b)
{
	return alert_order(
	    *(struct alert *const *)a, *(struct alert *const *)b);
}

static void
collect(struct site *site)
{
	const struct fleet *fleet = site->fleet;

	site->battery = arena_alloc(fleet->arena,
	    (fleet->battery_count + 1) * sizeof(struct battery *));
	site->alert = arena_alloc(
	    fleet->arena, (fleet->alert_count + 1) * sizeof(struct alert *));
	for (size_t i = 0; i < fleet->battery_count; i++) {
		struct battery *b = &fleet->battery[i];

		if (!view_has(site->view, b->id))
			continue;
		site->battery[site->count++] = b;
		site->in_state[b->state]++;
		if (b->has_newest && b->newest.time_ms > site->newest_ms)
			site->newest_ms = b->newest.time_ms;
	}
	for (size_t i = 0; i < fleet->alert_count; i++) {
		struct alert *a = &fleet->alert[i];

		if (!view_has(site->view, a->battery->id))
			continue;
		site->alert[site->alert_count++] = a;
		if (strcmp(a->status, "active") != 0)
			continue;
		site->active++;
		site->critical += a->severity >= SEVERITY_CRITICAL;
	}
	qsort(site->battery, site->count, sizeof(struct battery *),
	    order_batteries);
	qsort(site->alert, site->alert_count, sizeof(struct alert *),
	    order_alerts);
}

/* ---- files that are the same for every page --------------------------- */

/* The words that the scripts need: a module for each language. */
static int
write_words(
    struct site *site, const json_t *keys, struct buf *out, struct failure *why)
{
	const json_t *key;
	char path[32];
	size_t k;

	for (size_t i = 0; i < site->language_count; i++) {
		buf_clear(out);
		buf_text(out, "export default {\n");
		json_array_foreach(keys, k, key)
		{
			buf_text(out, k == 0 ? "" : ",\n");
			html_json_text(out, json_string_value(key));
			buf_text(out, ": ");
			html_json_text(out,
			    i18n_word(site->words[i], json_string_value(key)));
		}
		buf_text(out, "\n}\n");
		snprintf(path, sizeof(path), "assets/js/i18n/%s.js",
		    i18n_lang(site->words[i]));
		if (out_file(site->out, path, out, why) == -1)
			return -1;
	}
	return 0;
}

static int
write_assets(struct site *site, struct buf *out, struct failure *why)
{
	static const char *const folders[] = { "css", "js" };
	char path[4096], to[32];
	struct stat st;
	json_t *keys;
	int result;

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		snprintf(
		    path, sizeof(path), "%s/web/%s", site->share, folders[i]);
		snprintf(to, sizeof(to), "assets/%s", folders[i]);
		if (out_tree(site->out, path, to, why) == -1)
			return -1;
	}
	snprintf(path, sizeof(path), "%s/web/icon.svg", site->share);
	if (out_copy(site->out, path, "assets/icon.svg", why) == -1)
		return -1;
	snprintf(path, sizeof(path), "%s/web/sw.js", site->share);
	if (out_copy(site->out, path, "sw.js", why) == -1)
		return -1;
	if (stat(DYGRAPHS, &st) == 0 &&
	    out_copy(site->out, DYGRAPHS,
		"assets/vendor/dygraphs/dygraph.min.js", why) == -1)
		return -1;
	snprintf(path, sizeof(path), "%s/i18n/script.json", site->share);
	keys = json_file(path, why);
	if (keys == NULL)
		return -1;
	result = write_words(site, keys, out, why);
	json_decref(keys);
	return result;
}

/* The page that sends to the customer's language, and the manifest. */
static int
write_root(struct site *site, struct buf *out, struct failure *why)
{
	const char *lang = i18n_lang(site->words[0]);
	const char *name = site->fleet->name;

	buf_clear(out);
	html_put(out,
	    "<!doctype html>\n<html lang=\"%s\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n"
	    "<meta name=\"viewport\""
	    " content=\"width=device-width, initial-scale=1\">\n"
	    "<title>%s</title>\n<meta http-equiv=\"refresh\""
	    " content=\"0; url=%s/index.html\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n</head>\n<body>\n"
	    "<main><h1>%s</h1><ul>",
	    lang, PAGE_POLICY, name, lang, name);
	for (size_t i = 0; i < site->language_count; i++)
		html_put(out,
		    "<li><a lang=\"%s\" hreflang=\"%s\""
		    " href=\"%s/index.html\">%s</a></li>",
		    i18n_lang(site->words[i]), i18n_lang(site->words[i]),
		    i18n_lang(site->words[i]),
		    i18n_word(site->words[i], "lang.name"));
	html_put(out, "</ul></main>\n</body>\n</html>\n");
	if (out_file(site->out, "index.html", out, why) == -1)
		return -1;
	buf_clear(out);
	buf_text(out, "{\"name\": ");
	html_json_text(out, name);
	buf_print(out,
	    ", \"short_name\": \"Batteries\", \"start_url\": "
	    "\"%s/index.html\", \"scope\": \"./\", \"display\": "
	    "\"standalone\", \"background_color\": \"#f4f3ee\", "
	    "\"theme_color\": \"#f4f3ee\", \"icons\": [{\"src\": "
	    "\"assets/icon.svg\", \"sizes\": \"any\", \"type\": "
	    "\"image/svg+xml\"}]}\n",
	    lang);
	return out_file(site->out, "manifest.webmanifest", out, why);
}

/* ---- pages ------------------------------------------------------------ */

static struct page
new_page(
    struct site *site, size_t language, struct arena *arena, struct buf *out)
{
	arena_reset(arena);
	return (struct page){ .site = site,
		.fleet = site->fleet,
		.words = site->words[language],
		.arena = arena,
		.out = out,
		.zone = site->fleet->zone,
		.zone_name = site->fleet->zone_name,
		.newest_ms = site->newest_ms };
}

static int
write_groups(struct site *site, size_t language, struct arena *arena,
    struct buf *out, struct failure *why)
{
	struct page page;

	for (size_t i = 0; i < site->fleet->type_count; i++) {
		page = new_page(site, language, arena, out);
		if (page_type(&page, &site->fleet->type[i], why) == -1)
			return -1;
	}
	for (size_t i = 0; i < site->fleet->place_count; i++) {
		page = new_page(site, language, arena, out);
		if (site->fleet->place[i].site == &site->fleet->place[i] &&
		    page_place(&page, &site->fleet->place[i], why) == -1)
			return -1;
	}
	return 0;
}

static int
write_language(struct site *site, size_t language, struct arena *arena,
    struct buf *out, struct failure *why)
{
	static int (*const pages[])(struct page *,
	    struct failure *) = { page_home, page_list, page_alerts };
	struct page page;

	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
		page = new_page(site, language, arena, out);
		if (pages[i](&page, why) == -1)
			return -1;
	}
	page = new_page(site, language, arena, out);
	if (page_specials(&page, why) == -1)
		return -1;
	return write_groups(site, language, arena, out, why);
}

static int
write_battery(struct site *site, const struct battery *battery,
    struct arena *arena, struct buf *out, struct failure *why)
{
	struct buf commands = { 0 }, svg = { 0 };
	struct arena rows = { 0 };
	struct history history;
	struct page page;
	int result = history_load(site->fleet, battery, &rows, &history, why);

	if (result == 0) {
		picture_day(&commands, site->fleet, battery);
		if (history.count[UNIT_DAY] > 0)
			picture_history(
			    &commands, battery->place->zone, &history);
		result = chart_draw(site->pen, &commands, &svg, why);
	}
	if (result == 0)
		result = data_battery(site, battery, &history, why);
	for (size_t i = 0; i < site->language_count && result == 0; i++) {
		page = new_page(site, i, arena, out);
		result = page_battery(&page, battery, &history, &svg, why);
	}
	buf_free(&commands);
	buf_free(&svg);
	arena_free(&rows);
	return result;
}

static int
write_all(struct site *site, struct arena *arena, struct buf *out,
    struct failure *why)
{
	struct buf commands = { 0 };
	int result;

	picture_fleet(&commands, site);
	result = chart_draw(site->pen, &commands, &site->fleet_svg, why);
	buf_free(&commands);
	if (result == -1 || write_assets(site, out, why) == -1 ||
	    write_root(site, out, why) == -1 || data_fleet(site, why) == -1)
		return -1;
	for (size_t i = 0; i < site->language_count; i++)
		if (write_language(site, i, arena, out, why) == -1)
			return -1;
	return 0;
}

/* The marks and icons, put into every page. */
static int
read_sprite(struct site *site, struct failure *why)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/web/sprite.svg", site->share);
	return io_file_read(
	    AT_FDCWD, path, (size_t)1 << 16, &site->sprite, why);
}

int
site_write(struct site *site, struct failure *why)
{
	struct arena arena = { 0 };
	struct buf out = { 0 };
	int result;

	collect(site);
	result = read_sprite(site, why);
	if (result == 0 && site->only == NULL)
		result = write_all(site, &arena, &out, why);
	for (size_t i = 0; i < site->count && result == 0; i++)
		if (site->only == NULL ||
		    strcmp(site->only, site->battery[i]->slug) == 0)
			result = write_battery(
			    site, site->battery[i], &arena, &out, why);
	if (result == 0 && site->only == NULL)
		result = out_prune(site->out, why);
	buf_free(&site->fleet_svg);
	buf_free(&site->sprite);
	buf_free(&out);
	arena_free(&arena);
	return result;
}
