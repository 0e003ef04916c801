/* Where passwords come from and go to (rules A1, A2, K7, D1). */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/io.h"
#include "tenant-user.h"

#define ROOM (SECRET_PASSWORD_BYTES + 2)

/* One line without its end; dies on a longer one. */
static size_t
line_read(int fd, const char *where, char *out)
{
	size_t size = 0;
	ssize_t n;

	while (size < ROOM) {
		n = read(fd, out + size, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die(EXIT_AGAIN, "%s:", where);
		if (n == 0 || out[size] == '\n')
			return size;
		size++;
	}
	die(EXIT_WRONG, "%s: the password is too long", where);
}

static size_t
file_read(const char *path, char *out)
{
	struct stat st;
	size_t size;
	int fd;

	if (strcmp(path, "-") == 0)
		return line_read(STDIN_FILENO, "standard input", out);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		die(EXIT_WRONG, "%s:", path);
	if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
		die(EXIT_WRONG, "%s: others may read it; chmod 600", path);
	size = line_read(fd, path, out);
	close(fd);
	return size;
}

static size_t
terminal_line(int fd, const char *prompt, char *out)
{
	size_t size;

	if (io_write_all(fd, prompt, strlen(prompt)) != 0)
		die(EXIT_AGAIN, "terminal:");
	size = line_read(fd, "terminal", out);
	io_write_all(fd, "\n", 1);
	return size;
}

/* Typed twice, without echo. */
static size_t
terminal_read(char *out)
{
	struct termios old, quiet;
	char again[ROOM];
	size_t size, size_again;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (fd < 0 || tcgetattr(fd, &old) != 0)
		die(EXIT_WRONG, "--ask: there is no terminal");
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	if (tcsetattr(fd, TCSAFLUSH, &quiet) != 0)
		die(EXIT_AGAIN, "terminal:");
	size = terminal_line(fd, "New password: ", out);
	size_again = terminal_line(fd, "Again: ", again);
	tcsetattr(fd, TCSAFLUSH, &old);
	close(fd);
	if (size != size_again || memcmp(out, again, size) != 0)
		die(EXIT_WRONG, "the two passwords differ");
	secret_wipe(again, sizeof again);
	return size;
}

/* Does the text hold the word, in any case? Words under 4 letters say
 * nothing. */
static bool
holds(const char *text, size_t size, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; n >= 4 && i + n <= size; i++) {
		size_t k = 0;

		while (k < n &&
		    tolower((unsigned char)text[i + k]) ==
			tolower((unsigned char)word[k]))
			k++;
		if (k == n)
			return true;
	}
	return false;
}

static void
password_check(const struct password *password, const char *role,
    const char *name, const char *tenant)
{
	bool admin =
	    strcmp(role, "admin") == 0 || strcmp(role, "super_admin") == 0;

	if (!secret_password_ok(password->text, password->size) ||
	    secret_characters(password->text, password->size) <
		(admin ? 12 : 8))
		die(EXIT_WRONG, "a password has %d to 128 characters",
		    admin ? 12 : 8);
	if (holds(password->text, password->size, name) ||
	    holds(password->text, password->size, tenant) ||
	    holds(password->text, password->size, "trackingbms"))
		die(EXIT_WRONG,
		    "the password holds the name, the tenant "
		    "or the product");
}

static void
place_open(struct password *password)
{
	password->out_fd = -1;
	if (password->out == NULL) {
		if (isatty(STDOUT_FILENO) == 0)
			die(EXIT_WRONG,
			    "standard output is no terminal: "
			    "name a file with --password-out");
		return;
	}
	password->out_fd = open(password->out,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (password->out_fd < 0)
		die(EXIT_WRONG, "%s:", password->out);
}

void
password_prepare(struct password *password, const char *role, const char *name,
    const char *tenant)
{
	if ((password->in != NULL) + (password->out != NULL) + password->ask >
	    1)
		die(EXIT_WRONG,
		    "one of --ask, --password-in and "
		    "--password-out");
	password->out_fd = -1;
	if (password->in != NULL) {
		password->size = file_read(password->in, password->text);
	} else if (password->ask) {
		password->size = terminal_read(password->text);
	} else {
		place_open(password);
		password->made = true;
		secret_password_make(password->text);
		password->size = strlen(password->text);
		return;
	}
	password_check(password, role, name, tenant);
}

void
password_hash(const struct password *password, char *hash)
{
	_Static_assert(ACCESS_HASH_MAX >= SECRET_HASH_TEXT, "room");
	if (!secret_hash(password->text, password->size, hash))
		die(EXIT_AGAIN, "no memory for the hash of a password");
}

void
password_finish(struct password *password)
{
	int fd = password->out_fd >= 0 ? password->out_fd : STDOUT_FILENO;

	if (password->made) {
		password->text[password->size] = '\n';
		if (io_write_all(fd, password->text, password->size + 1) != 0 ||
		    (password->out_fd >= 0 &&
			(fsync(fd) != 0 || close(fd) != 0)))
			die(EXIT_AGAIN,
			    "the password could not be written; "
			    "set another with tenant-user passwd:");
	}
	secret_wipe(password->text, sizeof password->text);
}

void
password_drop(struct password *password)
{
	secret_wipe(password->text, sizeof password->text);
	if (password->out_fd >= 0) {
		unlink(password->out);
		close(password->out_fd);
	}
}
