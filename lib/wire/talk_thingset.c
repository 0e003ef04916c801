/* ThingSet on serial lines and TCP: request and answer. */
#include <stdio.h>

#include "wire/poller_parts.h"
#include "wire/thingset.h"

static void
ask_thingset(struct endpoint *endpoint, struct target *target)
{
	talk_forget(endpoint);
	thingset_ask(&endpoint->out, talk_request(target));
}

/* What one line means for the request that is out. */
static enum talk_result
judge(struct target *target, const char *line, size_t size)
{
	struct thingset_answer answer;

	switch (thingset_parse(line, size, &target->came, &answer)) {
	case THINGSET_VALUE:
		if (answer.size > 0)
			talk_keep(target, talk_request(target), answer.json,
			    answer.size);
		return TALK_NEXT;
	case THINGSET_REFUSED:
		if (target->error[0] == '\0')
			snprintf(target->error, sizeof(target->error),
			    "?%.80s: %.100s", talk_request(target), answer.why);
		return TALK_NEXT;
	case THINGSET_BAD:
		snprintf(
		    target->error, sizeof(target->error), "%s", answer.why);
		return TALK_FAIL;
	default:
		return TALK_MORE;
	}
}

static enum talk_result
take_thingset(struct endpoint *endpoint, struct target *target)
{
	enum talk_result result = TALK_MORE;
	const char *line;
	size_t size;

	while (result == TALK_MORE &&
	    talk_line(endpoint, &target->came, &line, &size))
		result = judge(target, line, size);
	return result;
}

static enum talk_result
late_thingset(struct endpoint *endpoint, struct target *target)
{
	/* An answer names no request: a late one must not be taken for the
	 * next, so the connection is made anew. */
	talk_timeout(target);
	return endpoint->way.link == LINK_TCP ? TALK_CLOSE : TALK_FAIL;
}

const struct talk talk_thingset = { talk_steps, ask_thingset, take_thingset,
	late_thingset };
