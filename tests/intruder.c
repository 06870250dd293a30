/*
 * intruder PID CALL [ARGUMENT...]: makes a process do a system call as if
 * somebody had taken it over, and prints what came back: a number, negative
 * for an errno, or "killed by N", a signal.  CALL is a number; an argument is
 * a number or text, which is put on the process's stack.
 *
 * Exit status 0 if the call was made; 1 if not; 77 if this program does not
 * know the processor.
 */
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARGUMENTS	6
#define BELOW		4096	/* bytes below the stack that nobody uses */
#define TEXT		512	/* bytes for each text */

#ifdef __x86_64__

static void
must(bool done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "intruder: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* Writes a text into the process's memory. */
static void
put_text(pid_t pid, unsigned long at, const char *text)
{
	char bytes[TEXT] = "";
	size_t i;
	long word;

	snprintf(bytes, sizeof(bytes), "%s", text);
	for (i = 0; i <= strlen(text); i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		must(ptrace(PTRACE_POKEDATA, pid, at + i, word) == 0,
		    "write its memory");
	}
}

/* The value of an argument, in the process. */
static unsigned long
value_of(pid_t pid, unsigned long stack, int n, const char *argument)
{
	unsigned long at = stack - BELOW - (unsigned long)n * TEXT;

	if (isdigit((unsigned char)*argument) || *argument == '-')
		return (unsigned long)strtol(argument, NULL, 0);
	put_text(pid, at & ~15UL, argument);
	return at & ~15UL;
}

/* The registers for a call, at the instruction with which it now waits. */
static struct user_regs_struct
prepare(pid_t pid, const struct user_regs_struct *were, int argc,
    char **argv)
{
	struct user_regs_struct regs = *were;
	unsigned long long *const places[ARGUMENTS] = { &regs.rdi, &regs.rsi,
	    &regs.rdx, &regs.r10, &regs.r8, &regs.r9 };
	long code;
	int i;

	errno = 0;
	code = ptrace(PTRACE_PEEKTEXT, pid, were->rip - 2, NULL);
	must(errno == 0 && (code & 0xffff) == 0x050f,
	    "it waits in no system call");
	for (i = 0; i < ARGUMENTS; i++)
		*places[i] = i + 1 < argc ? value_of(pid, were->rsp, i,
		    argv[i + 1]) : 0;
	regs.rip = were->rip - 2;
	regs.rax = strtoul(argv[0], NULL, 0);
	regs.orig_rax = (unsigned long long)-1;
	return regs;
}

int
main(int argc, char **argv)
{
	struct user_regs_struct were, regs;
	pid_t pid;
	int status;

	if (argc < 3)
		return EXIT_FAILURE;
	pid = (pid_t)strtol(argv[1], NULL, 10);
	must(ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0 &&
	    waitpid(pid, &status, 0) == pid, "take it over");
	must(ptrace(PTRACE_GETREGS, pid, NULL, &were) == 0, "ask it");
	regs = prepare(pid, &were, argc - 2, argv + 2);
	must(ptrace(PTRACE_SETREGS, pid, NULL, &regs) == 0 &&
	    ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == 0 &&
	    waitpid(pid, &status, 0) == pid, "make it call");
	if (WIFSIGNALED(status)) {
		printf("killed by %d\n", WTERMSIG(status));
		return EXIT_SUCCESS;
	}
	must(ptrace(PTRACE_GETREGS, pid, NULL, &regs) == 0, "ask it");
	printf("%lld\n", (long long)regs.rax);
	must(ptrace(PTRACE_SETREGS, pid, NULL, &were) == 0 &&
	    ptrace(PTRACE_DETACH, pid, NULL, NULL) == 0, "let it go");
	return EXIT_SUCCESS;
}

#else

int
main(void)
{
	return 77;
}
#endif
