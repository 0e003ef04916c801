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

/* A poll begins: the device is remembered from the last one. */
static void
begin(struct target *target)
{
	if (target->reader == NULL)
		target->reader = modbus_reader_open(
		    target->profile->profile, target->device.limit);
	modbus_reader_begin(target->reader, target->began_ms);
	target->reading = true;
}

static void
ask(struct endpoint *endpoint, struct target *target)
{
	struct profile_block block = { 0 };
	uint8_t bytes[MODBUS_ASK_MAX];
	size_t size;

	talk_forget(endpoint);
	if (!target->reading)
		begin(target);
	(void)modbus_reader_next(target->reader, &block);
	endpoint->ask = (struct modbus_ask){ .unit = target->device.unit,
		.reply = profile_reply(target->profile->profile),
		.function = block.function,
		.address = block.address,
		.count = block.count };
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

/* What the device said goes into its plan: is there more to ask? */
static enum talk_result
go_on(struct target *target, enum modbus_reader_result result)
{
	struct profile_block block;
	bool more = modbus_reader_next(target->reader, &block);

	if (result == READER_AGAIN)
		target->frame.count = 0;
	if (target->error[0] == '\0')
		snprintf(target->error, sizeof(target->error), "%s",
		    modbus_reader_error(target->reader));
	/* how many steps there are shows itself on the way */
	target->steps = target->step + (more ? 2 : 1);
	if (!more) {
		target->steps =
		    target->frame.count + !modbus_reader_whole(target->reader);
		return TALK_DONE;
	}
	return TALK_NEXT;
}

static enum talk_result
answered(struct endpoint *endpoint, struct target *target,
    const struct modbus_answer *answer)
{
	enum modbus_reader_result result =
	    modbus_reader_take(target->reader, answer->data, answer->size);

	if (result == READER_KEEP)
		keep(endpoint, target, answer);
	return go_on(target, result);
}

/* Exceptions 1 to 3 are about this block; the others about the device. Some
 * answer 4 to registers that they do not have. */
static enum talk_result
refused(struct endpoint *endpoint, struct target *target,
    const struct modbus_answer *answer)
{
	const char *name = modbus_exception_name(answer->exception);

	if (answer->exception <= 3 ||
	    (answer->exception == 4 && modbus_reader_searching(target->reader)))
		return go_on(target,
		    modbus_reader_refuse(target->reader, answer->exception));
	snprintf(target->error, sizeof(target->error),
	    "%s (exception %u) at %u:%u+%u",
	    name == NULL ? "unknown refusal" : name, answer->exception,
	    endpoint->ask.function, endpoint->ask.address, endpoint->ask.count);
	return TALK_FAIL;
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
		talk = answered(endpoint, target, &answer);
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

const struct talk talk_modbus = { steps, ask, take, late, talk_unasked };
