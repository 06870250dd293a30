/*
 * The targets of the fuzzers without a fuzzer: runs the files that are named,
 * or else every file of the target's corpus, as one test each.  AFL++ can use
 * it too, with @@ for the file.
 */
#include <dirent.h>

#include "fuzzing.h"
#include "tap.h"

#ifndef BILLHOOK_FUZZER

#define INPUT_MAX (1 << 20)

static void
run_file(const char *path, const char *name)
{
	uint8_t *bytes = malloc(INPUT_MAX), *exact;
	FILE *file = fopen(path, "rb");
	size_t len;

	if (bytes == NULL || file == NULL) {
		perror(path);
		exit(2);
	}
	len = fread(bytes, 1, INPUT_MAX, file);
	fclose(file);

	/* A target that fails ends the process: then this stands last. */
	diag("%s", name);
	exact = (uint8_t *)fuzz_copy((const char *)bytes, len);
	ok(LLVMFuzzerTestOneInput(exact, len) == 0, "%s holds for %s",
	    fuzz_target, name);
	free(exact);
	free(bytes);
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void
run_corpus(void)
{
	const char *top = getenv("srcdir");
	char directory[1000], path[2000];
	struct dirent **entries;
	int n, i;

	snprintf(directory, sizeof(directory), "%s/tests/data/fuzz/%s",
	    top == NULL ? "." : top, fuzz_target);
	n = scandir(directory, &entries, is_visible, alphasort);
	if (n == -1) {
		perror(directory);
		exit(2);
	}
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory,
		    entries[i]->d_name);
		run_file(path, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

int
main(int argc, char *argv[])
{
	int i;

	for (i = 1; i < argc; i++)
		run_file(argv[i], argv[i]);
	if (argc < 2)
		run_corpus();
	return done_testing();
}

#endif
