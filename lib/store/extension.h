/*
 * Included before all else where this room is built into the extension: each
 * call of SQLite goes to the library that loaded it, whichever that is.
 */
#ifndef STORE_EXTENSION_H
#define STORE_EXTENSION_H

#include <sqlite3ext.h>

extern const sqlite3_api_routines *sqlite3_api;

#endif
