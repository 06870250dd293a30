/*
 * Processes that take turns: each tells another one when to go on, by a word
 * of one character, and waits until it is told.
 */
#ifndef TURNS_H
#define TURNS_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

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

#endif
