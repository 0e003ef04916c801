/*
 * Keys are unwrapped once and kept while their folder stays as it is: a new
 * tenant or a new version changes it.
 */
#include "spool/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "spool/spool.h"

struct known {
	char tenant[SPOOL_KEY_ROOM];
	unsigned version; /* as asked for: 0 is the newest */
	struct vault_secret *key; /* NULL: the tenant has none */
};

struct spool_keys {
	struct ring *ring;
	char *folder;
	struct timespec changed; /* the folder, when `known` began */
	int64_t looked_ms; /* at the folder; monotonic */
	struct known *known;
	size_t count, room;
};

struct spool_keys *
spool_keys_open(
    const struct vault_secret *master, const char *folder, struct failure *why)
{
	struct ring *ring = ring_open(RING_ARCHIVES, master, folder, why);
	struct spool_keys *keys;

	if (ring == NULL)
		return NULL;
	keys = mem_zero(1, sizeof(*keys));
	keys->ring = ring;
	keys->folder = mem_copy_text(folder);
	return keys;
}

static void
forget(struct spool_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		vault_secret_free(keys->known[i].key);
	keys->count = 0;
}

void
spool_keys_close(struct spool_keys *keys)
{
	if (keys == NULL)
		return;
	forget(keys);
	ring_close(keys->ring);
	free(keys->known);
	free(keys->folder);
	free(keys);
}

/* At most once a second: it is asked for each line. */
static void
look_again(struct spool_keys *keys)
{
	int64_t now = clock_monotonic_ms();
	struct stat info = { 0 };

	if (keys->looked_ms != 0 && now - keys->looked_ms < 1000)
		return;
	keys->looked_ms = now;
	stat(keys->folder, &info);
	if (info.st_mtim.tv_sec == keys->changed.tv_sec &&
	    info.st_mtim.tv_nsec == keys->changed.tv_nsec)
		return;
	forget(keys);
	keys->changed = info.st_mtim;
}

static int
load(struct spool_keys *keys, const char *tenant, unsigned version,
    struct vault_secret **key, struct failure *why)
{
	int newest = version != 0 ? (int)version
				  : ring_newest(keys->folder, tenant, why);

	*key = NULL;
	if (newest <= 0)
		return newest;
	*key = ring_get(keys->ring, tenant, (unsigned)newest, why);
	return *key == NULL ? -1 : 0;
}

int
spool_keys_get(struct spool_keys *keys, const char *tenant, unsigned version,
    const struct vault_secret **key, struct failure *why)
{
	struct vault_secret *made;
	struct known *known;

	look_again(keys);
	for (size_t i = 0; i < keys->count; i++) {
		known = &keys->known[i];
		*key = known->key;
		if (known->version == version &&
		    strcmp(known->tenant, tenant) == 0)
			return known->key != NULL;
	}
	if (load(keys, tenant, version, &made, why) == -1)
		return -1;
	if (keys->count == keys->room) {
		keys->room = keys->room * 2 + 16;
		keys->known =
		    mem_grow(keys->known, keys->room, sizeof(*keys->known));
	}
	known = &keys->known[keys->count++];
	*known = (struct known){ .version = version, .key = made };
	snprintf(known->tenant, sizeof(known->tenant), "%s", tenant);
	*key = made;
	return made != NULL;
}
