#!/bin/sh
# libbillhook.so exports what lib/billhook.sym lists, no more and no less, and
# billhook.h declares just that.
set -u
src=${srcdir:-.}
so=.libs/libbillhook.so
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0

same() {
	n=$((n + 1))
	if diff "$2" "$3" >"$tmp/diff"; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		sed 's/^/# /' "$tmp/diff"
	fi
}

if [ ! -f "$so" ]; then
	echo "1..0 # SKIP no shared library was built (--disable-shared)"
	exit 0
fi
LC_ALL=C sort "$src/lib/billhook.sym" >"$tmp/listed"
${NM:-nm} -D --defined-only "$so" | awk '$2 ~ /[TDBRVWi]/ { print $3 }' |
    sed 's/@.*//' | LC_ALL=C sort >"$tmp/exported"
# A function is a name before a bracket at or after the start of its line.
sed -e 's|/\*.*\*/||' "$src/lib/billhook.h" |
    grep -vE '^[[:space:]]*/?\*' | tr '\n' ' ' |
    grep -oE 'bh_[a-z_]+ ?\([^)]*\) ?;' | sed 's/ *(.*//' |
    LC_ALL=C sort -u >"$tmp/declared"

same "the library exports lib/billhook.sym" "$tmp/listed" "$tmp/exported"
same "billhook.h declares lib/billhook.sym" "$tmp/listed" "$tmp/declared"
echo "1..$n"
