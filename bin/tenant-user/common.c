/* Opening access.db and giving up the rest. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/box.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/num.h"
#include "tenant-user.h"
#include "web/path.h"

struct access *
user_open(const char *root, const char *share)
{
	struct failure why;
	struct access *access = share != NULL ? access_create(root, share, &why)
					      : access_open(root, &why);

	if (access == NULL)
		die_failure(&why);
	return access;
}

void
user_box(const char *root)
{
	static const char *const names[] = { "", "-wal", "-shm" };
	struct buf path[3] = { { 0 } };
	struct box_path paths[3];
	struct failure why;

	for (size_t i = 0; i < 3; i++) {
		buf_print(&path[i], "%s/access.db%s", root, names[i]);
		paths[i] = (struct box_path){ path[i].data, BOX_WRITE };
	}
	if (box_enter(paths, 3, BOX_NET_NONE, false, NULL, 0, &why) != 0)
		die_failure(&why);
	for (size_t i = 0; i < 3; i++)
		buf_free(&path[i]);
}

void
user_name_check(const char *name)
{
	size_t size = strlen(name);

	if (size == 0 || size > ACCESS_NAME_MAX || !num_utf8(name, size))
		die(EXIT_WRONG, "a name has 1 to %d bytes of UTF-8",
		    ACCESS_NAME_MAX);
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)name[i] <= 0x20 || name[i] == 0x7f)
			die(EXIT_WRONG, "%s: a name has no blanks", name);
}

void
user_tenant_check(const char *root, const char *tenant)
{
	struct buf path = { 0 };
	struct stat st;

	if (!io_slug_ok(tenant))
		die(EXIT_WRONG, "--tenant: \"%s\" is no tenant's slug", tenant);
	buf_print(&path, "%s/tenants/%s", root, tenant);
	if (stat(path.data, &st) != 0)
		die(EXIT_WRONG, "%s (tenant-db create makes it):", path.data);
	buf_free(&path);
}

void
user_login_fill(struct access_login *login, const char *name,
    const char *tenant, const char *role)
{
	snprintf(login->name, sizeof login->name, "%s", name);
	snprintf(login->tenant, sizeof login->tenant, "%s",
	    tenant != NULL ? tenant : "");
	snprintf(login->role, sizeof login->role, "%s", role);
}

void
user_grant(struct access_grants *grants, const char *tenant, const char *view)
{
	char *prefix = grants->prefix[grants->count++];

	snprintf(prefix, ACCESS_PREFIX_MAX, "/%s/%s%s", tenant,
	    view != NULL ? view : "", view != NULL ? "/" : "");
	if (!path_prefix_ok(prefix))
		die(EXIT_WRONG, "%s: not to be granted", prefix);
}

void
user_add(struct access *access, const struct access_login *login,
    const struct access_grants *grants, struct password *password)
{
	struct failure why;
	int got = access_add(access, login, grants, clock_now_ms(), &why);

	if (got == 1) {
		password_finish(password);
		return;
	}
	password_drop(password);
	if (got == 0)
		die(EXIT_REFUSED, "%s: the name is taken", login->name);
	die_failure(&why);
}
