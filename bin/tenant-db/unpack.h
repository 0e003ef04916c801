/* tenant-db unpack: what its files share. */
#ifndef UNPACK_H
#define UNPACK_H

#include "json/json.h"
#include "keys.h"
#include "spool/spool.h"
#include "store/backup.h"

#define UNPACK_KEYS_MAX 64

struct unpack {
	const char *root, *share, *spool, *file, *actor, *schema;
	const char *slug; /* of the head */
	struct secret_place place;
	struct vault_secret *secret, *master; /* the latter NULL: none */
	struct vault_about about;
	struct sql *core;
	struct spool queue;
	struct restore *restore;
	json_t *client;
	char *logins; /* or NULL */
	struct vault_secret *key[UNPACK_KEYS_MAX];
	size_t keys;
	bool database;
	char beside[80]; /* folder of the archive, in that of the spool */
	struct arena arena;
};

/* Open the sealed file beside where it belongs: the database, the archive,
 * the rest in memory. 0 when all of it came and is one tenant's. */
int unpack_open(struct unpack *wish, int fd, struct failure *why);
/* All in its place, the tenant's folder last. */
int unpack_place(struct unpack *wish, struct failure *why);

#endif
