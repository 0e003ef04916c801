/* Inside the poller: devices in service and the ways to them. */
#ifndef WIRE_POLLER_PARTS_H
#define WIRE_POLLER_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/timers.h"
#include "profile/profile.h"
#include "record/device.h"
#include "record/frame.h"
#include "wire/can_trouble.h"
#include "wire/modbus.h"
#include "wire/modbus_reader.h"
#include "wire/poller.h"
#include "wire/standing.h"
#include "wire/tcp.h"
#include "wire/things.h"

#define CYCLE_DEFAULT_MS 1000 /* of a profile that names none */

struct web;

struct shared_profile {
	struct profile *profile;
	size_t users;
};

/* One device in service. */
struct target {
	struct device device; /* texts in `texts` */
	char *texts;
	struct shared_profile *profile;
	struct shared_profile *fresh; /* takes its place at the next poll */
	struct endpoint *endpoint;
	int64_t interval_ms; /* 0: once */
	struct timer due; /* the next slot, monotonic; owner is the target */
	int64_t slot_wall_ms; /* wall clock, of the slot that began last */
	bool asked; /* at least once */
	bool queued;
	struct standing standing;
	uint64_t missed, missed_now; /* slots: since it is slow, by this poll */
	bool told; /* that it is slow */
	bool keep; /* while the set is replaced */
	struct target *next; /* in the queue */
	int64_t queued_ms; /* since when */
	int64_t took_ms; /* what a poll takes when it is answered */
	/* the poll under way: */
	bool busy;
	int64_t poll_by_ms; /* the whole poll must be over; monotonic */
	int64_t patience_ms; /* what the answer that is awaited was given */
	int64_t began_ms; /* monotonic, or the log's time */
	int64_t deadline_ms; /* heard ones: end of the window */
	int64_t slot; /* logs: of the last window */
	int64_t heard_ms; /* logs: monotonic, of the last message */
	size_t step, steps; /* parts of the plan */
	struct modbus_reader *reader; /* Modbus: what the device taught us */
	bool reading; /* it is at this poll */
	bool again; /* what went wrong by chance was asked once more */
	/* framings: the request that is out */
	int key; /* of its answer */
	size_t before; /* parts that were there before it */
	unsigned frames; /* that answered it */
	int64_t whole_by_ms; /* all of them must be here */
	bool damaged, settled;
	size_t taken; /* bytes that came for it */
	size_t room; /* of the frame's parts */
	int64_t *keys; /* CAN: which message each part is */
	int64_t bus_errors; /* CAN: error frames since its last frame */
	int64_t last_ms; /* time of its last live frame, ... */
	unsigned last_turn; /* ... and poller.turns then */
	struct arena came; /* the frame's parts and data */
	struct frame frame;
	struct things things; /* ThingSet: what it tells by itself */
	struct node *node; /* and on CAN; NULL: nothing of it yet */
	char error[200];
};

enum endpoint_state {
	ENDPOINT_CLOSED,
	ENDPOINT_OPENING,
	ENDPOINT_OPEN,
	ENDPOINT_ENDED
};

/* One way to devices: a connection, a bus, a log. */
struct endpoint {
	struct poller *poller;
	struct device way; /* address settings; texts in `texts` */
	char *texts;
	struct target **members;
	size_t count;
	struct timer clock; /* when to look after it; owner is the endpoint */
	struct endpoint *touched_next;
	bool touched; /* something happened: look after it now */
	enum endpoint_state state;
	int fd;
	bool watched; /* is in the epoll set */
	bool watched_out; /* also for writing */
	bool always; /* a regular file: ever readable */
	struct tcp tcp;
	struct buf in, out;
	/* devices that are asked: */
	int64_t pause_ms; /* between two requests */
	bool brief; /* closed as soon as nobody is to be asked */
	struct target *queue, *current;
	int64_t deadline_ms; /* of what `current` waits for */
	int64_t quiet_ms; /* do not speak before */
	bool asking; /* a request is out */
	bool line_start; /* the next byte begins a line */
	unsigned misses; /* time-outs since the last answer */
	bool proven; /* something was answered on this connection */
	uint16_t transaction;
	struct modbus_ask ask;
	/* CAN: */
	enum can_health health;
	uint32_t bitrate; /* that it has, 0 unknown */
	bool speaks; /* was opened so that it can send */
	bool refused; /* the adapter's last answer was a refusal */
	/* HTTP and WebSocket: */
	struct web *web;
	const char *stream; /* of this profile; NULL: it is asked */
	/* logs and adapters: */
	uint64_t line;
	int64_t log_ms; /* time of the newest message */
	int64_t delta_us; /* sum of the stamps, where they are differences */
	bool follow; /* a file that is read on as it grows */
	bool waiting; /* at its end now; look again at quiet_ms */
	int64_t grown_ms; /* when it last had more */
	bool complained;
};

