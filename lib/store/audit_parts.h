/* What the files of the audit log share. */
#ifndef STORE_AUDIT_PARTS_H
#define STORE_AUDIT_PARTS_H

#include "base/buf.h"
#include "store/audit.h"
#include "vault/digest.h"

/* Where a chain stands behind a line. */
struct audit_link {
	int64_t seq; /* 0: nothing is there yet */
	int64_t time_ms;
	char hash[DIGEST_HEX];
};

/* The canonical line behind `last`. */
void audit_line(struct buf *out, const struct audit_event *event,
    int64_t time_ms, const struct audit_link *last);
/* An object as it stands in a line. */
void audit_value(struct buf *out, const json_t *value);
void audit_hash(
    const char *prev, const char *line, size_t size, char hash[DIGEST_HEX]);

#endif
