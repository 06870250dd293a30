/* billhook doctor: is this installation sound? */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "deliver.h"
#include "doctor.h"
#include "options.h"
#include "table.h"

enum { AS, URL, JSON };

static const struct options_option options[] = {
	[AS] = { "as", "USER", "the user that the responder runs as" },
	[URL] = { "url", "URL", "the endpoint: must answer 405 to a GET" },
	[JSON] = { "json", NULL, "for programs" },
	{ NULL, NULL, NULL }
};

static const struct options_help help = {
	"doctor", "",
	"Looks whether this installation is sound: settings, files, "
	"database, clock, disk,\nwhat has come and what is in doubt.  One "
	"line for each finding: ok, warning or\nproblem, what it is, and what "
	"to do.  Exit status 1 if there is a problem.",
	options,
	"  $ billhook doctor\n"
	"  # billhook doctor --as www-data --url "
	"https://example.com/api/billing/webhook\n"
};

static const char *const words[DOCTOR__MAX] = {
	[DOCTOR_OK] = "ok",
	[DOCTOR_WARNING] = "warning",
	[DOCTOR_PROBLEM] = "problem",
};

void
doctor_tell(struct doctor *doctor, enum doctor_level level,
    const char *check, const char *advice, const char *format, ...)
{
	va_list values;
	char text[2048];

	va_start(values, format);
	(void)vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	doctor->counts[level]++;
	if (doctor->json) {
		jsonout_open(&doctor->out, NULL, '{');
		jsonout_text(&doctor->out, "level", words[level]);
		jsonout_text(&doctor->out, "check", check);
		jsonout_text(&doctor->out, "says", text);
		jsonout_text(&doctor->out, "advice", advice);
		jsonout_close(&doctor->out, '}');
		return;
	}
	printf("%-8s %s: ", words[level], check);
	table_put(stdout, text);
	if (advice != NULL) {
		printf("; ");
		table_put(stdout, advice);
	}
	printf("\n");
}

void
doctor_directory(const struct doctor *doctor, char path[DOCTOR_PATH_SIZE])
{
	char *slash;

	(void)snprintf(path, DOCTOR_PATH_SIZE, "%s",
	    doctor->db.settings->database);
	slash = strrchr(path, '/');
	if (slash == NULL)
		(void)snprintf(path, DOCTOR_PATH_SIZE, ".");
	else
		slash[slash == path] = '\0';
}

static void
examine(struct doctor *doctor)
{
	if (doctor_settings(doctor)) {
		doctor_files(doctor);
		doctor_disk(doctor);
		/* Before this process has the database open. */
		doctor_user(doctor);
		doctor_store(doctor);
		if (doctor->there)
			doctor_content(doctor);
	}
	doctor_confine(doctor);
	if (doctor->url != NULL)
		doctor_url(doctor);
}

int
cmd_doctor(int argc, char **argv)
{
	struct doctor doctor = { .now = (int64_t)time(NULL) };
	const char *value;
	int got;

	while ((got = options_next(&help, argc, argv, &value)) >= 0)
		if (got == AS)
			doctor.user = value;
		else if (got == URL)
			doctor.url = value;
		else
			doctor.json = true;
	if (got != OPTIONS_END)
		return options_status(got);
	if (optind < argc)
		return cli_usage("doctor", "there are no operands");
	if (doctor.url != NULL && !deliver_is_url(doctor.url))
		return cli_usage("doctor", DELIVER_URLS, doctor.url);

	doctor.db.name = "doctor";
	doctor.db.arena = arena_new((size_t)1 << 30);
	if (doctor.db.arena == NULL ||
	    config_open(&doctor.db.config) == -1) {
		arena_free(doctor.db.arena);
		return cli_fail("doctor", "out of memory");
	}
	doctor.db.settings = config_settings(doctor.db.config);
	jsonout_init(&doctor.out, stdout);
	if (doctor.json) {
		jsonout_open(&doctor.out, NULL, '{');
		jsonout_open(&doctor.out, "findings", '[');
	}
	examine(&doctor);
	if (doctor.json) {
		jsonout_close(&doctor.out, ']');
		jsonout_int(&doctor.out, "problems",
		    doctor.counts[DOCTOR_PROBLEM]);
		jsonout_int(&doctor.out, "warnings",
		    doctor.counts[DOCTOR_WARNING]);
		jsonout_close(&doctor.out, '}');
	} else
		printf("\n%d problem%s, %d warning%s\n",
		    doctor.counts[DOCTOR_PROBLEM],
		    doctor.counts[DOCTOR_PROBLEM] == 1 ? "" : "s",
		    doctor.counts[DOCTOR_WARNING],
		    doctor.counts[DOCTOR_WARNING] == 1 ? "" : "s");
	database_close(&doctor.db);
	return doctor.counts[DOCTOR_PROBLEM] > 0 ? CLI_PROBLEM : CLI_OK;
}
