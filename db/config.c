/*
 * The configuration file: opened, judged by its modes, read whole, and read
 * again when it is not the same any more.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "hmac.h"

#define DEFAULT_FILE BILLHOOK_SYSCONFDIR "/billhook.conf"
#define DEFAULT_DATABASE BILLHOOK_LOCALSTATEDIR "/lib/billhook/billhook.db"

/* A file of settings has a few hundred bytes; a larger one is another file. */
#define FILE_SIZE_MAX (64 * 1024)

/* What the name of the file led to: an error, or a file in some state. */
struct identity {
	int error;
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;	/* by a write, a chmod or a chown */
};

struct config {
	char *path;
	bool named;			/* BILLHOOK_CONFIG says so */
	bool again;			/* reading failed, and may not next time */
	struct identity identity;	/* of the file that was read */
	int (*open)(void *arg);		/* NULL: open it ourselves */
	void *arg;
	struct settings *settings;	/* NULL if they are not usable */
	char error[1024];		/* of the last reading */
};

/* Asks what the path leads to. */
static void
identify(const char *path, struct identity *identity)
{
	struct stat st;

	memset(identity, 0, sizeof(*identity));
	if (stat(path, &st) == -1) {
		identity->error = errno;
		return;
	}
	identity->device = st.st_dev;
	identity->inode = st.st_ino;
	identity->size = st.st_size;
	identity->changed = st.st_ctim;
}

static bool
same_identity(const struct identity *a, const struct identity *b)
{
	return a->error == b->error && a->device == b->device &&
	    a->inode == b->inode && a->size == b->size &&
	    a->changed.tv_sec == b->changed.tv_sec &&
	    a->changed.tv_nsec == b->changed.tv_nsec;
}

/* Whether an error passes by itself and says nothing about the file. */
static bool
is_passing(int error)
{
	return error == ENOMEM || error == EMFILE || error == ENFILE ||
	    error == EINTR || error == EAGAIN || error == EIO ||
	    error == ESTALE || error == ETIMEDOUT || error == ENOTCONN;
}

/*
 * Judges an opened file.  Others must neither read nor write it.  Its group
 * may, and its owner may be anybody: root reads the responder's file, a web
 * server that of the user whom it serves.
 */
static int
judge_file(struct config *config, const struct stat *st)
{
	const char *path = config->path;
	const char *letters;

	if (!S_ISREG(st->st_mode)) {
		snprintf(config->error, sizeof(config->error),
		    "%s is not a regular file; put the settings into one",
		    path);
		return -1;
	}
	if ((st->st_mode & 0006) != 0) {
		letters = (st->st_mode & 0006) == 0006 ? "rw" :
		    (st->st_mode & 0004) != 0 ? "r" : "w";
		snprintf(config->error, sizeof(config->error),
		    "%s holds the signing secret, and others can %s it: "
		    "chmod o-%s '%s'", path,
		    *letters == 'r' ? "read" : "write", letters, path);
		return -1;
	}
	if (st->st_size > FILE_SIZE_MAX) {
		snprintf(config->error, sizeof(config->error),
		    "%s has more than %d bytes; is it the right file?", path,
		    FILE_SIZE_MAX);
		return -1;
	}
	return 0;
}

/* Says why the file cannot be read. */
static void
refuse_file(struct config *config, int error)
{
	const char *path = config->path;

	if (error == ENOENT || error == ENOTDIR)
		snprintf(config->error, sizeof(config->error),
		    "%s is not there; make it, or correct BILLHOOK_CONFIG",
		    path);
	else if (error == EACCES)
		snprintf(config->error, sizeof(config->error),
		    "%s cannot be read by user %lu; let this user own it, or "
		    "its group read it, and enter its directories", path,
		    (unsigned long)geteuid());
	else
		snprintf(config->error, sizeof(config->error),
		    "%s cannot be read: %s", path, strerror(error));
}