struct poller {
	struct poller_options options;
	int epoll;
	struct target **targets;
	size_t target_count;
	struct endpoint **endpoints;
	size_t endpoint_count;
	struct timers slots, clocks; /* of targets, of endpoints */
	struct endpoint *touched;
	size_t done; /* so many targets at the front are */
	int64_t ahead_ms; /* of the wall clock before the monotonic one */
	unsigned turns; /* how often that clock was set back */
	uint64_t late_slots; /* over before we came to them */
	uint64_t failures;
	bool web; /* HTTP was made ready */
};

/* ---- poller.c: what all ways share ------------------------------------ */

void poller_say(struct poller *poller, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Take bytes from the front of a buffer. */
void buf_drop(struct buf *buf, size_t count);
/* Watch the descriptor, for writing as well while there is something. */
int endpoint_watch(struct endpoint *endpoint, bool writing);
void endpoint_close(struct endpoint *endpoint);
/* Something happened to it: its clock is looked at before the next wait. */
void endpoint_touch(struct endpoint *endpoint);
/* It ends: nobody looks after it any more. */
void endpoint_untouch(struct endpoint *endpoint);

/* ---- poller_target.c: slots and frames ---------------------------------- */

/* The slot of a device has come. */
void target_slot(struct target *target, int64_t now_ms);
/* Begin a poll: an empty frame. */
void target_begin(struct target *target, int64_t now_ms);
/* Room for one more part of `size` bytes each; false when it is full. */
bool target_part(struct target *target, size_t size);
/* Hand out the frame; `error` NULL for none. */
void target_finish(
    struct target *target, int64_t time_ms, bool live, const char *error);

/* ---- poller_set.c, poller_ways.c --------------------------------------- */

void target_free(struct target *target);
void profile_share_drop(struct shared_profile *share);

/* Is it listened to, rather than asked? */
bool endpoint_heard(const struct endpoint *endpoint);
void endpoint_free(struct endpoint *endpoint);
/* Copy a device; its texts are one allocation, which is returned. */
char *device_copy(const struct device *from, struct device *to);
/* Is this the same connection, bus or log; and at the same speed? */
bool way_same(const struct device *a, const struct device *b);
bool way_same_settings(const struct device *a, const struct device *b);
/* Take these instead of the targets that are not to be kept. */
void set_in_service(
    struct poller *poller, struct target **targets, size_t count);

/* ---- poller_ask.c: request and answer ---------------------------------- */

void asked_event(struct endpoint *endpoint, unsigned events);
/* Do what is due; returns when to come back (INT64_MAX: not by time). */
int64_t asked_time(struct endpoint *endpoint, int64_t now_ms);
/* The device goes out of service. */
void asked_forget(struct endpoint *endpoint, struct target *target);
/* ---- poller_turn.c: whose turn it is ------------------------------------ */

void turn_put(struct target *target, int64_t now_ms);
/* The next one, out of the queue. NULL: nobody is to be asked now, and
 * *again_ms is when to look again (INT64_MAX: not by time). */
struct target *turn_take(
    struct endpoint *endpoint, int64_t now_ms, int64_t *again_ms);
/* Anyone, out of the queue. */
struct target *turn_any(struct endpoint *endpoint);
/* May the current one be asked for something more? Its patience_ms is how
 * long the answer may take without harm to those that wait; where that is
 * over, its error says so. */
bool turn_may_ask(struct endpoint *endpoint, int64_t now_ms);
/* What an answered poll took; a quick one does not make it forgotten. */
void turn_took(struct target *target, int64_t took_ms);

enum talk_result {
	TALK_MORE, /* the answer is not whole */
	TALK_NEXT, /* this part is in */
	TALK_DONE, /* all parts are; as many as `steps`, or some are missing */
	TALK_AGAIN, /* ask for the same part once more */
	TALK_FAIL, /* give up this poll: error is set */
	TALK_CLOSE /* and the connection */
};

/* How one protocol asks and takes. */
struct talk {
	size_t (*steps)(const struct profile *profile);
	/* Put the request of step `step` into out. */
	void (*ask)(struct endpoint *endpoint, struct target *target);
	/* Look at in, and take from it what is used. */
	enum talk_result (*take)(
	    struct endpoint *endpoint, struct target *target);
	/* The time is over. */
	enum talk_result (*late)(
	    struct endpoint *endpoint, struct target *target);
	/* What came into in was not asked for. */
	void (*unasked)(struct endpoint *endpoint);
};
extern const struct talk talk_modbus, talk_thingset, talk_lines, talk_frames;

/* A serial line may hold late answers and noise: forget them. */
void talk_forget(struct endpoint *endpoint);
/* Forget what was not asked for, but for whether a line ended with it. */
void talk_unasked(struct endpoint *endpoint);
/* The requests of a text protocol, and the one that is out. */
size_t talk_steps(const struct profile *profile);
const char *talk_request(const struct target *target);
/* Take the next line out of the input; false while there is none. */
bool talk_line(struct endpoint *endpoint, struct arena *arena,
    const char **line, size_t *size);
/* Keep one answer; its texts live as long as the poll. */
bool talk_keep(
    struct target *target, const char *path, const char *text, size_t size);
/* "timeout after 1.0 s" into the target's error. */
enum talk_result talk_timeout(struct target *target);

/* ---- talk_thingset.c: what its ways have in common ---------------------- */

const struct profile_thingset *thingset_of(const struct target *target);
/* Is it asked at all; how long may a report take to come? */
bool thingset_may_ask(const struct target *target);
int64_t thingset_wait_ms(const struct target *target);
/* A message that is a report, or may be one. */
void thingset_hear(
    struct target *target, const void *data, size_t size, int64_t now_ms);
/* Has all been published that the profile wants, and can it be named? */
bool thingset_settled(const struct target *target, int64_t now_ms);
/* The request that comes next, bare; false where there is none. */
bool thingset_put_request(struct target *target, struct buf *out);
/* What a message means for the request that is out. */
enum talk_result thingset_take(
    struct target *target, const struct buf *message);
/* A question about names was not answered: it is not asked again. */
void thingset_give_up(struct target *target);
/* Reports become parts of the frame; what is missing is the error. */
void thingset_keep_reports(struct target *target, int64_t now_ms);
void thingset_keep_since(struct target *target, int64_t since_ms);

/* ---- poller_node.c: ThingSet on CAN ------------------------------------- */

/* Is it such a node, not a sender of fixed messages? */
bool node_is(const struct target *target);
/* The identifiers that it sends. */
size_t node_ids(struct target *target, const struct profile_can **ids);
void node_begin(struct target *target);
void node_take(struct target *target, const struct frame_can *can);
/* Only what it publishes; false where it is none of it, or not all. */
bool node_hear(
    struct target *target, const struct frame_can *can, int64_t now_ms);
/* Its deadline has come. */
void node_clock(struct target *target, int64_t now_ms);
void node_free(struct target *target);

/* ---- poller_hear.c: buses; poller_cycle.c: their frames */

void heard_due(struct target *target, int64_t slot_ms);
void heard_event(struct endpoint *endpoint);
int64_t heard_time(struct endpoint *endpoint, int64_t now_ms);
int64_t heard_cycle(const struct target *target);
/* Which of the profile's messages is it? -1: none. */
int64_t heard_key(const struct target *target, const struct frame_can *can);
void heard_keep(
    struct target *target, const struct frame_can *can, int64_t key);
/* Is all here that a cycle must have? */
bool heard_whole(const struct target *target);

/* ---- poller_bus.c: what a bus tells of itself, and is sent ------------- */

/* Does any device on it want to be asked or acknowledged? */
bool bus_must_speak(const struct endpoint *endpoint);
/* Ask the kernel for its state and bit rate, and say what is wrong. */
void bus_look(struct endpoint *endpoint);
/* An error frame came. */
void bus_error(struct endpoint *endpoint, const struct frame_can *can);
/* Nothing was heard: the reason into the target's error. */
void bus_blame(struct target *target);
/* Write what waits, to an adapter. 0, or -1 with errno. */
int bus_send(struct endpoint *endpoint);
/* Send the requests of the device's profile. 0, or -1 with errno. */
int bus_ask(struct target *target);

/* ---- poller_http.c, poller_stream.c ------------------------------------- */

/* Does it go over HTTP or WebSocket? */
bool endpoint_web(const struct endpoint *endpoint);
bool web_speakable(const struct device *device, enum frame_protocol protocol);
/* Can this device be served: files, scheme and stream? */
int web_check(struct poller *poller, const struct device *device,
    const struct profile *profile, struct failure *why);
void web_event(struct endpoint *endpoint);
int64_t web_time(struct endpoint *endpoint, int64_t now_ms);
/* Let go of the connection; for good. */
void web_close(struct endpoint *endpoint);
void web_free(struct endpoint *endpoint);
/* The slot of a device that is listened to. */
void stream_due(struct target *target, int64_t slot_ms);

/* ---- poller_log.c ------------------------------------------------------- */

/* Open the log, or read on, up to its end. */
void log_event(struct endpoint *endpoint);
/* A slot of a device in a log that is followed is over: was it heard? */
void log_slot_over(struct target *target, int64_t wall_ms);
/* Do what is due; returns when to come back. */
int64_t log_time(struct endpoint *endpoint, int64_t now_ms);

#endif
