/* What annul and correct share: all but their options. */
#ifndef TENANT_DB_AMEND_H
#define TENANT_DB_AMEND_H

#include <getopt.h>

#include "json/json.h"
#include "tenant-db.h"

struct amend {
	const char *synopsis;
	bool correct;
	const char *root, *slug, *reject_path;
	const char *measurements; /* names with commas between them, or NULL */
	json_t *wish; /* what the options say of one, empty at first */
	struct lines lines; /* or many, where they say nothing */
	struct place place;
	struct io_writer out;
	struct refusals refusals;
	const char *actor; /* "unix:NAME" */
	struct arena arena;
};

/* Options that both have; any other ends the program. */
void amend_option(struct amend *amend, int letter);
/* Behind the options: do it, and the exit status. */
int amend_run(struct amend *amend, int argc, char **argv);

#define AMEND_OPTIONS                                                          \
	{ "battery", required_argument, NULL, 'b' },                           \
	    { "by", required_argument, NULL, 'B' },                            \
	    { "from", required_argument, NULL, 'f' },                          \
	    { "help", no_argument, NULL, 'h' },                                \
	    { "item", required_argument, NULL, 'i' },                          \
	    { "kind", required_argument, NULL, 'k' },                          \
	    { "measurement", required_argument, NULL, 'm' },                   \
	    { "reason", required_argument, NULL, 'w' },                        \
	    { "reject", required_argument, NULL, 'j' },                        \
	    { "root", required_argument, NULL, 'r' },                          \
	    { "tenant", required_argument, NULL, 't' },                        \
	    { "time", required_argument, NULL, 'T' },                          \
	    { "to", required_argument, NULL, 'u' },                            \
	    { "undo", required_argument, NULL, 'U' },                          \
	    { "version", no_argument, NULL, 'V' },                             \
	{                                                                      \
		NULL, 0, NULL, 0                                               \
	}

#endif
