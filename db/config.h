/*
 * Where settings come from: the environment, then the configuration file
 * (BILLHOOK_CONFIG, else $(sysconfdir)/billhook.conf).  In db/ since both
 * doors and the command read them.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "settings.h"

struct config;

/*
 * Reads the settings.  *out is the caller's, to be freed with config_free(),
 * and is there even when the settings are not usable.  0 if it is there, -1
 * without memory.
 */
int config_open(struct config **out);
void config_free(struct config *config);

/* The path of the file that config_open() reads, there or not; borrowed from
 * the environment. */
const char *config_file(void);

/* Opens a file as config_open() does.  A descriptor, or -1 with errno. */
int config_open_file(const char *path);

/* From now on the file is opened by a call of open, for a process that may
 * not open it itself: a descriptor, or -1 with errno.  EAGAIN: it cannot be
 * had now; what was read stays. */
void config_set_open(struct config *config, int (*open)(void *arg),
    void *arg);

/*
 * Reads them again if the file is not the one that was read (another inode,
 * size or time).  True if they were read again.
 */
bool config_refresh(struct config *config);

/* Why the file could not be read the last time, by what passes by itself:
 * without memory or descriptors, or by an error of the disk.  The next refresh
 * tries again; settings that there were stay.  NULL if it could. */
const char *config_stale(const struct config *config);

/* The settings, borrowed until the next config_refresh(); NULL if they are
 * not usable, and then config_error() says why and what to do. */
const struct settings *config_settings(const struct config *config);
const char *config_error(const struct config *config);

/* The path of the file, there or not. */
const char *config_path(const struct config *config);

#endif
