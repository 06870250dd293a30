#include "log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BURST	20		/* lines at once */
#define LINE_MS	1000		/* then one in so many milliseconds */
#define KEPT_MAX (8 * LOG_LINE_MAX)	/* bytes for the next request to say */

struct log {
	enum setting_log level;
	log_sink	*sink;
	void		*arg;
	int64_t		 credit;	/* LINE_MS for each line */
	int64_t		 credited;	/* milliseconds, when it was counted */
	unsigned long	 held;		/* lines not written since the last */
	bool		 deaf;		/* descriptor 2 leads nowhere */
	size_t		 nkept;
	char		 kept[KEPT_MAX];	/* whole lines */
};

static const char *const level_names[] = {
	[LOG_ERROR] = "error", [LOG_WARNING] = "warning",
	[LOG_INFO] = "info", [LOG_DEBUG] = "debug",
};

static int64_t
milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether descriptor 2 is closed, or /dev/null, as spawn-fcgi leaves it. */
static bool
leads_nowhere(void)
{
	struct stat st, null;

	if (fstat(STDERR_FILENO, &st) == -1)
		return true;
	return S_ISCHR(st.st_mode) && stat("/dev/null", &null) == 0 &&
	    st.st_rdev == null.st_rdev;
}

struct log *
log_new(void)
{
	struct log *log = calloc(1, sizeof(*log));

	if (log == NULL)
		return NULL;
	log->level = LOG_INFO;
	log->credit = BURST * LINE_MS;
	log->credited = milliseconds();
	log->deaf = leads_nowhere();
	return log;
}

void
log_free(struct log *log)
{
	free(log);
}

void
log_set_level(struct log *log, enum setting_log level)
{
	log->level = level;
}

void
log_set_sink(struct log *log, log_sink *sink, void *arg)
{
	log->sink = sink;
	log->arg = arg;
}

/*
 * Copies text into line, escaped, as far as it fits before max; where it was
 * cut, "..." says so.  The bytes written.
 */
static size_t
escape(char *line, size_t max, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *p = (const unsigned char *)text;
	size_t n = 0, kept = 0;

	for (; *p != '\0'; p++) {
		int plain = *p >= ' ' && *p <= '~' && *p != '\\';

		if (n + (plain ? 1 : 4) > max) {
			memcpy(line + kept, "...", 3);
			return kept + 3;
		}
		if (plain) {
			line[n++] = (char)*p;
		} else {
			line[n++] = '\\';
			line[n++] = 'x';
			line[n++] = hex[*p >> 4];
			line[n++] = hex[*p & 15];
		}
		if (n + 3 <= max)
			kept = n;
	}
	return n;
}

/* What was said between requests is said with one.  The first lines say how it
 * began: those that do not fit are dropped. */
static void
keep_line(struct log *log, const char *line, size_t len)
{
	if (len > sizeof(log->kept) - log->nkept)
		return;
	memcpy(log->kept + log->nkept, line, len);
	log->nkept += len;
}

static void
say_kept(struct log *log)
{
	const char *end;
	size_t done = 0, len;

	while ((end = memchr(log->kept + done, '\n', log->nkept - done)) !=
	    NULL) {
		len = (size_t)(end + 1 - (log->kept + done));
		if (log->sink(log->arg, log->kept + done, len) == -1)
			break;
		done += len;
	}
	log->nkept -= done;
	memmove(log->kept, log->kept + done, log->nkept);
}

static void
write_line(struct log *log, const char *line, size_t len)
{
	if (log->sink != NULL && log->nkept > 0)
		say_kept(log);
	if (log->sink != NULL && log->sink(log->arg, line, len) == 0)
		return;
	if (log->deaf)
		keep_line(log, line, len);
	else if (write(STDERR_FILENO, line, len) == -1)
		return;		/* there is no other place to say it */
}

static void __attribute__((format(printf, 3, 0)))
put(struct log *log, enum setting_log level, const char *format, va_list args)
{
	char text[2048], line[LOG_LINE_MAX], note[64] = "";
	size_t n, note_len;

	vsnprintf(text, sizeof(text), format, args);
	if (log->held > 0)
		snprintf(note, sizeof(note),
		    " (%lu refused requests before were not logged)",
		    log->held);
	log->held = 0;

	/* The head, the text as far as there is room, the note, the end. */
	note_len = strlen(note);
	n = (size_t)snprintf(line, sizeof(line), "billhook: %s: ",
	    level_names[level]);
	n += escape(line + n, sizeof(line) - 1 - note_len - n, text);
	memcpy(line + n, note, note_len);
	n += note_len;
	line[n++] = '\n';
	write_line(log, line, n);
}

void
log_line(struct log *log, enum setting_log level, const char *format, ...)
{
	va_list args;

	if (level > log->level)
		return;
	va_start(args, format);
	put(log, level, format, args);
	va_end(args);
}

/* True if there is credit for a line, which it then takes. */
static bool
take_credit(struct log *log)
{
	int64_t now = milliseconds();

	log->credit += now - log->credited;
	log->credited = now;
	if (log->credit > BURST * LINE_MS)
		log->credit = BURST * LINE_MS;
	if (log->credit < LINE_MS)
		return false;
	log->credit -= LINE_MS;
	return true;
}

void
log_refused(struct log *log, enum setting_log level, const char *format, ...)
{
	va_list args;

	if (level > log->level)
		return;
	if (!take_credit(log)) {
		log->held++;
		return;
	}
	va_start(args, format);
	put(log, level, format, args);
	va_end(args);
}

void
log_store(void *arg, int level, const char *message)
{
	if (level < LOG_ERROR || level > LOG_DEBUG)
		level = LOG_ERROR;
	log_line(arg, (enum setting_log)level, "%s", message);
}
