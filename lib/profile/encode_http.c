/* The answers of an HTTP device, made of the items of a reading. */
#include <string.h>

#include "json/json_path.h"
#include "profile/writing.h"

/* As many digits as a double keeps of what was written. */
#define FLAGS (JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15))

/* One answer in the making. */
struct group {
	const char *path;
	size_t size;
	json_t *root;
};

struct groups {
	const struct profile *profile;
	struct group *at;
	size_t count;
};

static struct group *
group_of(struct groups *groups, const char *path, size_t size)
{
	struct group *group;

	for (size_t i = 0; i < groups->count; i++) {
		group = &groups->at[i];
		if (group->size == size && memcmp(group->path, path, size) == 0)
			return group;
	}
	group = &groups->at[groups->count++];
	*group = (struct group){ path, size, NULL };
	return group;
}

/* A message says what it is where the profile looks for that. */
static void
put_key(const struct groups *groups, struct group *group)
{
	const char *key = groups->profile->http.key;

	if (*key != '\0' && group->size > 0)
		(void)json_path_put(&group->root, key, strlen(key),
		    json_stringn(group->path, group->size));
}

static void
put_item(struct groups *groups, const char *name, const char *text)
{
	size_t size = strcspn(name, "|"), before = 0;
	const char *hash = memchr(name, '#', size);
	struct group *group;
	struct failure why;
	json_t *value = json_read(text, strlen(text), &why);

	if (value == NULL)
		return;
	if (hash != NULL) {
		before = (size_t)(hash - name) + 1;
		group = group_of(groups, name, before - 1);
	} else if (groups->profile->http.stream == STREAM_NONE) {
		group = &groups->at[0];
	} else {
		group = group_of(groups, "", 0);
	}
	(void)json_path_put(&group->root, name + before, size - before, value);
}

static void
close_group(
    struct group *group, struct arena *arena, struct frame_answer *answer)
{
	size_t size;
	char *text;

	if (group->root == NULL)
		group->root = json_object();
	size = json_dumpb(group->root, NULL, 0, FLAGS);
	text = arena_alloc(arena, size + 1);
	(void)json_dumpb(group->root, text, size, FLAGS);
	text[size] = '\0';
	*answer =
	    (struct frame_answer){ arena_text(arena, group->path, group->size),
		    text, (uint32_t)size };
	json_decref(group->root);
}

void
writing_http(struct writing *w, struct frame *frame)
{
	const struct profile *p = w->profile;
	size_t most = p->item_count + p->request_count + 1;
	struct groups groups = { .profile = p };

	groups.at = arena_alloc(w->arena, most * sizeof(*groups.at));
	for (size_t i = 0; i < p->request_count; i++)
		if (p->http.stream == STREAM_NONE)
			group_of(&groups, p->requests[i].text,
			    strlen(p->requests[i].text));
	for (size_t i = 0; i < p->item_count; i++)
		if (w->items[i].text != NULL)
			put_item(&groups, p->items[i], w->items[i].text);
	for (size_t i = 0; i < groups.count; i++) {
		put_key(&groups, &groups.at[i]);
		close_group(&groups.at[i], w->arena,
		    &frame->part.answer[frame->count++]);
	}
}
