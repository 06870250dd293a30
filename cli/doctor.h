/*
 * The checks of billhook doctor, and what they find.
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "database.h"
#include "jsonout.h"

enum doctor_level { DOCTOR_OK, DOCTOR_WARNING, DOCTOR_PROBLEM, DOCTOR__MAX };

struct doctor {
	struct database db;
	struct jsonout out;
	bool	 json;
	int64_t	 now;
	const char *user;	/* --as, NULL if not given */
	const char *url;	/* --url, NULL if not given */
	bool	 own;		/* the directory is the database's alone */
	bool	 there;		/* the database is made and can be asked */
	int	 counts[DOCTOR__MAX];
};

/* Tells a finding: what was looked at, what to do (NULL if nothing), and what
 * it is. */
void doctor_tell(struct doctor *doctor, enum doctor_level level,
    const char *check, const char *advice, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The checks.  False from doctor_settings() if nothing else can be looked
 * at. */
bool doctor_settings(struct doctor *doctor);
void doctor_files(struct doctor *doctor);
void doctor_disk(struct doctor *doctor);
void doctor_user(struct doctor *doctor);
void doctor_confine(struct doctor *doctor);
void doctor_store(struct doctor *doctor);
void doctor_content(struct doctor *doctor);
void doctor_url(struct doctor *doctor);

/* Whether a directory is one for the database alone, which can be given away
 * and closed: not /, not sticky, with nobody else's files, none that others use,
 * not many of its owner's, and none at all if it is root's. */
bool doctor_is_own(const struct doctor *doctor, const char *path,
    const struct stat *st);
#define DOCTOR_OWN_PLACE "put the database into a directory of its own, as " \
    "BILLHOOK_DATABASE=/var/lib/billhook/billhook.db"

/* The directory of the database. */
#define DOCTOR_PATH_SIZE 4096
void doctor_directory(const struct doctor *doctor,
    char path[DOCTOR_PATH_SIZE]);

#endif
