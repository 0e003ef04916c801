/* See can_trouble.h. libsocketcan asks the kernel by netlink. */
#include "wire/can_trouble.h"

#include <errno.h>
#include <libsocketcan.h>
#include <linux/can.h>
#include <linux/can/error.h>
#include <linux/can/netlink.h>
#include <linux/can/raw.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONTROLLER 1 /* byte that tells its status */

const char *
can_health_name(enum can_health health)
{
	static const char *const names[] = { "", "error-active",
		"error-warning", "error-passive", "bus-off", "stopped" };

	return names[health];
}

/* What a change of the controller's status means. */
static bool
controller(uint8_t status, enum can_health *health)
{
	if ((status & (CAN_ERR_CRTL_RX_PASSIVE | CAN_ERR_CRTL_TX_PASSIVE)) != 0)
		*health = CAN_PASSIVE;
	else if ((status &
		     (CAN_ERR_CRTL_RX_WARNING | CAN_ERR_CRTL_TX_WARNING)) != 0)
		*health = CAN_WARNING;
	else if ((status & CAN_ERR_CRTL_ACTIVE) != 0)
		*health = CAN_ACTIVE;
	return (status & CAN_ERR_CRTL_ACTIVE) == 0;
}

bool
can_trouble(
    uint32_t class, const uint8_t *data, size_t size, enum can_health *health)
{
	const uint32_t errors = CAN_ERR_TX_TIMEOUT | CAN_ERR_PROT |
	    CAN_ERR_TRX | CAN_ERR_ACK | CAN_ERR_BUSOFF | CAN_ERR_BUSERROR;
	bool counts = (class & errors) != 0;

	if ((class & CAN_ERR_CRTL) != 0 && size > CONTROLLER)
		counts |= controller(data[CONTROLLER], health);
	if ((class & CAN_ERR_RESTARTED) != 0)
		*health = CAN_ACTIVE;
	if ((class & CAN_ERR_BUSOFF) != 0)
		*health = CAN_OFF;
	return counts;
}

/* A virtual bus has neither, and libsocketcan would say so on standard
 * error; nor has what is no interface at all. */
static bool
is_virtual(const char *interface)
{
	struct ethtool_drvinfo driver = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq request;
	int fd = socket(AF_CAN, SOCK_RAW | SOCK_CLOEXEC, CAN_RAW);
	bool gone;

	if (fd < 0)
		return true;
	memset(&request, 0, sizeof(request));
	strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
	request.ifr_data = (char *)&driver;
	gone = ioctl(fd, SIOCETHTOOL, &request) < 0 && errno == ENODEV;
	close(fd);
	return gone || strcmp(driver.driver, "vcan") == 0 ||
	    strcmp(driver.driver, "vxcan") == 0;
}

bool
can_look(const char *interface, enum can_health *health, uint32_t *bitrate)
{
	static const enum can_health healths[] = {
		[CAN_STATE_ERROR_ACTIVE] = CAN_ACTIVE,
		[CAN_STATE_ERROR_WARNING] = CAN_WARNING,
		[CAN_STATE_ERROR_PASSIVE] = CAN_PASSIVE,
		[CAN_STATE_BUS_OFF] = CAN_OFF,
		[CAN_STATE_STOPPED] = CAN_STOPPED,
		[CAN_STATE_SLEEPING] = CAN_STOPPED,
	};
	struct can_bittiming timing = { 0 };
	int state;

	*health = CAN_UNKNOWN;
	*bitrate = 0;
	if (is_virtual(interface) || can_get_state(interface, &state) != 0 ||
	    state < 0 || state >= CAN_STATE_MAX)
		return false;
	*health = healths[state];
	if (can_get_bittiming(interface, &timing) == 0)
		*bitrate = timing.bitrate;
	return true;
}
