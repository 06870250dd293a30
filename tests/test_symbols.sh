#!/bin/sh
# libbillhook.so exports what lib/billhook.sym lists, no more and no less,
# under the soname that programs ask for; billhook.h declares just that, and
# the manual pages say the same.
set -u
src=${srcdir:-.}
so=.libs/libbillhook.so
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0

# Changes when a function is changed or taken away: programs that were linked
# before do not run with the library any more.  Makefile.am has the rule.
echo libbillhook.so.0 >"$tmp/soname"

same() {
	n=$((n + 1))
	if diff "$2" "$3" >"$tmp/diff"; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		sed 's/^/# /' "$tmp/diff"
	fi
}

skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP no shared library was built (--disable-shared)"
}

# Spaces as in no text of a person's: what two hands write becomes alike.
squeeze() {
	sed -e 's/[[:space:]][[:space:]]*/ /g' -e 's/ *\* */*/g' \
	    -e 's/^ //' -e 's/ $//'
}

# Each function of billhook.h in a line.  What stands before it ends in a
# brace or a semicolon.
prototypes() {
	sed -e 's|/\*.*\*/||' -e '/^#/d' "$src/lib/billhook.h" |
	    grep -vE '^[[:space:]]*/?\*' | tr '\n' ' ' | tr ';{}' '\n\n\n' |
	    grep 'bh_[a-z_]*(' | squeeze | LC_ALL=C sort
}

# Each function of the pages' synopses: .Ft, then .Fn or .Fo, .Fa and .Fc.
synopses() {
	awk '
	function unquote(text) { gsub(/"/, "", text); return text }
	/^\.Sh / { inside = $2 == "SYNOPSIS" }
	!inside { next }
	/^\.Ft / { type = unquote(substr($0, 5)) }
	/^\.Fo / { function_name = $2; list = "" }
	/^\.Fa / { list = list (list == "" ? "" : ", ") \
	    unquote(substr($0, 5)) }
	/^\.Fc/ { print type " " function_name "(" list ")" }
	/^\.Fn / {
		list = substr($0, length($2) + 6)
		gsub(/" "/, ", ", list)
		print type " " $2 "(" unquote(list) ")"
	}' "$src"/lib/*.3 | squeeze | LC_ALL=C sort
}

LC_ALL=C sort "$src/lib/billhook.sym" >"$tmp/listed"
prototypes >"$tmp/prototypes"
sed 's/(.*//; s/.*[ *]//' "$tmp/prototypes" | LC_ALL=C sort -u \
    >"$tmp/declared"
# The names before the .Nd of each page.
awk '/^\.Sh / { inside = $2 == "NAME" } inside && /^\.Nm bh_/ { print $2 }' \
    "$src"/lib/*.3 | LC_ALL=C sort >"$tmp/named"
synopses >"$tmp/synopses"
# What a caller sizes and sets by name.
sed -n 's/^#define \(BH_[A-Z_]*\) .*/\1/p' "$src/lib/billhook.h" |
    LC_ALL=C sort >"$tmp/macros"
sed -n 's/^\.Dv \(BH_[A-Z_]*\).*/\1/p' "$src"/lib/*.3 | LC_ALL=C sort -u |
    LC_ALL=C comm -12 - "$tmp/macros" >"$tmp/explained"

if [ -f "$so" ]; then
	${NM:-nm} -D --defined-only "$so" |
	    awk '$2 ~ /[TDBRVWi]/ { print $3 }' | sed 's/@.*//' |
	    LC_ALL=C sort >"$tmp/exported"
	${OBJDUMP:-objdump} -p "$so" | awk '$1 == "SONAME" { print $2 }' \
	    >"$tmp/is"
	same "the library exports lib/billhook.sym" "$tmp/listed" \
	    "$tmp/exported"
	same "the soname is that of this interface" "$tmp/soname" "$tmp/is"
else
	skip "the library exports lib/billhook.sym"
	skip "the soname is that of this interface"
fi
same "billhook.h declares lib/billhook.sym" "$tmp/listed" "$tmp/declared"
same "the manual pages name lib/billhook.sym, each once" "$tmp/listed" \
    "$tmp/named"
same "their synopses are billhook.h's prototypes" "$tmp/prototypes" \
    "$tmp/synopses"
same "they name each of its macros" "$tmp/macros" "$tmp/explained"
echo "1..$n"
