/* A type or a site: its batteries, by site or by type. */
#include <string.h>

#include "dashboard.h"

struct group {
	struct battery **battery;
	size_t count;
	size_t in_state[STATE_COUNT];
};

static struct group
collect(struct page *page, const struct type *type, const struct place *place)
{
	const struct site *site = page->site;
	struct group group = { .battery = arena_alloc(page->arena,
				   (site->count + 1) *
				       sizeof(struct battery *)) };

	for (size_t i = 0; i < site->count; i++) {
		struct battery *b = site->battery[i];

		if ((type != NULL && b->type != type) ||
		    (place != NULL && b->place->site != place))
			continue;
		group.battery[group.count++] = b;
		group.in_state[b->state]++;
	}
	return group;
}

static void
put_top(struct page *page, const struct group *group, const char *key)
{
	page_begin(page);
	page_crumbs_begin(page);
	page_crumbs_end(page, page->title);
	html_put(page->out,
	    "<div class=\"lead small\"><p class=\"over\">%s"
	    "</p><h1>%s</h1>",
	    word(page, key), page->title);
	put_counts(page, group->in_state);
	html_put(page->out,
	    "</div>\n<section class=\"now3\""
	    " aria-label=\"%s\">\n",
	    word(page, "b.now"));
	put_sums(
	    page, group->battery, group->count, group->in_state[STATE_SILENT]);
	html_put(page->out,
	    "<div class=\"fig\"><h2 class=\"lab\">%s</h2>"
	    "<dl class=\"rec\">",
	    word(page, "b.ident"));
}

static void
put_part(struct page *page, const char *folder, const char *slug,
    const char *name, const struct group *part)
{
	html_put(page->out,
	    "<li><a class=\"site\" href=\"../%s/%s.html\">"
	    "<span class=\"site-n\">%s</span><span class=\"sub\">%zu %s"
	    "</span></a>",
	    folder, slug, name, part->count,
	    word(page, part->count == 1 ? "n.battery" : "n.batteries"));
	put_ribbon(page, part->battery, part->count, name);
	html_put(page->out, "</li>");
}

static int
put_end(struct page *page, const struct group *group, unsigned column,
    struct failure *why)
{
	html_put(page->out,
	    "</ul></section>\n<section"
	    " aria-labelledby=\"h-b\"><div class=\"hd\"><h2 id=\"h-b\">%s"
	    "</h2></div>",
	    word(page, "nav.batteries"));
	put_table(page, group->battery, group->count,
	    column | COLUMN_SOC | COLUMN_POWER | COLUMN_SOH | COLUMN_AGE,
	    page->title, NULL);
	html_put(page->out, "</section>\n");
	return page_end(page, why);
}

static void
put_parts(struct page *page, const char *key)
{
	html_put(page->out,
	    "</div>\n</section>\n<section"
	    " aria-labelledby=\"h-sub\"><div class=\"hd\"><h2 id=\"h-sub\">"
	    "%s</h2></div><ul class=\"ribbons wide\">",
	    word(page, key));
}

int
page_type(struct page *page, struct type *type, struct failure *why)
{
	struct group group = collect(page, type, NULL), part;
	const struct fleet *fleet = page->fleet;

	if (group.count == 0)
		return 0;
	page->path = arena_print(page->arena, "types/%s.html", type->slug);
	page->title = type->name;
	page->kind = "group";
	page->tab = "fleet";
	page->live = "fleet";
	put_top(page, &group, "l.type");
	put_record(page, word(page, "b.maker"), type->maker);
	put_record(page, word(page, "b.model"), type->model);
	put_record(page, word(page, "b.bms"), type->bms);
	put_record(page, word(page, "b.cells"),
	    arena_print(page->arena, "%d \xc3\x97 %s", type->cells,
		word_of(page, "chem.", type->chemistry)));
	html_put(page->out, "<div><dt>%s</dt><dd>", word(page, "b.capacity"));
	put_value(page, type->capacity_ah, 0, "Ah", false);
	html_put(page->out, " \xc2\xb7 ");
	put_energy(page, type->capacity_wh);
	html_put(page->out, "</dd></div></dl>");
	put_custom(page, type->custom);
	put_parts(page, "home.sites");
	for (size_t i = 0; i < fleet->place_count; i++) {
		part = collect(page, type, &fleet->place[i]);
		if (part.count > 0)
			put_part(page, "sites", fleet->place[i].slug,
			    fleet->place[i].name, &part);
	}
	return put_end(page, &group, COLUMN_SITE, why);
}

static void
put_place(struct page *page, const struct place *place)
{
	const char *city = place->city == NULL ? "" : place->city;

	put_record(page, word(page, "g.place"), place->address);
	put_record(page, word(page, "l.site"),
	    place->province == NULL
		? city
		: arena_print(page->arena, "%s%s%s", city,
		      *city == '\0' ? "" : ", ", place->province));
	if (place->environment != NULL)
		put_record(page, word(page, "g.env"),
		    word_of(page, "env.", place->environment));
	put_record(page, word(page, "g.contact"), place->contact);
	put_record(page, word(page, "g.phone"), place->phone);
	put_record(page, word(page, "g.email"), place->email);
	html_put(page->out, "</dl>");
	put_custom(page, place->custom);
}

int
page_place(struct page *page, struct place *place, struct failure *why)
{
	struct group group = collect(page, NULL, place), part;
	const struct fleet *fleet = page->fleet;

	if (group.count == 0)
		return 0;
	page->path = arena_print(page->arena, "sites/%s.html", place->slug);
	page->title = place->name;
	page->kind = "group";
	page->tab = "fleet";
	page->live = "fleet";
	page->zone = place->zone;
	page->zone_name = place->zone_name;
	put_top(page, &group, "l.site");
	put_place(page, place);
	put_parts(page, "home.types");
	for (size_t i = 0; i < fleet->type_count; i++) {
		part = collect(page, &fleet->type[i], place);
		if (part.count > 0)
			put_part(page, "types", fleet->type[i].slug,
			    fleet->type[i].name, &part);
	}
	return put_end(page, &group, COLUMN_TYPE, why);
}
