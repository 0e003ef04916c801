/* Answers: pages of our own, redirects, files. */
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "front.h"
#include "web/files.h"

static void
add(struct http_answer *answer, const char *name, const char *value)
{
	answer->more[answer->more_count++] = (struct header){ name, value };
}

static void
add_all(struct http_answer *answer, const struct header *more, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add(answer, more[i].name, more[i].value);
}

void
reply_page(struct http_request *request, unsigned status,
    const struct buf *page, const struct header *more, size_t count)
{
	struct http_answer answer = {
		.status = status,
		.type = "text/html; charset=utf-8",
		.policy = HEADERS_PAGE,
		.cache = "no-store",
		.data = page->data,
		.size = page->size,
		.fd = -1,
	};

	add_all(&answer, more, count);
	http_answer(request, &answer);
}

void
reply_error(struct http_request *request, unsigned status)
{
	const struct visit *visit = request->own;
	struct header more[] = {
		{ status == 405 ? "Allow" : "Retry-After",
		    status == 405 ? "GET, HEAD, POST" : "5" },
	};
	struct buf page = { 0 };

	page_error(&page, visit->front->pages, visit->language, status);
	reply_page(request, status, &page, more,
	    status == 405 || status == 503 ? 1 : 0);
	buf_free(&page);
}

void
reply_redirect(struct http_request *request, unsigned status,
    const char *location, const struct header *more, size_t count)
{
	struct http_answer answer = {
		.status = status,
		.policy = HEADERS_PAGE,
		.cache = "no-store",
		.fd = -1,
	};

	add(&answer, "Location", location);
	add_all(&answer, more, count);
	http_answer(request, &answer);
}

/* A script with data in it must not be read by another site's page. */
static bool
script_from_elsewhere(const struct http_request *request)
{
	const char *site = http_header(request, "Sec-Fetch-Site");

	return strcmp(path_extension(&request->path), "js") == 0 &&
	    site != NULL && strcmp(site, "same-origin") != 0 &&
	    strcmp(site, "none") != 0;
}

static void
send_file(struct http_request *request, struct files_file *file)
{
	static const struct path index = { .text = "/index.html" };
	const struct headers_type *type =
	    headers_type(request->path.slash ? &index : &request->path);
	struct http_answer answer = {
		.status = 200,
		.cache = strstr(request->path.text, "/data/live/") != NULL
		    ? "no-store"
		    : "private, no-cache",
		.fd = file->fd,
		.size = file->size,
	};

	if (type == NULL || script_from_elsewhere(request)) {
		close(file->fd);
		reply_error(request, type == NULL ? 404 : 403);
		return;
	}
	answer.policy = type->policy;
	add(&answer, "ETag", file->tag);
	if (files_tag_known(http_header(request, "If-None-Match"), file->tag)) {
		close(file->fd);
		answer.status = 304;
		answer.fd = -1;
		answer.size = 0;
	} else {
		answer.type = type->type;
		if (type->attachment)
			add(&answer, "Content-Disposition", "attachment");
	}
	http_answer(request, &answer);
}

void
reply_file(struct http_request *request, int dir_fd, size_t skip)
{
	const struct visit *visit = request->own;
	struct buf with_slash = { 0 };
	struct files_file file;

	switch (files_open(
	    dir_fd, &request->path, skip, visit->front->key, &file)) {
	case FILES_OPEN:
		send_file(request, &file);
		break;
	case FILES_FOLDER:
		buf_print(&with_slash, "%s/", request->path.text);
		reply_redirect(request, 308, with_slash.data, NULL, 0);
		buf_free(&with_slash);
		break;
	case FILES_NONE:
		reply_error(request, 404);
		break;
	case FILES_FAILED:
		reply_error(request, 503);
		break;
	}
}
