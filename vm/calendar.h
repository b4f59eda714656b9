/* Instants are int64 microseconds since 1970-01-01T00:00:00Z; all time is UTC (proleptic Gregorian, years 1
   to 9999). */
#ifndef RUBRIC_VM_CALENDAR_H
#define RUBRIC_VM_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MICROS_SECOND INT64_C(1000000)
#define MICROS_MINUTE (60 * MICROS_SECOND)
#define MICROS_HOUR (60 * MICROS_MINUTE)
#define MICROS_DAY (24 * MICROS_HOUR)
#define MICROS_WEEK (7 * MICROS_DAY)
#define INSTANT_MIN INT64_C(-62135596800000000)        /* 0001-01-01T00:00:00Z */
#define INSTANT_MAX INT64_C(253402300799999999)        /* 9999-12-31T23:59:59.999999Z */

enum time_unit { UNIT_MINUTE, UNIT_HOUR, UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_YEAR };
enum date_order { DATES_ISO_ONLY, DATES_DMY, DATES_MDY, DATES_YMD };

/* "2026-11-22", "2026-11-22T10:30:00Z", "…T10:30", "2026-11-22 10:30:00", fraction of a second (cut to micros), zone Z
   or +01:00 or +0100; without a zone it is UTC.  With an order also "22.11.2026", "11/22/2026", "22-11-2026" and an
   optional time " 14:30[:00]" or " 2:30 PM".  The whole text; false if it is no date or no real day (2026-02-30). */
bool instant_parse(const char *text, size_t length, enum date_order order, int64_t *instant);
#define INSTANT_TEXT 40
size_t instant_format(int64_t instant, char *out);     /* 2026-11-22T10:30:00Z, fraction only when not 0, shortest */
size_t instant_format_day(int64_t instant, char *out); /* 2026-11-22 when it is midnight, else as above */
int64_t instant_from_civil(int64_t year, int month, int day);
void instant_to_civil(int64_t instant, int64_t *year, int *month, int *day);
/* start + count units; months and years are calendar steps, all at once, clamped to the end of the month.
   Saturates at INSTANT_MIN and INSTANT_MAX. count may be negative. */
int64_t instant_step(int64_t start, int64_t count, enum time_unit unit);
/* The largest n with start + n units <= end (floor; negative when end < start). */
int64_t instant_whole_units(int64_t start, int64_t end, enum time_unit unit);
/* Numbers of the UTC day, ISO week, calendar month: equal exactly for instants of the same one. */
int64_t instant_period(int64_t instant, enum time_unit unit);  /* UNIT_DAY, UNIT_WEEK or UNIT_MONTH */
const char *time_unit_name(enum time_unit unit, bool plural);

#endif
