/*
 * tenant-db digest: one sum over what a tenant's database says. Two ways to
 * the same data give the same sum: whatever the order, with doubles, sealed
 * or not, restored, or mended afterwards.
 */
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/chosen.h"
#include "store/content.h"
#include "tenant-db.h"
#include "vault/digest.h"

static const char synopsis[] =
    "usage: tenant-db digest [--lines PART] [--root DIR]\n"
    "           --all | --tenant SLUG ...\n";

static const struct option options[] = { { "all", no_argument, NULL, 'a' },
	{ "help", no_argument, NULL, 'h' },
	{ "lines", required_argument, NULL, 'l' },
	{ "root", required_argument, NULL, 'r' },
	{ "tenant", required_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

static int
put_sum(void *digest, const char *lines, size_t size)
{
	digest_put(digest, lines, size);
	return io_stopping();
}

static int
put_lines(void *nothing, const char *lines, size_t size)
{
	(void)nothing;
	if (io_write_all(STDOUT_FILENO, lines, size) == -1)
		die_output();
	return io_stopping();
}

static int
sum_part(struct tenant *tenant, const struct content_part *part,
    struct digest *whole, struct buf *out, struct failure *why)
{
	struct digest *digest = digest_open();
	struct buf line = { NULL, 0, 0 };
	char hex[DIGEST_HEX];
	uint64_t rows;
	int got =
	    content_lines(tenant, part->name, put_sum, digest, &rows, why);

	digest_close(digest, hex);
	buf_print(out, "%s\"%s\":{\"rows\":%llu,\"sha256\":\"%s\"}",
	    out->size > 0 ? "," : "", part->name, (unsigned long long)rows,
	    hex);
	buf_print(&line, "%s %s\n", part->name, hex);
	if (!part->apart)
		digest_put(whole, line.data, line.size);
	buf_free(&line);
	return got;
}

/* 0, 1 it was told to stop, -1 with a failure. */
static int
sum(struct tenant *tenant, const char *slug, struct failure *why)
{
	struct digest *whole = digest_open();
	struct buf parts = { NULL, 0, 0 }, line = { NULL, 0, 0 };
	const struct content_part *part;
	char hex[DIGEST_HEX];
	int got = 0;

	for (size_t n = 0; got == 0 && (part = content_part(n)) != NULL; n++)
		got = sum_part(tenant, part, whole, &parts, why);
	digest_close(whole, hex);
	buf_print(&line,
	    "{\"kind\":\"digest\",\"tenant\":\"%s\",\"sha256\":\"%s\","
	    "\"parts\":{%s}}\n",
	    slug, hex, parts.data);
	if (got == 0 && io_write_all(STDOUT_FILENO, line.data, line.size) == -1)
		die_output();
	buf_free(&line);
	buf_free(&parts);
	return got;
}

static int
job(const char *root, const char *slug, const char *part)
{
	struct failure why;
	struct tenant *tenant = tenant_open(root, slug, SQL_READ, &why);
	uint64_t rows;
	int got = -1;

	if (tenant != NULL)
		got = part == NULL
		    ? sum(tenant, slug, &why)
		    : content_lines(tenant, part, put_lines, NULL, &rows, &why);
	tenant_close(tenant);
	if (got != -1)
		return EXIT_OK;
	return chosen_failed(slug, &why);
}

int
digest_main(int argc, char **argv)
{
	struct common common = { .root = NULL };
	const struct arg_tenants *tenants = &common.tenants;
	struct arena arena = { 0 };
	const char *part = NULL;
	int c, status = EXIT_OK;

	while ((c = getopt_long(argc, argv, "ahl:t:", options, NULL)) != -1)
		if (c == 'l')
			part = optarg;
		else
			common_option(&common, c, synopsis);
	common_end(&common, argc, synopsis);
	tenants_resolve(&common.tenants, common.root, &arena);
	io_stop_on_signals();
	box_tenants(common.root, tenants->slug, tenants->count, false);
	for (size_t i = 0; i < tenants->count && !io_stopping(); i++)
		status = chosen_worse(
		    status, job(common.root, tenants->slug[i], part));
	free(tenants->slug);
	arena_free(&arena);
	return status;
}
