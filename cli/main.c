/* billhook: the operator's command.  One table, one file per subcommand. */
#include <sys/prctl.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "hmac.h"
#include "options.h"
#include "table.h"

#define MESSAGE_MAX ((size_t)PATH_MAX * 2)

static cli_command help;

static const struct {
	const char *name;
	const char *summary;
	cli_command *run;
} commands[] = {
	{ "config", "show the settings, and where each came from",
	    cmd_config },
	{ "doctor", "say whether this installation is sound", cmd_doctor },
	{ "explain", "say why a signature does not verify", cmd_explain },
	{ "sign", "print a Stripe-Signature for a body", cmd_sign },
	{ "trigger", "make a signed event and deliver it", cmd_trigger },
	{ "events", "list the events on record, or show one", cmd_events },
	{ "replay", "apply the parked events that can be read now",
	    cmd_replay },
	{ "import", "take events from files", cmd_import },
	{ "rebuild", "compute every table anew from the events",
	    cmd_rebuild },
	{ "tenants", "list who has paid", cmd_tenants },
	{ "tenant", "say whether a tenant has paid, and why", cmd_tenant },
	{ "prune", "empty the payloads of old events", cmd_prune },
	{ "backup", "copy the database while it is in use", cmd_backup },
	{ "stats", "count what is on record", cmd_stats },
	{ "help", "show this, or the help of a command", help },
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Arguments, paths and words of others may stand in it: it is escaped. */
static void __attribute__((format(printf, 2, 0)))
say(const char *name, const char *format, va_list values)
{
	char text[MESSAGE_MAX];

	(void)vsnprintf(text, sizeof(text), format, values);
	fprintf(stderr, "billhook%s%s: ", *name == '\0' ? "" : " ", name);
	table_put(stderr, text);
}

int
cli_fail(const char *name, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	say(name, format, values);
	va_end(values);
	fprintf(stderr, "\n");
	return CLI_PROBLEM;
}

int
cli_usage(const char *name, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	say(name, format, values);
	va_end(values);
	fprintf(stderr, "; see billhook %s%s--help\n", name,
	    *name == '\0' ? "" : " ");
	return CLI_USAGE;
}

static void
print_commands(void)
{
	size_t i;

	printf("usage: billhook COMMAND [options] [operands]\n\n"
	    "The operator's command of billhook, which keeps who has paid "
	    "from Stripe's\nwebhooks.\n\ncommands:\n");
	for (i = 0; i < NCOMMANDS; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].summary);
	printf("\nbillhook COMMAND --help says more, the manual page "
	    "billhook(1) all.\nSettings are read as the responder reads "
	    "them: billhook config shows them.\nExit status: 0 fine, 1 a "
	    "problem was found or something failed, 2 wrong usage.\n");
}

/* Says which command was perhaps meant. */
static int
refuse(const char *name)
{
	unsigned int distance, least = 4;
	const char *near = NULL;
	size_t i;

	for (i = 0; i < NCOMMANDS; i++) {
		distance = options_distance(name, commands[i].name);
		if (distance < least) {
			least = distance;
			near = commands[i].name;
		}
	}
	if (near == NULL)
		return cli_usage("", "there is no command %s", name);
	return cli_usage("", "there is no command %s, perhaps %s", name, near);
}

static int
run(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < NCOMMANDS; i++)
		if (strcmp(argv[0], commands[i].name) == 0)
			return commands[i].run(argc, argv);
	return refuse(argv[0]);
}

static int
help(int argc, char **argv)
{
	char option[] = "--help";
	char *request[] = { NULL, option, NULL };

	if (argc < 2 || strcmp(argv[1], "help") == 0 || *argv[1] == '-') {
		print_commands();
		return CLI_OK;
	}
	request[0] = argv[1];
	return run(2, request);
}

static int
begin(int argc, char **argv)
{
	if (argc < 2) {
		print_commands();
		return CLI_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("billhook %s\n", BILLHOOK_VERSION);
		return CLI_OK;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_commands();
		return CLI_OK;
	}
	return run(argc - 1, argv + 1);
}

int
main(int argc, char **argv)
{
	int status;

	/* Nothing for others: the memory with its secrets. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)setlocale(LC_CTYPE, "");
	/* A limit on the size of files is an error to tell, not an end. */
	(void)signal(SIGXFSZ, SIG_IGN);
	if (hmac_init() == -1)
		return cli_fail("", "OpenSSL does not start");
	status = begin(argc, argv);

	/* A full disk must not look like success, nor what was found get lost
	 * in silence. */
	errno = EIO;
	if (fflush(stdout) == EOF || ferror(stdout)) {
		(void)cli_fail("", "cannot write the output: %s",
		    strerror(errno));
		status = status == CLI_OK ? CLI_PROBLEM : status;
	}
	return status;
}
