/* See thingset_tree.h. */
#include "wire/thingset_tree.h"

#include <string.h>

/* Put a value where its path says; takes the value. */
static void
put_at(json_t *object, const char *path, json_t *value)
{
	const char *slash;

	while ((slash = strchr(path, '/')) != NULL) {
		size_t size = (size_t)(slash - path);
		json_t *group = json_object_getn(object, path, size);

		if (!json_is_object(group)) {
			group = json_object();
			json_object_setn_new(object, path, size, group);
		}
		object = group;
		path = slash + 1;
	}
	json_object_set_new(object, path, value);
}

bool
thingset_tree_subset(const struct thingset_tree *tree, const char *path)
{
	for (size_t i = 0; i < tree->speech->report_count; i++)
		if (strcmp(tree->speech->reports[i].text, path) == 0)
			return strchr(path, '/') == NULL;
	return false;
}

/* A request's group is at its path, a report has the whole tree. */
void
thingset_tree_open(struct thingset_tree *tree, const struct frame *frame,
    const struct profile_thingset *speech)
{
	struct failure why;

	tree->root = json_object();
	tree->speech = speech;
	for (size_t i = 0; i < frame->count; i++) {
		const struct frame_answer *answer = &frame->part.answer[i];
		json_t *value =
		    json_read(answer->text, answer->text_size, &why);

		if (value == NULL)
			continue;
		if (json_is_object(value) &&
		    (answer->path[0] == '\0' ||
			thingset_tree_subset(tree, answer->path))) {
			json_object_update_recursive(tree->root, value);
			json_decref(value);
		} else {
			put_at(tree->root, answer->path, value);
		}
	}
}

void
thingset_tree_close(struct thingset_tree *tree)
{
	json_decref(tree->root);
	tree->root = NULL;
}

/* Borrowed, or NULL. */
static json_t *
find(const struct thingset_tree *tree, const char *path)
{
	json_t *value = tree->root;

	while (*path != '\0' && value != NULL) {
		size_t size = strcspn(path, "/");

		value = json_object_getn(value, path, size);
		path += size + (path[size] == '/');
	}
	return value;
}

json_t *
thingset_tree_get(const struct thingset_tree *tree, const char *path)
{
	json_t *value, *shown, *member, *items;
	const char *name;

	if (thingset_tree_subset(tree, path)) {
		items = thingset_tree_items(tree);
		shown = json_array();
		json_object_foreach(items, name, member)
		    json_array_append_new(shown, json_string(name));
		json_decref(items);
		return shown;
	}
	value = find(tree, path);
	if (!json_is_object(value))
		return json_incref(value);
	shown = json_object();
	json_object_foreach(value, name, member) json_object_set_new(shown,
	    name, json_is_object(member) ? json_null() : json_incref(member));
	return shown;
}

json_t *
thingset_tree_names(const struct thingset_tree *tree, const char *path)
{
	json_t *names, *member, *value = find(tree, path);
	const char *name;

	if (thingset_tree_subset(tree, path))
		return thingset_tree_get(tree, path);
	if (!json_is_object(value))
		return NULL;
	names = json_array();
	json_object_foreach(value, name, member)
	    json_array_append_new(names, json_string(name));
	if (*path == '\0')
		for (size_t i = 0; i < tree->speech->report_count; i++)
			if (thingset_tree_subset(
				tree, tree->speech->reports[i].text))
				json_array_append_new(names,
				    json_string(tree->speech->reports[i].text));
	return names;
}

static void
add_items(json_t *items, const json_t *group, struct buf *path)
{
	const char *name;
	json_t *member;

	json_object_foreach((json_t *)(uintptr_t)group, name, member)
	{
		size_t before = path->size;

		buf_print(path, before > 0 ? "/%s" : "%s", name);
		if (json_is_object(member))
			add_items(items, member, path);
		else
			json_object_set(items, path->data, member);
		path->size = before;
		path->data[before] = '\0';
	}
}

json_t *
thingset_tree_items(const struct thingset_tree *tree)
{
	json_t *items = json_object();
	struct buf path = { 0 };

	add_items(items, tree->root, &path);
	buf_free(&path);
	return items;
}

json_t *
thingset_tree_report(const struct thingset_tree *tree, const char *path)
{
	return thingset_tree_subset(tree, path) ? json_incref(tree->root)
						: json_incref(find(tree, path));
}