/* Reads to the end, or until the room is full.  How much, or -1. */
static ssize_t
read_whole(int fd, char *bytes, size_t room)
{
	size_t len = 0;
	ssize_t got;

	while (len < room) {
		got = read(fd, bytes + len, room - len);
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return -1;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

/*
 * A symbolic link is followed, as they are common in /etc; what counts is the
 * file that was opened.  It may be a FIFO or a terminal until it is judged,
 * and must not make us wait.
 */
int
config_open_file(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

/*
 * Reads the file into settings.
 *
 * 0, also for a default file that is not there; -1 with config->error; or the
 * errno of what passes by itself.
 */
static int
take_file(struct config *config, struct settings *settings)
{
	char *bytes = NULL;
	struct stat st;
	ssize_t len;
	int fd, status = -1;

	fd = config->open != NULL ? config->open(config->arg) :
	    config_open_file(config->path);
	if (fd == -1 && !config->named && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd == -1 || fstat(fd, &st) == -1)
		goto failed;
	if ((bytes = malloc(FILE_SIZE_MAX + 1)) == NULL) {
		errno = ENOMEM;
		goto failed;
	}
	if (judge_file(config, &st) == -1)
		goto done;
	if ((len = read_whole(fd, bytes, FILE_SIZE_MAX + 1)) == -1)
		goto failed;

	/* It can have grown since it was judged. */
	st.st_size = (off_t)len;
	if (judge_file(config, &st) == 0)
		status = settings_take_file(settings, bytes, (size_t)len,
		    config->error, sizeof(config->error));
	goto done;

failed:
	status = is_passing(errno) ? errno : -1;
	refuse_file(config, errno);
done:
	if (bytes != NULL)
		hmac_wipe(bytes, FILE_SIZE_MAX + 1);
	free(bytes);
	if (fd != -1)
		close(fd);
	return status;
}

/* Reads settings from the file and the environment, as take_file() does. */
static int
take_settings(struct config *config, struct settings *settings)
{
	int status;

	settings->file = config->path;
	status = take_file(config, settings);
	if (status == 0)
		status = settings_take_environment(settings, getenv,
		    config->error, sizeof(config->error));
	if (status == 0)
		status = settings_finish(settings, DEFAULT_DATABASE,
		    config->error, sizeof(config->error));
	return status == -1 && settings->starved ? ENOMEM : status;
}

/* Reads the settings anew and puts them in the place of the old ones, which
 * stay if reading failed by what passes.  False if so. */
static bool
load(struct config *config, const struct identity *identity)
{
	struct settings *settings;
	int status = ENOMEM;

	snprintf(config->error, sizeof(config->error),
	    "out of memory while the settings were read; try again");
	if ((settings = settings_new()) != NULL)
		status = take_settings(config, settings);
	if (status == 0)
		config->error[0] = '\0';
	else {
		settings_free(settings);
		settings = NULL;
	}

	/* What passes by itself is tried again at the next call. */
	config->again = status > 0;
	if (config->again && config->settings != NULL)
		return false;
	settings_free(config->settings);
	config->settings = settings;
	config->identity = *identity;
	return true;
}

/* Whether the environment names the file. */
static bool
is_named(void)
{
	const char *path = getenv("BILLHOOK_CONFIG");

	return path != NULL && *path != '\0';
}

const char *
config_file(void)
{
	return is_named() ? getenv("BILLHOOK_CONFIG") : DEFAULT_FILE;
}

int
config_open(struct config **out)
{
	struct identity identity;
	struct config *config;

	*out = NULL;
	if ((config = calloc(1, sizeof(*config))) == NULL)
		return -1;
	config->named = is_named();
	config->path = strdup(config_file());
	if (config->path == NULL) {
		free(config);
		return -1;
	}

	identify(config->path, &identity);
	load(config, &identity);
	*out = config;
	return 0;
}

void
config_set_open(struct config *config, int (*open)(void *arg), void *arg)
{
	config->open = open;
	config->arg = arg;
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	settings_free(config->settings);
	free(config->path);
	free(config);
}

bool
config_refresh(struct config *config)
{
	struct identity identity;

	/* A change while the file is read shows at the next call: what counts
	 * is how it was before. */
	identify(config->path, &identity);
	if (!config->again && same_identity(&identity, &config->identity))
		return false;
	return load(config, &identity);
}

const char *
config_stale(const struct config *config)
{
	return config->again ? config->error : NULL;
}

const struct settings *
config_settings(const struct config *config)
{
	return config->settings;
}

const char *
config_error(const struct config *config)
{
	return config->settings != NULL ? "" : config->error;
}

const char *
config_path(const struct config *config)
{
	return config->path;
}
