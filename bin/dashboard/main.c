/*
 * dashboard: write the static site of a tenant, one tree for each of its
 * views. Comes in: the tenant's database, read only. Goes out: files below
 * site/<tenant>/<view>. One child for each tenant, which can open nothing
 * of another; one gnuplot for each child, in a box of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arg.h"
#include "base/box.h"
#include "base/clock.h"
#include "base/io.h"
#include "dashboard.h"
#include "store/sealed.h"

struct options {
	struct arg_tenants tenants;
	const char *root, *share, *lang, *battery, *view, *master;
	int64_t now_ms;
	bool verbose;
};

static const char synopsis[] =
    "usage: dashboard [-v] [--battery SLUG] [--lang LIST] [--master FILE]\n"
    "                 [--now TIME] [--root DIR] [--share DIR] [--view SLUG]\n"
    "                 --tenant SLUG ... | --all\n";

/* ---- rights ----------------------------------------------------------- */

static void
give_up_rights(const struct options *options, const char *tenant)
{
	struct failure why;
	struct buf own = { 0 }, site = { 0 };

	buf_print(&own, "%s/tenants/%s", options->root, tenant);
	buf_print(&site, "%s/site/%s", options->root, tenant);
	if (io_mkdirs(site.data, 0750, &why) == -1)
		die_failure(&why);
	const struct box_path paths[] = {
		{ own.data, BOX_WRITE }, /* WAL needs its -shm */
		{ site.data, BOX_WRITE }, { options->share, BOX_READ },
		{ "/usr/share/zoneinfo", BOX_READ },
		{ "/usr/share/javascript", BOX_READ }
	};
	if (box_enter(paths, sizeof(paths) / sizeof(*paths), BOX_NET_NONE,
		false, NULL, 0, &why) == -1)
		die_failure(&why);
	buf_free(&own);
	buf_free(&site);
}

/* ---- one tenant ------------------------------------------------------- */

static bool
has_words(const struct site *site, const char *lang)
{
	for (size_t i = 0; i < site->language_count; i++)
		if (strcmp(i18n_lang(site->words[i]), lang) == 0)
			return true;
	return false;
}

/* The customer's language first, then those that were asked for. */
static void
open_words(const struct options *options, const char *own, struct site *site)
{
	char list[64], *at = list, *lang;
	struct i18n *words;
	struct failure why;

	snprintf(list, sizeof(list), "%s,%s", own, options->lang);
	while ((lang = strsep(&at, ",")) != NULL) {
		if (*lang == '\0' || has_words(site, lang))
			continue;
		if (site->language_count == LANGUAGES_MAX)
			die(EXIT_WRONG, "--lang: more than %d", LANGUAGES_MAX);
		words = i18n_open(options->share, lang, &why);
		if (words == NULL)
			die_failure(&why);
		site->words[site->language_count++] = words;
	}
}

static void
write_view(const struct options *options, const struct fleet *fleet,
    const struct view *view, struct chart_pen *pen)
{
	struct site site = { .fleet = fleet,
		.view = view,
		.share = options->share,
		.pen = pen,
		.only = options->battery };
	struct failure why;

	open_words(options, fleet->language, &site);
	site.out = out_open(options->root, fleet->slug, view->slug, &why);
	if (site.out == NULL || site_write(&site, &why) == -1)
		die_failure(&why);
	if (options->verbose)
		warn("%s/%s: %zu batteries, %zu files changed", fleet->slug,
		    view->slug, site.count, out_changed(site.out));
	out_free(site.out);
	for (size_t i = 0; i < site.language_count; i++)
		i18n_free(site.words[i]);
}

static bool
has_battery(const struct fleet *fleet, const char *slug)
{
	for (size_t i = 0; i < fleet->battery_count; i++)
		if (strcmp(fleet->battery[i].slug, slug) == 0)
			return true;
	return false;
}

/* Whom to call at a place is sealed: with the tenant's key, where there is a
 * master key; without one it is left out. */
static void
unseal(const struct options *options, struct tenant *tenant)
{
	const char *path = arg_master(options->master);
	struct vault_secret *master = NULL;
	struct failure why;

	if (path != NULL) {
		master = vault_master_read(path, options->root, &why);
		if (master == NULL)
			die_failure(&why);
	}
	if (sealed_open(tenant_sql(tenant), master, options->root, &why) == -1)
		die_failure(&why);
	vault_secret_free(master);
}

/* The status of its client may not let it have pages: to be told to who
 * has asked for just this one. */
static bool
is_shown(const struct options *options, struct tenant *tenant)
{
	struct failure why;
	int shown = status_look(tenant, STATUS_SHOW, &why);

	if (shown == -1 || (shown == 0 && !options->tenants.all))
		die_failure(&why);
	return shown == 1;
}

