/* What a profile tells about itself. */
#include <stdlib.h>

#include "profile/rule.h"

void
profile_free(struct profile *profile)
{
	if (profile == NULL)
		return;
	dbc_free(profile->dbc);
	free(profile->blocks);
	free(profile->wants);
	free(profile->messages);
	free(profile->picks);
	free(profile->cans);
	free(profile->items);
	free(profile->rules);
	arena_free(&profile->arena);
	free(profile);
}

const char *
profile_name(const struct profile *profile)
{
	return profile->name;
}

const char *
profile_maker(const struct profile *profile)
{
	return profile->maker;
}

const char *
profile_model(const struct profile *profile)
{
	return profile->model;
}

enum reading_kind
profile_kind(const struct profile *profile)
{
	return profile->kind;
}

enum frame_protocol
profile_protocol(const struct profile *profile)
{
	return profile->protocol;
}

int64_t
profile_interval_ms(const struct profile *profile)
{
	return profile->interval_ms;
}

int64_t
profile_cycle_ms(const struct profile *profile)
{
	return profile->cycle_ms;
}

size_t
profile_blocks(
    const struct profile *profile, const struct profile_block **blocks)
{
	*blocks = profile->blocks;
	return profile->block_count;
}

size_t
profile_wants(const struct profile *profile, const struct profile_want **wants)
{
	*wants = profile->wants;
	return profile->want_count;
}

unsigned
profile_limit(const struct profile *profile)
{
	return profile->limit;
}

unsigned
profile_step(const struct profile *profile)
{
	return profile->byte_addresses ? 2 : 1;
}

bool
profile_sunspec(const struct profile *profile, uint16_t *base)
{
	*base = profile->base;
	return profile->sunspec;
}

size_t
profile_cans(const struct profile *profile, const struct profile_can **cans)
{
	*cans = profile->cans;
	return profile->message_count;
}

uint32_t
profile_can_mask(const struct profile *profile)
{
	return profile->can_mask;
}

size_t
profile_can_requests(
    const struct profile *profile, const struct profile_can_request **requests)
{
	*requests = profile->can_requests;
	return profile->can_request_count;
}

size_t
profile_requests(
    const struct profile *profile, const struct profile_request **requests)
{
	*requests = profile->requests;
	return profile->request_count;
}

const struct profile_thingset *
profile_thingset(const struct profile *profile)
{
	return &profile->thingset;
}

const struct framing *
profile_framing(const struct profile *profile)
{
	return profile->framing;
}

const struct profile_http *
profile_http(const struct profile *profile)
{
	return &profile->http;
}

uint8_t
profile_reply(const struct profile *profile)
{
	return profile->reply;
}
