/* A thin face of SQLite: the only room that includes sqlite3.h. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct sql; /* one open database */
struct sql_query; /* one prepared statement */

enum sql_mode { SQL_READ, SQL_WRITE, SQL_CREATE };
enum sql_type {
	SQL_TYPE_NULL,
	SQL_TYPE_INTEGER,
	SQL_TYPE_REAL,
	SQL_TYPE_TEXT,
	SQL_TYPE_BLOB
};

/*
 * Open with our settings: WAL, foreign keys, defensive, busy timeout 5 s,
 * double-quoted strings off, no extension loading, ATTACH refused.
 * NULL with a failure: EXIT_WRONG for what is no database or too new,
 * EXIT_AGAIN for what is locked, full or absent from the disk.
 */
struct sql *sql_open(const char *path, enum sql_mode mode, struct failure *why);
void sql_close(struct sql *sql);

/* Wait this long for a lock instead of 5 s. */
void sql_patience(struct sql *sql, int64_t wait_ms);

/* Run statements without values (schema, BEGIN …). */
int sql_run(struct sql *sql, const char *statements, struct failure *why);
int sql_begin(struct sql *sql, struct failure *why); /* IMMEDIATE */
/* COMMIT; `full` makes it durable before it returns (synchronous=FULL). */
int sql_commit(struct sql *sql, bool full, struct failure *why);
void sql_rollback(struct sql *sql);
/* Make all commits so far durable. */
int sql_sync(struct sql *sql, struct failure *why);
/* A transaction that only reads: one state of the database until
 * sql_rollback. Hold it for at most 10 s. */
int sql_begin_read(struct sql *sql, struct failure *why);
/* How many transactions sql_begin has begun: to know a new one. */
uint64_t sql_transactions(const struct sql *sql);

/*
 * From now on only SELECT over the tables is prepared (no pragma, no
 * writing, no file), and a statement that runs for longer than limit_ms
 * ends with EXIT_AGAIN. For SQL that a person wrote.
 */
void sql_guard(struct sql *sql, int64_t limit_ms);
/* A copy of the whole database in a new file, replaced as a whole. */
int sql_copy(struct sql *sql, const char *path, struct failure *why);

/* A copy in a file that is not there yet, not synced; for a database that
 * is open in SQL_READ. */
int sql_copy_plain(struct sql *sql, const char *path, struct failure *why);

/* Write the whole file anew, so that nothing removed is left in it or in
 * its log. Needs room for it once more. EXIT_AGAIN where others read. */
int sql_rewrite(struct sql *sql, struct failure *why);

/* Text of a statement is a constant of ours, or was given by a person to a
 * guarded database; never pasted together from data. One statement; more
 * is a failure. Owned by the caller: sql_query_free. */
struct sql_query *sql_prepare(
    struct sql *sql, const char *text, struct failure *why);
/* The same into *query: is it there? For several in one condition. */
bool sql_prepare_into(struct sql_query **query, struct sql *sql,
    const char *text, struct failure *why);
/* For a struct that keeps many: where in it (offsetof) the statement of a
 * text stands. */
struct sql_text {
	size_t place;
	const char *text;
};
/* All of them in the struct at `all`, zero before; 0, or -1 with a failure:
 * some are prepared even so. */
int sql_prepare_all(struct sql *sql, void *all, const struct sql_text *texts,
    size_t count, struct failure *why);
void sql_free_all(void *all, const struct sql_text *texts, size_t count);
void sql_query_free(struct sql_query *query);
void sql_reset(struct sql_query *query); /* also clears the values */

/* The member of its type counts. */
struct sql_value {
	enum sql_type type;
	int64_t integer;
	double real;
	const char *text;
	const void *blob;
	size_t size; /* of the blob */
};
/* Parameters count from 1. Text and blobs must live until sql_reset. */
void sql_bind(struct sql_query *query, int n, const struct sql_value *value);
void sql_bind_null(struct sql_query *query, int n);
void sql_bind_integer(struct sql_query *query, int n, int64_t value);
void sql_bind_real(struct sql_query *query, int n, double value);
void sql_bind_text(struct sql_query *query, int n, const char *text);
void sql_bind_blob(
    struct sql_query *query, int n, const void *data, size_t size);
/* The number of :name, 0 where the statement has none. */
int sql_parameter(struct sql_query *query, const char *name);

/* 1 a row, 0 no more, -1 with a failure. */
int sql_step(struct sql_query *query, struct failure *why);
/* Step a statement that returns no row, then reset it. */
int sql_done(struct sql_query *query, struct failure *why);
/* The integer that its first row begins with, 0 for NULL or no row, then
 * reset it; -1 with a failure. For what is never negative. */
int64_t sql_answer(struct sql_query *query, struct failure *why);

/* A statement that is needed once, with `count` integers as ?1 and so on:
 * the same as sql_done and sql_answer. */
int sql_run_with(struct sql *sql, const char *text, const int64_t *values,
    int count, struct failure *why);
int sql_run_text(struct sql *sql, const char *text, const char *value,
    struct failure *why); /* with a text as ?1 */
int64_t sql_ask(struct sql *sql, const char *text, const int64_t *values,
    int count, struct failure *why);

/* Columns count from 0; text and blobs live until the next step. */
int sql_columns(struct sql_query *query);
const char *sql_column_name(struct sql_query *query, int n);
enum sql_type sql_column_type(struct sql_query *query, int n);
int64_t sql_integer(struct sql_query *query, int n);
double sql_real(struct sql_query *query, int n);
const char *sql_text(struct sql_query *query, int n); /* NULL for NULL */
const void *sql_blob(struct sql_query *query, int n, size_t *size);

int64_t sql_last_id(struct sql *sql);
int64_t sql_changes(struct sql *sql);

#endif
