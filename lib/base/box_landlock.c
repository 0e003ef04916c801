/*
 * Landlock: all rights that the kernel's version knows are refused, then
 * each named path gets back what it needs. Headers may be older than the
 * kernel, so the numbers are ours and the version masks them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/box_parts.h"

#define CREATE_VERSION 1U
#define RULE_PATH_BENEATH 1

#define FS_EXECUTE (UINT64_C(1) << 0)
#define FS_WRITE_FILE (UINT64_C(1) << 1)
#define FS_READ_FILE (UINT64_C(1) << 2)
#define FS_READ_DIR (UINT64_C(1) << 3)
#define FS_MAKE_CHAR (UINT64_C(1) << 6)
#define FS_MAKE_BLOCK (UINT64_C(1) << 11)
#define FS_TRUNCATE (UINT64_C(1) << 14) /* version 3 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15) /* version 5 */
#define FS_OF_FILE                                                             \
	(FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)
#define NET_BIND_TCP (UINT64_C(1) << 0) /* version 4 */
#define NET_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPE_ALL UINT64_C(3) /* version 6: abstract sockets, signals */

struct ruleset {
	uint64_t fs, net, scope;
};

struct rule {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

/* What programs of these classes need and nobody should have to name. */
static const char *const devices[] = { "/dev/null", "/dev/urandom", NULL };
static const char *const resolver[] = { "/etc/resolv.conf", "/etc/hosts",
	"/etc/nsswitch.conf", "/etc/services", "/etc/gai.conf",
	"/etc/host.conf", "/etc/ssl/certs", "/usr/share/ca-certificates",
	NULL };
static const char *const loader[] = { "/lib", "/lib64", "/usr/lib",
	"/usr/lib64", "/etc/ld.so.cache", NULL };
static const char *const sanitizer[] = { "/proc", NULL };

static uint64_t
fs_known(int version)
{
	unsigned bits = version >= 5 ? 16
	    : version >= 3           ? 15
	    : version >= 2           ? 14
				     : 13;

	return (UINT64_C(1) << bits) - 1;
}

static int
add(int ruleset, const char *path, uint64_t rights, struct failure *why)
{
	struct rule rule;
	struct stat st;
	int status;

	rule.parent = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (rule.parent < 0 || fstat(rule.parent, &st) != 0)
		return failure_set(why, EXIT_AGAIN, "%s:", path);
	rule.allowed = S_ISDIR(st.st_mode) ? rights : rights & FS_OF_FILE;
	status = (int)syscall(
	    SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
	if (status != 0)
		failure_set(why, EXIT_AGAIN, "landlock: %s:", path);
	close(rule.parent);
	return status == 0 ? 0 : -1;
}

static int
add_list(
    int ruleset, const char *const *list, uint64_t rights, struct failure *why)
{
	for (; *list != NULL; list++)
		if (add(ruleset, *list, rights, why) != 0)
			return -1;
	return 0;
}

static int
add_all(int ruleset, uint64_t known, const struct box_path *paths, size_t count,
    unsigned allow, struct failure *why)
{
	uint64_t readable = FS_READ_FILE | FS_READ_DIR, rights;
	size_t i;

	for (i = 0; i < count; i++) {
		rights = readable;
		if (paths[i].right == BOX_WRITE)
			rights = known &
			    ~(FS_EXECUTE | FS_MAKE_CHAR | FS_MAKE_BLOCK);
		else if ((allow & BOX_EXEC) != 0)
			rights |= FS_EXECUTE;
		if (add(ruleset, paths[i].path, rights, why) != 0)
			return -1;
	}
	rights = known & (FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE);
	if (add_list(ruleset, devices, rights, why) != 0)
		return -1;
	if ((allow & BOX_NET_CLIENT) != 0 &&
	    add_list(ruleset, resolver, readable, why) != 0)
		return -1;
	if ((allow & BOX_EXEC) != 0 &&
	    add_list(ruleset, loader, FS_READ_FILE | FS_EXECUTE, why) != 0)
		return -1;
	return !BOX_SANITIZED ? 0 : add_list(ruleset, sanitizer, readable, why);
}

int
box_landlock(const struct box_path *paths, size_t count, unsigned allow,
    struct failure *why)
{
	struct ruleset set = { 0, 0, 0 };
	size_t size = sizeof(set.fs);
	int fd, status, version;

	version =
	    (int)syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);
	if (version <= 0)
		return 0;
	set.fs = fs_known(version);
	if (version >= 4) {
		size += sizeof(set.net);
		set.net = NET_BIND_TCP;
		if ((allow & BOX_NET_CLIENT) == 0)
			set.net |= NET_CONNECT_TCP;
	}
	if (version >= 6) {
		size += sizeof(set.scope);
		set.scope = SCOPE_ALL;
	}
	fd = (int)syscall(SYS_landlock_create_ruleset, &set, size, 0);
	if (fd < 0)
		return failure_set(why, EXIT_AGAIN, "landlock:");
	status = add_all(fd, set.fs, paths, count, allow, why);
	if (status == 0 && syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		status = failure_set(why, EXIT_AGAIN, "landlock:");
	close(fd);
	return status == 0 ? version : -1;
}
