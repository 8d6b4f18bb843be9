/*
 * nagios.h - all alerts as the one line and the status that Nagios, Icinga
 * and monit ask of a plugin.
 *
 *	CRITICAL - miss_high miss_pct 17.2 % > 15 %, 1 more | 'miss_high'=17.2%;;15
 *
 *	status = nagios_line(&a, order, &line);
 *	out_add(&o, buf_str(&line));
 *
 * Source: Monitoring Plugins Development Guidelines; ranges as there: a
 * threshold of "15" alerts above it, "75:" below it.
 *
 * Ownership: the caller's buf.  Errors: none; what exceeds NAGIOS_LINE_MAX is
 * left out, by whole items.
 */
#ifndef NAGIOS_H
#define NAGIOS_H

#include "alarms.h"
#include "base.h"
#include "buf.h"

#define NAGIOS_LINE_MAX	4096	/* bytes that Nagios 3 takes, perfdata and all */

enum nagios { NAGIOS_OK, NAGIOS_WARNING, NAGIOS_CRITICAL, NAGIOS_UNKNOWN };

/* order: as of alarms_order().  UNKNOWN: not one alert could be judged. */
enum nagios nagios_line(const struct alarms *a, const struct alarm *const *order, struct buf *line);

#endif
