/*
 * serve-static: serve the generated site over HTTP to whom it belongs. Two
 * processes: the front speaks HTTP and reads site/; the keeper (its child)
 * alone opens access.db. No request is answered from a path that the front
 * has not been told is granted to the request's session.
 */
#include <getopt.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arg.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"
#include "front.h"
#include "listen.h"

#define HOSTS_MAX 32

static const char synopsis[] =
    "usage: serve-static [-r root] [-l address:port] [-H host]...\n"
    "           [--share dir] [--cert file --key file [--tls13-only]]\n"
    "           [--behind-tls] [--trusted-proxy address] [--log file]\n"
    "           [--session-idle time] [--session-max time] [--require-box]\n"
    "           [--user name]\n";

struct options {
	struct keeper_options keeper;
	struct front_options front;
	const char *listen, *cert, *key, *proxy, *user;
	const char *host[HOSTS_MAX + 3];
	size_t hosts;
	bool behind_tls;
	struct listen_address address;
	struct buf cert_text, key_text;
};

enum {
	OPT_SHARE = 256,
	OPT_CERT,
	OPT_KEY,
	OPT_TLS13,
	OPT_BEHIND,
	OPT_PROXY,
	OPT_LOG,
	OPT_IDLE,
	OPT_MAX,
	OPT_BOX,
	OPT_USER,
	OPT_VERSION
};

static const struct option longs[] = {
	{ "behind-tls", no_argument, NULL, OPT_BEHIND },
	{ "cert", required_argument, NULL, OPT_CERT },
	{ "help", no_argument, NULL, 'h' },
	{ "host", required_argument, NULL, 'H' },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "listen", required_argument, NULL, 'l' },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "require-box", no_argument, NULL, OPT_BOX },
	{ "root", required_argument, NULL, 'r' },
	{ "session-idle", required_argument, NULL, OPT_IDLE },
	{ "session-max", required_argument, NULL, OPT_MAX },
	{ "share", required_argument, NULL, OPT_SHARE },
	{ "tls13-only", no_argument, NULL, OPT_TLS13 },
	{ "trusted-proxy", required_argument, NULL, OPT_PROXY },
	{ "user", required_argument, NULL, OPT_USER },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static void
host_add(struct options *options, const char *host)
{
	size_t size = strlen(host);

	if (options->hosts == HOSTS_MAX)
		die(EXIT_WRONG, "--host: more than %d", HOSTS_MAX);
	if (size == 0 ||
	    strspn(host,
		"abcdefghijklmnopqrstuvwxyz"
		"0123456789.-[]:") != size)
		die(EXIT_WRONG,
		    "--host: %s: a name in lower case, without "
		    "a port",
		    host);
	options->host[options->hosts++] = host;
}

static void
option(struct options *options, int letter)
{
	switch (letter) {
	case 'H':
		host_add(options, optarg);
		break;
	case 'l':
		options->listen = optarg;
		break;
	case 'r':
		options->keeper.root = optarg;
		break;
	case OPT_BEHIND:
		options->behind_tls = true;
		break;
	case OPT_BOX:
		options->keeper.require_box = true;
		break;
	case OPT_CERT:
		options->cert = optarg;
		break;
	case OPT_KEY:
		options->key = optarg;
		break;
	case OPT_LOG:
		options->front.log = optarg;
		break;
	case OPT_PROXY:
		options->proxy = optarg;
		break;
	case OPT_SHARE:
		options->front.share = optarg;
		break;
	case OPT_USER:
		options->user = optarg;
		break;
	case OPT_TLS13:
		options->front.http.tls13_only = true;
		break;
	case OPT_IDLE:
		options->keeper.idle_ms = arg_duration_ms(
		    "--session-idle", optarg, 60000, 24 * HOUR_MS);
		break;
	case OPT_MAX:
		options->keeper.lifetime_ms = arg_duration_ms(
		    "--session-max", optarg, 60000, 7 * 24 * HOUR_MS);
		break;
	case OPT_VERSION:
		arg_version();
	case 'h':
		arg_usage(synopsis, true);
	default:
		arg_usage(synopsis, false);
	}
}

