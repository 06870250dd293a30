/*
 * Cases of several processes that take turns on one database: each tells
 * another one when to go on, by a word of one character, and waits until it is
 * told.  For one file of a test program.
 */
#ifndef TURNS_H
#define TURNS_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kept.h"
#include "power.h"
#include "shim_vfs.h"
#include "tap.h"

#define PULLS	24
#define HANG	120	/* seconds after which a process is stuck */

static char top[KEPT_PATH], path[PATH_MAX];

static int to_a[2], to_b[2];	/* pipes */

static inline void
turns_begin(void)
{
	if (pipe(to_a) == -1 || pipe(to_b) == -1) {
		perror("pipe");
		exit(2);
	}
}

static inline void
turns_end(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		close(to_a[i]);
		close(to_b[i]);
	}
}

static inline void
say(const int pipe_fd[2], char word)
{
	if (write(pipe_fd[1], &word, 1) != 1)
		_exit(2);
}

static inline char
listen_to(const int pipe_fd[2])
{
	char word = 0;

	if (read(pipe_fd[0], &word, 1) != 1)
		_exit(2);
	return word;
}

static inline pid_t
start(int (*work)(void))
{
	const pid_t pid = fork();

	if (pid == 0)
		_exit(work());
	return pid;
}

/* The exit status of a process, or minus the signal that ended it. */
static inline int
end(pid_t pid)
{
	int status = 0;

	if (waitpid(pid, &status, 0) != pid)
		return -1000;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static inline int
run(int (*work)(void))
{
	return end(start(work));
}

static unsigned warnings;	/* of this process's store */

static inline void
count_warning(void *arg, int level, const char *message)
{
	(void)arg;
	(void)message;
	warnings += level <= LOG_WARNING;
}

static inline struct store *
new_store(int64_t patience)
{
	static struct settings settings;
	struct store *store;

	alarm(HANG);
	shim_log_join(1);
	settings = kept_settings(path, JOURNAL_WAL);
	settings.patience = patience;
	store = store_new(&settings, count_warning, NULL);
	if (store == NULL || store_open(store) != STORE_OK)
		_exit(2);
	return store;
}

/* Delivers events from to to. */
static inline void
deliver(struct store *store, unsigned from, unsigned to)
{
	for (; from <= to; from++) {
		if (kept_deliver(store, from) != STORE_OK) {
			fprintf(stderr, "# %s\n", store_error(store));
			_exit(2);
		}
		shim_log_acknowledge(from);
	}
}

static inline void
begin_case(void)
{
	char directory[2 * KEPT_PATH];

	snprintf(directory, sizeof(directory), "%s/run", top);
	snprintf(path, sizeof(path), "%s/%s", directory, KEPT_DATABASE);
	shim_log_start(directory, KEPT_DATABASE);
	shim_vfs_register();
	turns_begin();
}

static inline void
end_case(void)
{
	char directory[2 * KEPT_PATH];

	turns_end();
	shim_log_stop();
	snprintf(directory, sizeof(directory), "%s/run", top);
	kept_remove(directory);
	snprintf(directory, sizeof(directory), "%s/image", top);
	kept_remove(directory);
}

/* All that was acknowledged is in the file as it stands. */
static inline void
check_file(const char *name)
{
	struct kept_set *set = kept_acknowledged(shim_log->nentries);
	struct kept_found found;

	kept_check(path, set, &found);
	if (!ok(set->n > 0 && found.lost == 0 && found.sound &&
	    found.halves == 0, "%s", name))
		diag("of %u acknowledged %u are lost; %s", set->n,
		    found.lost, found.sound ? "sound" : found.why);
	free(set);
}

/* All that was acknowledged is there if the plug is pulled now, however much
 * of what a failed sync covered is gone. */
static inline void
check_pulled(const char *name)
{
	struct kept_set *set = kept_acknowledged(shim_log->nentries);
	struct kept_found found;
	struct power *power;
	char directory[2 * KEPT_PATH], image[PATH_MAX];
	unsigned i, lost = 0, unsound = 0;
	const size_t entries = shim_log->nentries;

	snprintf(directory, sizeof(directory), "%s/image", top);
	snprintf(image, sizeof(image), "%s/%s", directory, KEPT_DATABASE);
	for (i = 0; i < PULLS; i++) {
		power = power_new();
		power_advance(power, entries);
		power_pull(power, directory, KEPT_DATABASE, POWER_CHANCE);
		kept_check(image, set, &found);
		lost += found.lost > 0;
		unsound += !found.sound || found.halves > 0;
		power_free(power);
	}
	if (!ok(set->n > 0 && lost == 0 && unsound == 0, "%s", name))
		diag("%u of %u pulls lost an event, %u left damage", lost,
		    PULLS, unsound);
	free(set);
}

#endif
