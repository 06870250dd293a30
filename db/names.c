#include <string.h>

#include "ops.h"

enum db_result
names_add(struct ops *ops, struct names *names, const char *name)
{
	const char **v;
	size_t i, room;

	if (name == NULL)
		return DB_OK;
	for (i = 0; i < names->n; i++)
		if (strcmp(names->v[i], name) == 0)
			return DB_OK;
	if (names->n == names->room) {
		room = names->room == 0 ? 8 : names->room * 2;
		v = arena_array(ops->arena, room, sizeof(*v));
		if (v == NULL)
			return DB_ENOMEM;
		if (names->n > 0)
			memcpy(v, names->v, names->n * sizeof(*v));
		names->v = v;
		names->room = room;
	}
	names->v[names->n] = arena_text(ops->arena, name, strlen(name));
	return names->v[names->n++] == NULL ? DB_ENOMEM : DB_OK;
}
