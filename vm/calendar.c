#include "vm/calendar.h"

#include <string.h>

static const int days_before_month[2][13] = {
    {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365},
    {0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366},
};

static int64_t floor_divide(int64_t dividend, int64_t divisor)
{
    int64_t quotient = dividend / divisor;
    return dividend % divisor < 0 ? quotient - 1 : quotient;
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_of_month(int64_t year, int month)
{
    const int *before = days_before_month[is_leap(year)];
    return before[month] - before[month - 1];
}

/* Days since 1970-01-01.  Whole years are counted from year 1, so no term is negative for the years there are. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    int64_t past = year - 1;
    int64_t leap_days = floor_divide(past, 4) - floor_divide(past, 100) + floor_divide(past, 400);
    return past * 365 + leap_days + days_before_month[is_leap(year)][month - 1] + day - 1 - 719162;
}

int64_t instant_from_civil(int64_t year, int month, int day)
{
    return days_from_civil(year, month, day) * MICROS_DAY;
}

/* Years that begin in March put the leap day last: Howard Hinnant, "chrono-compatible low-level date algorithms". */
static void civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t shifted = days + 719468;
    int64_t era = floor_divide(shifted, 146097);
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
    *month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

void instant_to_civil(int64_t instant, int64_t *year, int *month, int *day)
{
    civil_from_days(floor_divide(instant, MICROS_DAY), year, month, day);
}

/* Parsing: a cursor over the text; every read_… moves it and says whether what it wants was there. */
struct cursor { const char *at, *end; };

static bool read_char(struct cursor *cursor, char wanted)
{
    if (cursor->at == cursor->end || *cursor->at != wanted)
        return false;
    cursor->at++;
    return true;
}

/* Between `fewest` and `most` digits, as many as there are. */
static bool read_digits(struct cursor *cursor, int fewest, int most, int *value)
{
    int count = 0, sum = 0;
    while (count < most && cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
        sum = sum * 10 + (*cursor->at++ - '0');
        count++;
    }
    *value = sum;
    return count >= fewest;
}

static bool make_day(int year, int month, int day, int64_t *instant)
{
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
        return false;
    *instant = instant_from_civil(year, month, day);
    return true;
}

/* ".123456789" is cut to microseconds. */
static bool read_fraction(struct cursor *cursor, int64_t *micros)
{
    int64_t value = 0, weight = MICROS_SECOND / 10;
    const char *first = cursor->at;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
        value += (*cursor->at++ - '0') * weight;
        weight /= 10;
    }
    *micros = value;
    return cursor->at > first;
}

