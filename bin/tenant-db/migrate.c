/* tenant-db migrate: bring databases up to the schema of this program, each
 * after a copy beside it. */
#include <getopt.h>
#include <stdlib.h>

#include "tenant-db.h"

static const char synopsis[] =
    "usage: tenant-db migrate [--root DIR] [--share DIR]\n"
    "           --all | --core | --tenant SLUG ...\n";

static const struct option options[] = { { "all", no_argument, NULL, 'a' },
	{ "core", no_argument, NULL, 'c' }, { "help", no_argument, NULL, 'h' },
	{ "root", required_argument, NULL, 'r' },
	{ "share", required_argument, NULL, 's' },
	{ "tenant", required_argument, NULL, 't' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

/* One that fails does not keep the others from theirs. */
static int
migrate(const char *root, const char *schema, const struct arg_tenants *tenants,
    bool core)
{
	struct failure why;
	int status = EXIT_OK;

	if (core && core_migrate(root, schema, &why) == -1) {
		warn("%s", why.message);
		status = (int)why.status;
	}
	for (size_t i = 0; i < tenants->count; i++)
		if (tenant_migrate(root, tenants->slug[i], schema, &why) ==
		    -1) {
			warn("%s", why.message);
			status = (int)why.status;
		}
	return status;
}

int
migrate_main(int argc, char **argv)
{
	struct common common = { .root = NULL };
	struct arg_tenants *tenants = &common.tenants;
	struct arena arena = { 0 };
	const char *share = NULL;
	bool core = false;
	int c, status;

	while ((c = getopt_long(argc, argv, "aht:", options, NULL)) != -1)
		switch (c) {
		case 'c':
			core = true;
			break;
		case 's':
			share = optarg;
			break;
		default:
			common_option(&common, c, synopsis);
		}
	common_end(&common, argc, synopsis);
	if (!core || tenants->all || tenants->count > 0)
		tenants_resolve(tenants, common.root, &arena);
	share = arg_share(share);
	box_root(common.root, share);
	status = migrate(common.root, arena_print(&arena, "%s/schema", share),
	    tenants, core || tenants->all);
	free(tenants->slug);
	arena_free(&arena);
	return status;
}
