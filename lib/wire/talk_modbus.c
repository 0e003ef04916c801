/* Modbus: one request per block of the plan. */
#include <stdio.h>
#include <string.h>

#include "wire/poller_parts.h"

/* So much without an answer in it is noise. */
#define NOISE_MAX ((size_t)4 * MODBUS_ANSWER_MAX)

static size_t
steps(const struct profile *profile)
{
	const struct profile_block *blocks;

	return profile_blocks(profile, &blocks);
}

/* Modbus TCP, not the frames of a serial line? */
static bool
has_header(const struct endpoint *endpoint)
{
	return endpoint->way.link == LINK_TCP && !endpoint->way.rtu;
}

static void
ask(struct endpoint *endpoint, struct target *target)
{
	const struct profile_block *blocks;
	uint8_t bytes[MODBUS_ASK_MAX];
	size_t size;

	talk_forget(endpoint);
	profile_blocks(target->profile->profile, &blocks);
	blocks += target->step;
	endpoint->ask = (struct modbus_ask){ .unit = target->device.unit,
		.function = blocks->function,
		.address = blocks->address,
		.count = blocks->count };
	endpoint->transaction++;
	if (has_header(endpoint))
		size = modbus_ask_tcp(
		    &endpoint->ask, endpoint->transaction, bytes);
	else
		size = modbus_ask_rtu(&endpoint->ask, bytes);
	buf_put(&endpoint->out, bytes, size);
}

static void
keep(struct endpoint *endpoint, struct target *target,
    const struct modbus_answer *answer)
{
	struct frame_block *block;
	uint8_t *data = arena_alloc(&target->came, answer->size);

	if (!target_part(target, sizeof(*block)))
		return;
	memcpy(data, answer->data, answer->size);
	block = &target->frame.part.block[target->frame.count++];
	block->function = endpoint->ask.function;
	block->address = endpoint->ask.address;
	block->size = (uint16_t)answer->size;
	block->data = data;
}

/* "illegal data address (exception 2) at 3:40070+2"; the first is kept. */
static void
note_exception(
    const struct endpoint *endpoint, struct target *target, unsigned exception)
{
	const char *name = modbus_exception_name(exception);

	if (target->error[0] != '\0')
		return;
	snprintf(target->error, sizeof(target->error),
	    "%s (exception %u) at %u:%u+%u",
	    name == NULL ? "unknown refusal" : name, exception,
	    endpoint->ask.function, endpoint->ask.address, endpoint->ask.count);
}

/* Exceptions 1 to 3 are about this block; the others about the device. */
static enum talk_result
refused(struct endpoint *endpoint, struct target *target,
    const struct modbus_answer *answer)
{
	note_exception(endpoint, target, answer->exception);
	return answer->exception <= 3 ? TALK_NEXT : TALK_FAIL;
}

static enum modbus_result
look(struct endpoint *endpoint, struct modbus_answer *answer)
{
	const uint8_t *bytes = (const uint8_t *)endpoint->in.data;

	if (has_header(endpoint))
		return modbus_take_tcp(&endpoint->ask, endpoint->transaction,
		    bytes, endpoint->in.size, answer);
	return modbus_take_rtu(
	    &endpoint->ask, bytes, endpoint->in.size, answer);
}

static enum talk_result
take(struct endpoint *endpoint, struct target *target)
{
	struct modbus_answer answer;
	enum modbus_result result;
	enum talk_result talk = TALK_NEXT;

	while ((result = look(endpoint, &answer)) == MODBUS_STRAY)
		buf_drop(&endpoint->in, answer.used);
	if (result == MODBUS_MORE) {
		if (endpoint->in.size > NOISE_MAX)
			buf_clear(&endpoint->in);
		return TALK_MORE;
	}
	if (result == MODBUS_DATA)
		keep(endpoint, target, &answer);
	else if (result == MODBUS_EXCEPTION)
		talk = refused(endpoint, target, &answer);
	else
		snprintf(
		    target->error, sizeof(target->error), "%s", answer.why);
	if (result == MODBUS_BROKEN)
		return TALK_CLOSE;
	buf_drop(&endpoint->in, answer.used);
	return result == MODBUS_WRONG ? TALK_FAIL : talk;
}

/* Noise on a serial line is no fault of the device: once in a poll what
 * came damaged is asked for again. */
static enum talk_result
late_rtu(struct endpoint *endpoint, struct target *target)
{
	const struct buf *in = &endpoint->in;

	if (in->size == 0)
		return talk_timeout(target);
	if (!target->again) {
		target->again = true;
		return TALK_AGAIN;
	}
	modbus_blame_rtu(&endpoint->ask, (const uint8_t *)in->data, in->size,
	    target->error, sizeof(target->error));
	return TALK_FAIL;
}

static enum talk_result
late(struct endpoint *endpoint, struct target *target)
{
	if (!has_header(endpoint))
		return late_rtu(endpoint, target);
	if (endpoint->in.size == 0)
		return talk_timeout(target);
	snprintf(target->error, sizeof(target->error),
	    "answer cut after %zu bytes", endpoint->in.size);
	return TALK_FAIL;
}

const struct talk talk_modbus = { steps, ask, take, late };
