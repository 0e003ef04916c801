#include "wire/socketcan.h"

#include <errno.h>
#include <linux/can.h>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

/* More identifiers than the kernel takes: then it lets all through. */
static int
set_filters(int fd, const struct profile_can *ids, size_t count)
{
	struct can_filter *filters;
	int status;

	if (count == 0 || count > CAN_RAW_FILTER_MAX)
		return 0;
	filters = mem_zero(count, sizeof(*filters));
	for (size_t i = 0; i < count; i++) {
		filters[i].can_id =
		    ids[i].id | (ids[i].extended ? CAN_EFF_FLAG : 0);
		filters[i].can_mask = CAN_EFF_FLAG | CAN_RTR_FLAG |
		    (ids[i].mask != 0         ? ids[i].mask
			    : ids[i].extended ? CAN_EFF_MASK
					      : CAN_SFF_MASK);
	}
	status = setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FILTER, filters,
	    (socklen_t)(count * sizeof(*filters)));
	free(filters);
	return status;
}

static int
bind_to(int fd, const char *interface)
{
	struct sockaddr_can address = { .can_family = AF_CAN };
	struct ifreq request;

	memset(&request, 0, sizeof(request));
	if (strlen(interface) >= sizeof(request.ifr_name)) {
		errno = ENODEV;
		return -1;
	}
	memcpy(request.ifr_name, interface, strlen(interface));
	if (ioctl(fd, SIOCGIFINDEX, &request) < 0)
		return -1;
	address.can_ifindex = request.ifr_ifindex;
	return bind(fd, (struct sockaddr *)&address, sizeof(address));
}

int
socketcan_open(const char *interface, const struct profile_can *ids,
    size_t count, struct failure *why)
{
	int fd =
	    socket(AF_CAN, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, CAN_RAW);
	can_err_mask_t errors = CAN_ERR_MASK;
	int one = 1;

	if (fd < 0)
		return failure_set(why, EXIT_AGAIN, "%s:", interface);
	/* An old kernel without CAN FD still gives the classic messages. */
	setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &one, sizeof(one));
	setsockopt(
	    fd, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &errors, sizeof(errors));
	if (set_filters(fd, ids, count) < 0 || bind_to(fd, interface) < 0) {
		failure_set(why, EXIT_AGAIN, "%s:", interface);
		close(fd);
		return -1;
	}
	return fd;
}

enum socketcan_result
socketcan_read(int fd, struct frame_can *can, uint8_t data[FRAME_CAN_MAX])
{
	struct canfd_frame message;
	ssize_t got;

	do {
		got = read(fd, &message, sizeof(message));
		if (got < 0)
			return errno == EAGAIN || errno == EINTR
			    ? SOCKETCAN_NONE
			    : SOCKETCAN_FAILED;
	} while ((got != CAN_MTU && got != CANFD_MTU) ||
	    (message.can_id & CAN_RTR_FLAG) != 0 ||
	    message.len > (got == CAN_MTU ? CAN_MAX_DLEN : CANFD_MAX_DLEN));
	can->extended = (message.can_id & CAN_EFF_FLAG) != 0;
	can->id = message.can_id & CAN_EFF_MASK;
	can->fd = got == CANFD_MTU;
	can->size = message.len;
	memcpy(data, message.data, message.len);
	can->data = data;
	return (message.can_id & CAN_ERR_FLAG) != 0 ? SOCKETCAN_ERROR
						    : SOCKETCAN_DATA;
}

int
socketcan_send(int fd, const struct frame_can *can, bool remote)
{
	struct canfd_frame message = { .can_id = can->id, .len = can->size };
	size_t size = can->fd ? CANFD_MTU : CAN_MTU;
	ssize_t put;

	if (can->size > (can->fd ? CANFD_MAX_DLEN : CAN_MAX_DLEN)) {
		errno = EMSGSIZE;
		return -1;
	}
	if (can->extended)
		message.can_id |= CAN_EFF_FLAG;
	if (remote)
		message.can_id |= CAN_RTR_FLAG;
	else if (can->size > 0)
		memcpy(message.data, can->data, can->size);
	do
		put = write(fd, &message, size);
	while (put < 0 && errno == EINTR);
	return put == (ssize_t)size ? 0 : -1;
}