/* "Z", "+01:00", "+0100"; `offset` is what the zone is ahead of UTC. */
static bool read_zone(struct cursor *cursor, int64_t *offset)
{
    if (read_char(cursor, 'Z')) {
        *offset = 0;
        return true;
    }
    int64_t sign = 1;
    if (read_char(cursor, '-'))
        sign = -1;
    else if (!read_char(cursor, '+'))
        return false;
    int hours, minutes;
    if (!read_digits(cursor, 2, 2, &hours))
        return false;
    read_char(cursor, ':');
    if (!read_digits(cursor, 2, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *offset = sign * (hours * MICROS_HOUR + minutes * MICROS_MINUTE);
    return true;
}

static bool read_iso_time(struct cursor *cursor, int64_t *instant)
{
    int hour, minute, second = 0;
    int64_t micros = 0, offset = 0;
    if (!read_digits(cursor, 2, 2, &hour) || !read_char(cursor, ':') || !read_digits(cursor, 2, 2, &minute))
        return false;
    if (read_char(cursor, ':')) {
        if (!read_digits(cursor, 2, 2, &second))
            return false;
        if (read_char(cursor, '.') && !read_fraction(cursor, &micros))
            return false;
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    if (cursor->at != cursor->end && !read_zone(cursor, &offset))
        return false;
    *instant += hour * MICROS_HOUR + minute * MICROS_MINUTE + second * MICROS_SECOND + micros - offset;
    return true;
}

static bool parse_iso(struct cursor cursor, int64_t *instant)
{
    int year, month, day;
    int64_t result;
    if (!read_digits(&cursor, 4, 4, &year) || !read_char(&cursor, '-') || !read_digits(&cursor, 2, 2, &month)
        || !read_char(&cursor, '-') || !read_digits(&cursor, 2, 2, &day) || !make_day(year, month, day, &result))
        return false;
    if (cursor.at != cursor.end) {
        if (!read_char(&cursor, 'T') && !read_char(&cursor, ' '))
            return false;
        if (!read_iso_time(&cursor, &result) || cursor.at != cursor.end)
            return false;
    }
    if (result < INSTANT_MIN || result > INSTANT_MAX)
        return false;
    *instant = result;
    return true;
}

/* "14:30", "14:30:00", "2:30 PM". */
static bool read_local_time(struct cursor *cursor, int64_t *instant)
{
    int hour, minute, second = 0;
    if (!read_digits(cursor, 1, 2, &hour) || !read_char(cursor, ':') || !read_digits(cursor, 2, 2, &minute))
        return false;
    if (read_char(cursor, ':') && !read_digits(cursor, 2, 2, &second))
        return false;
    if (cursor->at != cursor->end) {
        read_char(cursor, ' ');
        bool after_noon = read_char(cursor, 'P') || read_char(cursor, 'p');
        if (!after_noon && !read_char(cursor, 'A') && !read_char(cursor, 'a'))
            return false;
        if (!read_char(cursor, 'M') && !read_char(cursor, 'm'))
            return false;
        if (hour < 1 || hour > 12)
            return false;
        hour = hour % 12 + (after_noon ? 12 : 0);
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *instant += hour * MICROS_HOUR + minute * MICROS_MINUTE + second * MICROS_SECOND;
    return true;
}

static bool parse_ordered(struct cursor cursor, enum date_order order, int64_t *instant)
{
    const int most[3] = {order == DATES_YMD ? 4 : 2, 2, order == DATES_YMD ? 2 : 4};
    int part[3];
    char separator = '\0';
    for (int i = 0; i < 3; i++) {
        if (i == 1) {
            if (cursor.at == cursor.end || (*cursor.at != '.' && *cursor.at != '/' && *cursor.at != '-'))
                return false;
            separator = *cursor.at++;
        }
        if (i == 2 && !read_char(&cursor, separator))
            return false;
        if (!read_digits(&cursor, most[i] == 4 ? 4 : 1, most[i], &part[i]))
            return false;
    }
    int year = order == DATES_YMD ? part[0] : part[2];
    int month = order == DATES_MDY ? part[0] : part[1];
    int day = order == DATES_DMY ? part[0] : order == DATES_MDY ? part[1] : part[2];
    int64_t result;
    if (!make_day(year, month, day, &result))
        return false;
    if (cursor.at != cursor.end
        && (!read_char(&cursor, ' ') || !read_local_time(&cursor, &result) || cursor.at != cursor.end))
        return false;
    *instant = result;
    return true;
}

bool instant_parse(const char *text, size_t length, enum date_order order, int64_t *instant)
{
    if (length == 0)
        return false;
    struct cursor cursor = {text, text + length};
    if (parse_iso(cursor, instant))
        return true;
    return order != DATES_ISO_ONLY && parse_ordered(cursor, order, instant);
}

static char *write_digits(char *out, int64_t value, int digits)
{
    for (int at = digits - 1; at >= 0; at--, value /= 10)
        out[at] = (char)('0' + value % 10);
    return out + digits;
}

static char *write_day(char *out, int64_t instant)
{
    int64_t year;
    int month, day;
    instant_to_civil(instant, &year, &month, &day);
    out = write_digits(out, year, 4);
    *out++ = '-';
    out = write_digits(out, month, 2);
    *out++ = '-';
    return write_digits(out, day, 2);
}

static int64_t clamp_instant(int64_t instant)
{
    if (instant < INSTANT_MIN)
        return INSTANT_MIN;
    return instant > INSTANT_MAX ? INSTANT_MAX : instant;
}

static int64_t time_of_day(int64_t instant)
{
    return instant - floor_divide(instant, MICROS_DAY) * MICROS_DAY;
}

size_t instant_format(int64_t instant, char *out)
{
    instant = clamp_instant(instant);
    int64_t micros = time_of_day(instant);
    char *end = write_day(out, instant);
    *end++ = 'T';
    end = write_digits(end, micros / MICROS_HOUR, 2);
    *end++ = ':';
    end = write_digits(end, micros / MICROS_MINUTE % 60, 2);
    *end++ = ':';
    end = write_digits(end, micros / MICROS_SECOND % 60, 2);
    if (micros % MICROS_SECOND != 0) {
        *end++ = '.';
        end = write_digits(end, micros % MICROS_SECOND, 6);
        while (end[-1] == '0')
            end--;
    }
    *end++ = 'Z';
    *end = '\0';
    return (size_t)(end - out);
}

size_t instant_format_day(int64_t instant, char *out)
{
    instant = clamp_instant(instant);
    if (time_of_day(instant) != 0)
        return instant_format(instant, out);
    char *end = write_day(out, instant);
    *end = '\0';
    return (size_t)(end - out);
}

static int64_t unit_micros(enum time_unit unit)
{
    switch (unit) {
    case UNIT_MINUTE: return MICROS_MINUTE;
    case UNIT_HOUR: return MICROS_HOUR;
    case UNIT_DAY: return MICROS_DAY;
    case UNIT_WEEK: return MICROS_WEEK;
    case UNIT_MONTH:
    case UNIT_YEAR: break;
    }
    return 0;
}

/* More months than there are, so that any count can be brought down to it before it is multiplied or added. */
#define MONTHS_BEYOND INT64_C(240000)

static int64_t step_months(int64_t start, int64_t months)
{
    int64_t year;
    int month, day;
    instant_to_civil(start, &year, &month, &day);
    int64_t target = year * 12 + (month - 1) + months;
    int64_t target_year = floor_divide(target, 12);
    if (target_year < 1)
        return INSTANT_MIN;
    if (target_year > 9999)
        return INSTANT_MAX;
    int target_month = (int)(target - target_year * 12) + 1;
    int last = days_of_month(target_year, target_month);
    return instant_from_civil(target_year, target_month, day < last ? day : last) + time_of_day(start);
}

int64_t instant_step(int64_t start, int64_t count, enum time_unit unit)
{
    if (unit == UNIT_MONTH || unit == UNIT_YEAR) {
        if (count > MONTHS_BEYOND)
            count = MONTHS_BEYOND;
        if (count < -MONTHS_BEYOND)
            count = -MONTHS_BEYOND;
        return step_months(start, unit == UNIT_YEAR ? count * 12 : count);
    }
    int64_t distance, end;
    if (__builtin_mul_overflow(count, unit_micros(unit), &distance) || __builtin_add_overflow(start, distance, &end))
        return count < 0 ? INSTANT_MIN : INSTANT_MAX;
    return clamp_instant(end);
}

int64_t instant_whole_units(int64_t start, int64_t end, enum time_unit unit)
{
    if (unit != UNIT_MONTH && unit != UNIT_YEAR)
        return floor_divide(end - start, unit_micros(unit));
    int64_t start_year, end_year;
    int start_month, end_month, day;
    instant_to_civil(start, &start_year, &start_month, &day);
    instant_to_civil(end, &end_year, &end_month, &day);
    int64_t months = (end_year - start_year) * 12 + (end_month - start_month);
    /* That many steps end in the same month as `end`: at or before it, or it was one too many. */
    if (step_months(start, months) > end)
        months--;
    return unit == UNIT_YEAR ? floor_divide(months, 12) : months;
}

int64_t instant_period(int64_t instant, enum time_unit unit)
{
    if (unit == UNIT_MONTH) {
        int64_t year;
        int month, day;
        instant_to_civil(instant, &year, &month, &day);
        return year * 12 + month - 1;
    }
    /* 1970-01-01 was a Thursday; ISO weeks begin on Monday. */
    if (unit == UNIT_WEEK)
        return floor_divide(floor_divide(instant, MICROS_DAY) + 3, 7);
    return floor_divide(instant, MICROS_DAY);
}

const char *time_unit_name(enum time_unit unit, bool plural)
{
    switch (unit) {
    case UNIT_MINUTE: return plural ? "minutes" : "minute";
    case UNIT_HOUR: return plural ? "hours" : "hour";
    case UNIT_DAY: return plural ? "days" : "day";
    case UNIT_WEEK: return plural ? "weeks" : "week";
    case UNIT_MONTH: return plural ? "months" : "month";
    case UNIT_YEAR: return plural ? "years" : "year";
    }
    return "";
}
