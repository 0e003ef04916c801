/* What the subcommands of tenant-db share. */
#ifndef TENANT_DB_H
#define TENANT_DB_H

#include "base/arg.h"
#include "base/box.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/refusals.h"
#include "store/access.h"
#include "store/check.h"
#include "store/tenant.h"

/* Each gets its own arguments, its name first, and returns an exit status. */
typedef int subcommand(int argc, char **argv);
subcommand create_main, migrate_main, put_main, get_main, append_main,
    query_main, judge_main, annul_main, correct_main, digest_main, move_main,
    seal_main, check_main, key_main, backup_main, restore_main, status_main,
    delete_main, prune_main, pack_main, unpack_main;

/* The database that put, get and query work on. */
struct place {
	const char *root;
	struct tenant *tenant; /* NULL for core */
	struct sql *sql;
};
/* Open a tenant's database, or core's where slug is NULL; ends the program
 * when it cannot, or when it is to be written and archived. */
void place_open(struct place *place, const char *root, const char *slug,
    enum sql_mode mode);
void place_close(struct place *place);

/* access.db, to be opened before rights are given up; NULL where there is
 * none. Ends the program when it cannot be opened. */
struct access *client_access(const char *root);
/* Copy a client's row to where others may look: the table client of its
 * tenant, and access.db (NULL: there is none). */
int client_copy(struct sql *core, struct access *access, const char *root,
    const char *slug, struct failure *why);

/* Give up rights: from here on only these paths can be opened, time zones and
 * /dev/urandom. */
void box_paths(const struct box_path *paths, size_t count);
/* The same with the folders of these tenants (and, if asked, core.db and
 * access.db). */
void box_tenants(
    const char *root, const char *const *slugs, size_t count, bool core);
/* The same, and these paths. */
void box_tenants_and(const char *root, const char *const *slugs, size_t count,
    bool core, const struct box_path *more, size_t more_count);
/* The same for what makes and changes databases: all of root, made where it
 * is missing, and the schema. */
void box_root(const char *root, const char *share);
/* The tenants asked for, in order; with --all those that there are. */
void tenants_resolve(
    struct arg_tenants *tenants, const char *root, struct arena *arena);

/* A check that warns of what is wrong, under this name, and that a signal
 * ends. */
struct check check_begin(const char *slug);

/* Who calls, for the audit log: "unix:root". Ask before rights are given up:
 * the name comes from the system's list of users. */
const char *actor_name(struct arena *arena);

/* What the command lines of those that work on several tenants share. */
struct common {
	const char *root;
	struct arg_tenants tenants;
	bool verbose;
};
/* The option that getopt_long gave, where no other took it: 'a' --all, 'r'
 * --root, 't' --tenant, 'v' --verbose, 'V' --version; any other, 'h' among
 * them, prints the usage and ends the program. */
void common_option(struct common *common, int option, const char *synopsis);
/* Behind the options: there are no operands, and root is found. */
void common_end(struct common *common, int argc, const char *synopsis);
/* As common_option, for those that work on one tenant: 'r' --root, 't'
 * --tenant, 'V' --version, any other. */
void one_option(
    const char **root, const char **slug, int option, const char *synopsis);

/* Lines of the files named, or of standard input where none is ("-"). */
struct lines {
	char **file;
	int *fd;
	size_t count, next; /* of fd */
	struct io_reader reader;
	bool open;
};
/* Opens all files, so that rights can be given up behind it; one that
 * cannot be opened ends the program. */
void lines_open(struct lines *lines, char **files);
/* As io_reader_next, over all of the files. */
enum io_result lines_next(struct lines *lines, char **line, size_t *size);
void lines_close(struct lines *lines);

/* Write a line to standard output, now, and free it; ends the program where
 * that cannot be. */
void line_out(struct buf *line);

/* Open the file that refused lines are added to. */
void reject_open(struct refusals *refusals, const char *path);

#endif
