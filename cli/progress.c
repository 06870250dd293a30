/* A bar on a terminal. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

#define WIDTH 40
#define PAUSE 100		/* milliseconds */

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
progress_start(struct progress *progress, const char *what, int64_t total)
{
	*progress = (struct progress){
		.what = what,
		.total = total,
		.shown = isatty(STDERR_FILENO) == 1,
	};
}

void
progress_show(struct progress *progress, int64_t done, int64_t count)
{
	char bar[WIDTH + 1];
	int64_t now;
	int filled;

	if (!progress->shown || (now = now_ms()) < progress->last + PAUSE)
		return;
	progress->last = now;
	if (progress->total <= 0) {
		fprintf(stderr, "\r%" PRId64 " %s\033[K", count,
		    progress->what);
		return;
	}
	if (done > progress->total)
		done = progress->total;
	filled = (int)((double)done / (double)progress->total * WIDTH);
	memset(bar, '.', WIDTH);
	memset(bar, '#', (size_t)filled);
	bar[WIDTH] = '\0';
	fprintf(stderr, "\r[%s] %3d %%  %" PRId64 " %s\033[K", bar,
	    (int)((double)done / (double)progress->total * 100), count,
	    progress->what);
}

void
progress_clear(const struct progress *progress)
{
	if (progress->shown && progress->last != 0)
		fprintf(stderr, "\r\033[K");
}
