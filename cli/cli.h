/*
 * The operator's command: what its subcommands share.  Each stands in a file
 * of its own, cmd_NAME.c, and in the table of main.c.
 */
#ifndef CLI_H
#define CLI_H

/* Exit statuses. */
enum cli_status {
	CLI_OK = 0,
	CLI_PROBLEM = 1,	/* a problem was found, or something failed */
	CLI_USAGE = 2		/* the command line is wrong */
};

/* argv[0] is the name of the subcommand.  The exit status. */
typedef int cli_command(int argc, char **argv);

cli_command cmd_backup, cmd_config, cmd_doctor, cmd_events, cmd_explain,
    cmd_import, cmd_prune, cmd_rebuild, cmd_replay, cmd_sign, cmd_stats,
    cmd_tenant, cmd_tenants, cmd_trigger;

/* Says "billhook NAME: ..." on standard error, in one line and escaped.  Always
 * CLI_PROBLEM. */
int cli_fail(const char *name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* So, and names the --help of the subcommand.  Always CLI_USAGE. */
int cli_usage(const char *name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
