/* tenant-user list: the logins and what they are granted, as lines. */
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "json/json.h"
#include "tenant-user.h"

static const char synopsis[] =
    "usage: tenant-user list [-r root] [-t tenant]\n";

static const struct option longs[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "root", required_argument, NULL, 'r' },
	{ "tenant", required_argument, NULL, 't' },
	{ NULL, 0, NULL, 0 },
};

struct listing {
	struct access *access;
	const char *tenant;
	struct io_writer out;
};

static void
member(struct buf *line, const char *name, const char *text)
{
	json_put_name(line, name);
	json_put_text(line, text, strlen(text));
}

static void
print(void *own, const struct access_login *login)
{
	struct listing *listing = own;
	struct buf *line = &listing->out.buf;
	struct access_grants grants;
	struct failure why;

	if (listing->tenant != NULL &&
	    strcmp(listing->tenant, login->tenant) != 0)
		return;
	if (access_grants(listing->access, login->id, &grants, &why) < 0)
		die_failure(&why);
	buf_char(line, '{');
	member(line, "kind", "login");
	member(line, "name", login->name);
	if (login->tenant[0] != '\0')
		member(line, "tenant", login->tenant);
	member(line, "role", login->role);
	member(line, "status", login->active ? "active" : "inactive");
	json_put_name(line, "must_change");
	buf_text(line, login->must_change ? "true" : "false");
	if (login->last_login_ms != 0) {
		json_put_name(line, "last_login");
		buf_char(line, '"');
		buf_time(line, login->last_login_ms);
		buf_char(line, '"');
	}
	json_put_name(line, "grants");
	buf_char(line, '[');
	for (size_t i = 0; i < grants.count; i++) {
		if (i > 0)
			buf_char(line, ',');
		json_put_text(line, grants.prefix[i], strlen(grants.prefix[i]));
	}
	buf_text(line, "]}\n");
	io_writer_check(&listing->out);
}

int
list_main(int argc, char **argv)
{
	struct listing listing = { .tenant = NULL };
	const char *root = NULL;
	struct failure why;
	int letter;

	while ((letter = getopt_long(argc, argv, "hr:t:", longs, NULL)) != -1)
		switch (letter) {
		case 'h':
			arg_usage(synopsis, true);
		case 'r':
			root = optarg;
			break;
		case 't':
			listing.tenant = optarg;
			break;
		default:
			arg_usage(synopsis, false);
		}
	if (argc != optind)
		arg_usage(synopsis, false);
	root = arg_root(root);
	listing.access = user_open(root, NULL);
	io_writer_open(&listing.out, STDOUT_FILENO, "standard output");
	user_box(root);
	if (access_each(listing.access, print, &listing, &why) < 0)
		die_failure(&why);
	access_close(listing.access);
	if (io_writer_close(&listing.out) != 0)
		die(EXIT_AGAIN, "standard output:");
	return EXIT_OK;
}