static void
write_tenant(const struct options *options, const char *slug)
{
	struct arena arena = { 0 };
	struct fleet fleet = {
		.arena = &arena, .slug = slug, .now_ms = options->now_ms
	};
	struct failure why;
	struct chart_pen *pen = chart_open(&why);
	struct view *views;
	size_t count, written = 0;

	if (pen == NULL)
		die_failure(&why);
	fleet.tenant = tenant_open(options->root, slug, SQL_READ, &why);
	if (fleet.tenant == NULL)
		die_failure(&why);
	unseal(options, fleet.tenant);
	give_up_rights(options, slug);
	if (!is_shown(options, fleet.tenant)) {
		chart_close(pen);
		tenant_close(fleet.tenant);
		return;
	}
	if (view_list(fleet.tenant, &arena, &views, &count, &why) == -1 ||
	    load_fleet(&fleet, &why) == -1)
		die_failure(&why);
	if (options->battery != NULL && !has_battery(&fleet, options->battery))
		die(EXIT_WRONG, "%s: no battery %s", slug, options->battery);
	for (size_t i = 0; i < count && !io_stopping(); i++) {
		if (options->view != NULL &&
		    strcmp(options->view, views[i].slug) != 0)
			continue;
		write_view(options, &fleet, &views[i], pen);
		written++;
	}
	if (options->view != NULL && written == 0)
		die(EXIT_WRONG, "%s: no view %s", slug, options->view);
	if (options->view == NULL && options->battery == NULL &&
	    !io_stopping() &&
	    out_views(options->root, slug, views, count, &why) == -1)
		die_failure(&why);
	chart_close(pen);
	free_fleet(&fleet);
	tenant_close(fleet.tenant);
	arena_free(&arena);
}

/* In a child, so that no process ever may open two tenants. */
static int
start_tenant(const struct options *options, const char *slug)
{
	int status;
	pid_t pid;

	if (!io_slug_ok(slug))
		die(EXIT_WRONG, "--tenant: %s: no slug", slug);
	pid = fork();
	if (pid == -1)
		die(EXIT_AGAIN, "fork:");
	if (pid == 0) {
		write_tenant(options, slug);
		exit(EXIT_OK);
	}
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			die(EXIT_AGAIN, "waitpid:");
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	warn("%s: ended by signal %d", slug, WTERMSIG(status));
	return EXIT_AGAIN;
}

static int
start_all(const struct options *options)
{
	struct arena arena = { 0 };
	struct failure why;
	int worst = EXIT_OK, status;
	char **slugs;
	size_t count;

	if (!options->tenants.all) {
		slugs = (char **)options->tenants.slug;
		count = options->tenants.count;
	} else if (tenant_list(options->root, &arena, &slugs, &count, &why) ==
	    -1) {
		die_failure(&why);
	}
	for (size_t i = 0; i < count && !io_stopping(); i++) {
		status = start_tenant(options, slugs[i]);
		worst = status > worst ? status : worst;
	}
	arena_free(&arena);
	return worst;
}

/* ---- start ------------------------------------------------------------ */

static const struct option long_options[] = { { "all", no_argument, NULL, 'A' },
	{ "battery", required_argument, NULL, 'b' },
	{ "help", no_argument, NULL, 'h' },
	{ "lang", required_argument, NULL, 'l' },
	{ "master", required_argument, NULL, 'm' },
	{ "now", required_argument, NULL, 'n' },
	{ "root", required_argument, NULL, 'r' },
	{ "share", required_argument, NULL, 's' },
	{ "tenant", required_argument, NULL, 't' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "view", required_argument, NULL, 'w' }, { NULL, 0, NULL, 0 } };

static void
read_options(struct options *options, int argc, char **argv)
{
	int c;

	while (
	    (c = getopt_long(argc, argv, "hvt:", long_options, NULL)) != -1) {
		switch (c) {
		case 'A':
			options->tenants.all = true;
			break;
		case 'b':
			options->battery = optarg;
			break;
		case 'h':
			arg_usage(synopsis, true);
		case 'l':
			options->lang = optarg;
			break;
		case 'm':
			options->master = optarg;
			break;
		case 'n':
			options->now_ms = arg_time_ms("--now", optarg);
			break;
		case 'r':
			options->root = optarg;
			break;
		case 's':
			options->share = optarg;
			break;
		case 't':
			arg_tenant_add(&options->tenants, optarg);
			break;
		case 'v':
			options->verbose = true;
			break;
		case 'V':
			arg_version();
		case 'w':
			options->view = optarg;
			break;
		default:
			arg_usage(synopsis, false);
		}
	}
	if (optind < argc)
		arg_usage(synopsis, false);
}

int
main(int argc, char **argv)
{
	struct options options = { .lang = "fr,en", .now_ms = -1 };
	int status;

	err_name_set("dashboard");
	read_options(&options, argc, argv);
	arg_tenants_check(&options.tenants);
	options.root = arg_root(options.root);
	options.share = arg_share(options.share);
	if (options.now_ms == -1)
		options.now_ms = clock_now_ms();
	io_stop_on_signals();
	status = start_all(&options);
	free(options.tenants.slug);
	return status;
}
