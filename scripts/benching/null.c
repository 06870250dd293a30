/*
 * The yardstick: a responder that reads a request, does nothing, and answers
 * as billhook does.  FastCGI; compiled with NULL_CGI, plain CGI without a
 * library.
 */
#ifdef NULL_CGI
#include <stdlib.h>
#include <unistd.h>
#else
#include <fcgiapp.h>
#endif

static const char answer[] =
    "Status: 200 OK\r\n"
    "Content-Type: application/json\r\n"
    "Cache-Control: no-store\r\n"
    "Content-Length: 37\r\n"
    "\r\n"
    "{\"received\":true,\"outcome\":\"applied\"}";

int
main(void)
{
	static char body[1 << 20];
#ifdef NULL_CGI
	const char *length = getenv("CONTENT_LENGTH");
	long left = length == NULL ? 0 : atol(length);
	ssize_t n = 1;

	while (left > 0 && n > 0) {
		n = read(STDIN_FILENO, body, sizeof(body));
		left -= n;
	}
	return write(STDOUT_FILENO, answer, sizeof(answer) - 1) ==
	    (ssize_t)sizeof(answer) - 1 ? 0 : 1;
#else
	FCGX_Request request;

	if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0)
		return 1;
	while (FCGX_Accept_r(&request) == 0) {
		while (FCGX_GetStr(body, sizeof(body), request.in) > 0)
			continue;
		FCGX_PutStr(answer, sizeof(answer) - 1, request.out);
		FCGX_Finish_r(&request);
	}
	return 0;
#endif
}
