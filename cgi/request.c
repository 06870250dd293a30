#include "request.h"

#include <string.h>

/* The value behind "name=", or NULL if variable is another one. */
static const char *
value_of(const char *variable, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(variable, name, len) != 0 || variable[len] != '=')
		return NULL;
	return variable + len + 1;
}

void
request_take_variables(struct request *request, char *const *variables)
{
	const char *value;

	request->method = request->length = request->signature = NULL;
	request->nsignatures = 0;
	for (; *variables != NULL; variables++) {
		if ((value = value_of(*variables, "REQUEST_METHOD")) != NULL) {
			if (request->method == NULL)
				request->method = value;
		} else if ((value = value_of(*variables, "CONTENT_LENGTH")) !=
		    NULL) {
			if (request->length == NULL)
				request->length = value;
		} else if ((value = value_of(*variables,
		    "HTTP_STRIPE_SIGNATURE")) != NULL) {
			if (request->nsignatures++ == 0)
				request->signature = value;
		}
	}
}
