#include "wire/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

static speed_t
speed_of(uint32_t baud)
{
	static const struct {
		uint32_t baud;
		speed_t speed;
	} speeds[] = { { 300, B300 }, { 600, B600 }, { 1200, B1200 },
		{ 2400, B2400 }, { 4800, B4800 }, { 9600, B9600 },
		{ 19200, B19200 }, { 38400, B38400 }, { 57600, B57600 },
		{ 115200, B115200 }, { 230400, B230400 }, { 460800, B460800 },
		{ 500000, B500000 }, { 921600, B921600 },
		{ 1000000, B1000000 } };

	for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++)
		if (speeds[i].baud == baud)
			return speeds[i].speed;
	return B0;
}

static int
set_up(int fd, const char *path, const struct serial_settings *settings,
    struct failure *why)
{
	struct termios form;
	speed_t speed = speed_of(settings->baud);

	if (speed == B0)
		return failure_set(why, EXIT_WRONG,
		    "%s: no serial line has "
		    "%u baud",
		    path, settings->baud);
	if (tcgetattr(fd, &form) < 0)
		return failure_set(why, EXIT_AGAIN,
		    errno == ENOTTY ? "%s: is no serial line" : "%s:", path);
	cfmakeraw(&form);
	form.c_cflag |= CLOCAL | CREAD;
	form.c_cflag &= ~(tcflag_t)(CSTOPB | PARENB | PARODD | CRTSCTS);
	if (settings->stop_bits == 2)
		form.c_cflag |= CSTOPB;
	if (settings->parity != 'N')
		form.c_cflag |= PARENB;
	if (settings->parity == 'O')
		form.c_cflag |= PARODD;
	form.c_cc[VMIN] = 1;
	form.c_cc[VTIME] = 0;
	cfsetispeed(&form, speed);
	cfsetospeed(&form, speed);
	if (tcsetattr(fd, TCSANOW, &form) < 0)
		return failure_set(why, EXIT_AGAIN, "%s:", path);
	serial_forget(fd);
	return 0;
}

int
serial_open(const char *path, const struct serial_settings *settings,
    struct failure *why)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return failure_set(why, EXIT_AGAIN, "%s:", path);
	if (set_up(fd, path, settings, why) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void
serial_forget(int fd)
{
	tcflush(fd, TCIFLUSH);
}
