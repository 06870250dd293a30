/*
 * A diagnosis in words, and as JSON.
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "diagnosis.h"

void explain_print(const struct diagnosis_case *given,
    const struct diagnosis *diagnosis);
void explain_json(const struct diagnosis_case *given,
    const struct diagnosis *diagnosis);

/* A time in UTC, "2026-11-22 06:13:20Z". */
#define EXPLAIN_TIME_SIZE 32
void explain_time(char text[EXPLAIN_TIME_SIZE], int64_t t);

#endif