/* What would be reachable from outside in clear is not started (D1, H8). */
static void
check(struct options *options)
{
	if (!listen_parse(options->listen, &options->address))
		die(EXIT_WRONG, "--listen: %s: not an address and a port",
		    options->listen);
	if ((options->cert == NULL) != (options->key == NULL))
		die(EXIT_WRONG, "--cert and --key go together");
	if (options->cert != NULL && options->behind_tls)
		die(EXIT_WRONG, "either --cert or --behind-tls");
	if (!options->address.loopback && options->cert == NULL &&
	    !options->behind_tls)
		die(EXIT_WRONG,
		    "%s is not the loopback: give --cert and "
		    "--key, or --behind-tls",
		    options->listen);
	if (options->hosts == 0 &&
	    (!options->address.loopback || options->behind_tls))
		die(EXIT_WRONG, "name the site with --host");
	if (options->address.loopback) {
		options->host[options->hosts++] = "localhost";
		options->host[options->hosts++] = "127.0.0.1";
		options->host[options->hosts++] = "[::1]";
	}
	if (options->proxy != NULL &&
	    !listen_source(options->proxy, options->front.http.proxy_source))
		die(EXIT_WRONG, "--trusted-proxy: %s: not an address",
		    options->proxy);
}

static void
complete(struct options *options)
{
	struct http_config *http = &options->front.http;
	struct failure why;

	options->keeper.root = arg_root(options->keeper.root);
	options->front.root = options->keeper.root;
	options->front.share = arg_share(options->front.share);
	options->front.require_box = options->keeper.require_box;
	http->proxy = options->proxy != NULL;
	http->secure = options->cert != NULL || options->behind_tls;
	http->hosts = (struct gate_hosts){ options->host, options->hosts };
	if (options->cert == NULL)
		return;
	if (listen_pem(options->cert, false, &options->cert_text, &why) != 0 ||
	    listen_pem(options->key, true, &options->key_text, &why) != 0)
		die_failure(&why);
	http->certificate = options->cert_text.data;
	http->key = options->key_text.data;
}

static void
limits_set(void)
{
	struct rlimit core = { 0, 0 }, files;

	umask(077);
	setrlimit(RLIMIT_CORE, &core);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max < 2 * HTTP_CONNECTIONS + 64
		    ? files.rlim_max
		    : 2 * HTTP_CONNECTIONS + 64;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* A port below 1024 and a key of root's are open; now be somebody else. */
static void
user_change(const char *name)
{
	const struct passwd *user;

	if (name == NULL) {
		if (geteuid() == 0)
			warn("running as root; name another with --user");
		return;
	}
	user = getpwnam(name);
	if (user == NULL)
		die(EXIT_WRONG, "--user: %s: no such user", name);
	else if (initgroups(name, user->pw_gid) != 0 ||
	    setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)
		die(EXIT_WRONG, "--user: %s:", name);
}

/* The child: it lives as long as the front's end of the pair is open. */
_Noreturn static void
keep(int fd, struct options *options)
{
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	close(options->front.http.listen_fd);
	secret_wipe(options->key_text.data, options->key_text.size);
	_exit(keeper_run(fd, &options->keeper));
}

/* Start the keeper and wait until it has given up its rights. */
static int
keeper_start(struct options *options, pid_t *pid)
{
	struct answer ready = { 0 };
	int pair[2], status;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		die(EXIT_AGAIN, "socketpair:");
	*pid = fork();
	if (*pid < 0)
		die(EXIT_AGAIN, "fork:");
	if (*pid == 0) {
		close(pair[0]);
		keep(pair[1], options);
	}
	close(pair[1]);
	if (read(pair[0], &ready, sizeof ready) == (ssize_t)sizeof ready &&
	    ready.kind == ANSWER_READY)
		return pair[0];
	close(pair[0]);
	if (io_stopping())
		_exit(EXIT_OK);
	if (waitpid(*pid, &status, 0) == *pid && WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	_exit(EXIT_AGAIN);
}

int
main(int argc, char **argv)
{
	static struct options options = { .listen = "127.0.0.1:8080",
		.keeper = { .idle_ms = HOUR_MS, .lifetime_ms = 12 * HOUR_MS } };
	struct failure why;
	int letter, keeper_fd, status;
	pid_t pid;

	err_name_set("serve-static");
	while ((letter = getopt_long(argc, argv, "hH:l:r:", longs, NULL)) != -1)
		option(&options, letter);
	if (optind < argc)
		arg_usage(synopsis, false);
	check(&options);
	limits_set();
	complete(&options);
	io_stop_on_signals();
	if (!secret_start())
		die(EXIT_AGAIN, "no source of random numbers");
	options.front.http.listen_fd = listen_open(&options.address, &why);
	if (options.front.http.listen_fd < 0)
		die_failure(&why);
	user_change(options.user);
	keeper_fd = keeper_start(&options, &pid);
	options.front.where = options.listen;
	status = front_run(keeper_fd, &options.front);
	close(keeper_fd);
	waitpid(pid, NULL, 0);
	buf_free(&options.cert_text);
	buf_free(&options.key_text);
	return status;
}
