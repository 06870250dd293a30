#include "fuzzing_door.h"

#include <sys/stat.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzzing.h"
#include "fuzzing_db.h"

time_t
__wrap_time(time_t *t)
{
	if (t != NULL)
		*t = FUZZ_NOW;
	return FUZZ_NOW;
}

bool
__wrap_confine_enter(struct confine *confine, const struct settings *settings,
    struct log *log)
{
	(void)confine;
	(void)settings;
	(void)log;
	return false;
}

void
__wrap_confine_enter_once(const struct settings *settings)
{
	(void)settings;
}

const char *
fuzz_door_config(const char *database, const char *more)
{
	static char path[FUZZ_PATH + 100];
	FILE *file;

	snprintf(path, sizeof(path), "%s", fuzz_path("billhook.conf"));
	file = fopen(path, "w");
	if (file == NULL || fchmod(fileno(file), 0600) == -1)
		abort();
	fprintf(file, "STRIPE_WEBHOOK_SECRET=%s,%s\nBILLHOOK_DATABASE=%s\n"
	    "BILLHOOK_MAX_BODY=%d\n%s", FUZZ_SECRET, FUZZ_ROLLED,
	    fuzz_path(database), FUZZ_BODY_MAX, more);
	fclose(file);
	return path;
}
