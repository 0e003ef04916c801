#include "store/chosen.h"

#include <string.h>

#include "base/box.h"
#include "store/tenant.h"

int
chosen_list(const char *root, const struct arg_tenants *tenants,
    struct arena *arena, const char *const **slugs, size_t *count,
    struct failure *why)
{
	char **all;

	if (!tenants->all) {
		*slugs = tenants->slug;
		*count = tenants->count;
		return 0;
	}
	if (tenant_list(root, arena, &all, count, why) == -1)
		return -1;
	*slugs = (const char *const *)all;
	return 0;
}

int
chosen_box(const char *root, const char *const *slugs, size_t count, bool site,
    struct failure *why)
{
	size_t each = site ? 2 : 1, used = 0;
	struct arena arena = { 0 };
	struct box_path *paths =
	    arena_alloc(&arena, (count * each + 2) * sizeof(*paths));
	int result;

	for (size_t i = 0; i < count; i++) {
		paths[used++] = (struct box_path){ .right = BOX_WRITE,
			.path = arena_print(
			    &arena, "%s/tenants/%s", root, slugs[i]) };
		if (site)
			paths[used++] = (struct box_path){ .right = BOX_WRITE,
				.path = arena_print(
				    &arena, "%s/site/%s", root, slugs[i]) };
	}
	paths[used++] = (struct box_path){ "/usr/share/zoneinfo", BOX_READ };
	/* SQLite opens it when it first needs a random number */
	paths[used++] = (struct box_path){ "/dev/urandom", BOX_READ };
	result = box_enter(paths, used, BOX_NET_NONE, false, NULL, 0, why);
	arena_free(&arena);
	return result;
}

int
chosen_worse(int status, int other)
{
	static const int order[] = { EXIT_WRONG, EXIT_AGAIN, EXIT_REFUSED };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (status == order[i] || other == order[i])
			return order[i];
	return EXIT_OK;
}

/* Does the message begin with the tenant's name already? */
static bool
is_named(const char *message, const char *slug)
{
	static const char before[] = "tenant ";
	size_t size = strlen(slug);

	if (strncmp(message, before, sizeof(before) - 1) != 0)
		return false;
	message += sizeof(before) - 1;
	return strncmp(message, slug, size) == 0 &&
	    (message[size] == ':' || message[size] == ' ');
}

int
chosen_failed(const char *slug, const struct failure *why)
{
	if (is_named(why->message, slug))
		warn("%s", why->message);
	else
		warn("tenant %s: %s", slug, why->message);
	return (int)why->status;
}
