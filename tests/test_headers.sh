#!/bin/sh
# Every header compiles alone, and twice in a row.
set -u
src=${srcdir:-.}
cc=${CC:-cc}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0

for header in "$src"/lib/*.h "$src"/db/*.h "$src"/cgi/*.h "$src"/cli/*.h \
    "$src"/tests/*.h; do
	[ -f "$header" ] || continue
	n=$((n + 1))
	name=${header#"$src"/}
	abs=$(cd "$(dirname "$header")" && pwd)/$(basename "$header")
	printf '#include "%s"\n#include "%s"\nextern int nothing;\n' \
	    "$abs" "$abs" >"$tmp/alone.c"
	# CPPFLAGS and CC are lists of words.
	# shellcheck disable=SC2086
	if $cc ${CPPFLAGS:-} -I"$src/lib" -I"$src/db" -std=gnu11 -Wall -Wextra \
	    -Wstrict-prototypes -Werror -fsyntax-only "$tmp/alone.c" \
	    >"$tmp/out" 2>&1; then
		echo "ok $n - $name compiles alone"
	else
		echo "not ok $n - $name compiles alone"
		sed 's/^/# /' "$tmp/out"
	fi
done

# A public header is read by C++ compilers too.
n=$((n + 1))
if ! command -v c++ >/dev/null 2>&1; then
	echo "ok $n - billhook.h compiles as C++ # SKIP no C++ compiler here"
else
	printf '#include "billhook.h"\nint main() { return BH_OK; }\n' \
	    >"$tmp/alone.cc"
	if c++ -I"$src/lib" -Wall -Wextra -Werror -fsyntax-only \
	    "$tmp/alone.cc" >"$tmp/out" 2>&1; then
		echo "ok $n - billhook.h compiles as C++"
	else
		echo "not ok $n - billhook.h compiles as C++"
		sed 's/^/# /' "$tmp/out"
	fi
fi
echo "1..$n"
