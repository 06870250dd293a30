/*
 * A small shop for tests in C: the events of tests/data/shop.jsonl, of every
 * kind of object that billhook keeps, and what the tables say after them.
 */
#ifndef SHOP_H
#define SHOP_H

#include <stddef.h>
#include <stdint.h>

#include "store.h"

#define SHOP_NOW	1700001000	/* of our clock, when they come */

/* Reads the events.  Exits when it cannot. */
void shop_open(void);
void shop_close(void);

/* Hands all of them to the store, in their order, until one is not taken. */
enum store_result shop_deliver(struct store *store);

/* One number of all rows of the computed tables of the database at path; 0 if
 * it cannot be read. */
uint64_t shop_digest(const char *path);

/* The whole number that sql gives; -1 if it gives none.  And runs sql that
 * gives none, as somebody else would: 0 or -1. */
int64_t shop_ask(const char *path, const char *sql);
int shop_run(const char *path, const char *sql);

/* Copies a file.  Exits when it cannot. */
void shop_copy(const char *from, const char *to);

#endif
