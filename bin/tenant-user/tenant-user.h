/* tenant-user: what its subcommands share. */
#ifndef TENANT_USER_H
#define TENANT_USER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arg.h"
#include "base/buf.h"
#include "base/err.h"
#include "store/access.h"
#include "web/secret.h"

typedef int subcommand(int argc, char **argv);
subcommand init_main, add_main, list_main, user_migrate_main, passwd_main,
    remove_main;

/* Open access.db, for changes, below the root; die otherwise. With
 * `share`, make it where it is not there. */
struct access *user_open(const char *root, const char *share);
/* Give up all rights but those on access.db. */
void user_box(const char *root);

/* Where a password comes from and where a generated one goes. */
struct password {
	const char *in, *out; /* --password-in, --password-out */
	bool ask; /* --ask: from the terminal */
	int out_fd; /* opened by password_prepare */
	char text[SECRET_PASSWORD_BYTES + 2];
	size_t size;
	bool made; /* generated: to be told */
};
/* Before anything is done: is there a place for it? Reads or generates the
 * password and checks it (rules A1, A2); dies where it may not be. */
void password_prepare(struct password *password, const char *role,
    const char *name, const char *tenant);
/* Its hash, into a buffer of ACCESS_HASH_MAX. */
void password_hash(const struct password *password, char *hash);
/* Hand out a generated password, once, and wipe it. */
void password_finish(struct password *password);
/* Nothing was changed: take the file back. */
void password_drop(struct password *password);

/* Dies unless the tenant's folder is there: a mistyped slug grants nothing
 * that anyone would notice. */
void user_tenant_check(const char *root, const char *tenant);
/* Name, tenant (NULL: none) and role into a login. */
void user_login_fill(struct access_login *login, const char *name,
    const char *tenant, const char *role);
/* One more tree: of the view, or (NULL) of the whole tenant. */
void user_grant(
    struct access_grants *grants, const char *tenant, const char *view);
/* Add it and hand out the password; dies where the name is taken. */
void user_add(struct access *access, const struct access_login *login,
    const struct access_grants *grants, struct password *password);

/* Dies unless the name is one that people can be asked to type. */
void user_name_check(const char *name);

#endif
