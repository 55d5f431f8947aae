/* What a forecast had to assume, in words: for its table and its JSON. */
#ifndef REPORT_FORECAST_WORDS_H
#define REPORT_FORECAST_WORDS_H

#include "nightshift/forecast.h"
#include "util/arena.h"

#define FORECAST_ASSUMED_MAX 8

/* Fills `words`, whose memory is the arena's; returns how many. */
size_t forecast_assumed(const struct prospect *night, struct arena *arena,
                        const char *words[FORECAST_ASSUMED_MAX]);

#endif
