/*
 * prices.h - what requests cost: a price sheet, applied to counters.
 *
 *	struct prices p;
 *	if (!prices_read(&p, "prices.tsv", say))
 *		die(...);			every mistake was said
 *	for (size_t i = 0; i < p.n; i++)
 *		usd += p.price[i].usd * count of (p.price[i].counters);
 *	prices_free(&p);
 *
 *	what		tier	price_usd	per		note
 *	requests		0.30		1000000
 *	bytes			0.08		1GB
 *
 * Ownership: the prices own their text.
 * Errors: prices_read() is false after say() was told every mistake, as
 * "path:line: ...".
 */
#ifndef PRICES_H
#define PRICES_H

#include "base.h"
#include "mem.h"
#include "table.h"

#define PRICES_MAX	256		/* in a sheet */

struct price {
	uint32_t counters;		/* bit k: counter k of cell.h is in the sum */
	unsigned from;			/* what events must have: FIGURE_CACHE ... */
	struct str tier;		/* that served the request; empty: any */
	double usd;			/* for one */
};

struct prices {
	struct price *price;		/* OWNED */
	size_t n;

	/* private from here */
	size_t cap;
	struct arena text;		/* OWNED */
};

MUST_USE bool prices_read(struct prices *p, const char *path, table_say *say);
void	prices_free(struct prices *p);

#endif
