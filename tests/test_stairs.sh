#!/bin/sh
# The stairs go one way: cgi and cli -> db -> lib.  And each foreign library is
# known by one file (SQLite: by one room).
set -u
src=${srcdir:-.}
cd "$src" || exit 1
n=0

# check NAME COMMAND...: passes when the command finds nothing.
check() {
	n=$((n + 1))
	what=$1
	shift
	found=$("$@")
	if [ -z "$found" ]; then
		echo "ok $n - $what"
	else
		echo "not ok $n - $what"
		echo "$found" | sed 's/^/# /'
	fi
}

# includes ROOM: lines "file: header" of what the files of a room include.
includes() {
	for file in "$1"/*.[ch]; do
		[ -f "$file" ] || continue
		sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]\([^>"]*\)[>"].*/\1/p' \
		    "$file" | sed "s|^|$file: |"
	done
}

# climbs ROOM OTHER...: includes in ROOM of a header that stands in an OTHER.
climbs() {
	room=$1
	shift
	includes "$room" | while read -r file header; do
		for other; do
			case $header in
			"$other"/*|*/"$other"/*) echo "$file $header" ;;
			*) [ -f "$room/$header" ] || [ ! -f "$other/$header" ] ||
			    echo "$file $header" ;;
			esac
		done
	done
}

# strangers PATTERN ALLOWED: files outside ALLOWED that include PATTERN.
strangers() {
	for room in lib db cgi cli; do
		includes "$room" | grep -E "^[^ ]+: $1" |
		    grep -vE "^($2): "
	done
	return 0
}

# twins: two headers of one name in different rooms would hide each other.
twins() {
	for header in lib/*.h db/*.h cgi/*.h cli/*.h; do
		[ -f "$header" ] && basename "$header"
	done | sort | uniq -d
}

# impure: lib/ has no input or output, no clock and no exit.
impure() {
	grep -nE '(^|[^_[:alnum:]"])(v?f?printf|puts|putchar|perror|fopen|fwrite|fread|open|read|write|exit|abort|_exit|time|gettimeofday|clock_gettime|getenv|sleep) ?\(' \
	    lib/*.c | grep -vE ':[[:space:]]*(/?\*|//)'
	return 0
}

# unlisted: sources and tests that the Makefile does not know.
unlisted() {
	for file in lib/*.[ch] db/*.[ch] cgi/*.[ch] cli/*.[ch] \
	    tests/*.[ch] tests/*.py tests/*.sh; do
		[ -f "$file" ] && [ "$file" != db/schema_sql.c ] || continue
		# A program of one source is named without its .c.
		grep -qwF -e "$file" Makefile.am ||
		    grep -qxF -e "	${file%.c}" -e "	${file%.c} \\" Makefile.am ||
		    echo "$file"
	done
}

# A check that reads nothing would pass for ever.
n=$((n + 1))
count=$(for room in lib db cgi cli; do includes $room; done | wc -l)
if [ "$count" -gt 20 ]; then
	echo "ok $n - there are includes to look at"
else
	echo "not ok $n - there are includes to look at"
	echo "# only $count in $(pwd)"
fi

check "lib/ includes nothing of db/, cgi/, cli/" climbs lib db cgi cli
check "db/ includes nothing of cgi/, cli/" climbs db cgi cli
check "cgi/ includes nothing of cli/" climbs cgi cli
check "cli/ includes nothing of cgi/" climbs cli cgi
check "only lib/hmac.c knows OpenSSL" strangers 'openssl/' 'lib/hmac\.c'
check "only lib/json.c knows cJSON" strangers '(cjson/)?cJSON' 'lib/json\.c'
check "only cgi/fcgi.c knows libfcgi" strangers 'fcgi(app|_stdio|misc|os|_config)\.h' 'cgi/fcgi\.c'
check "only cli/deliver.c knows libcurl" strangers 'curl/' 'cli/deliver\.c'
check "only cgi/syscalls.c knows libseccomp" strangers 'seccomp\.h' 'cgi/syscalls\.c'
check "only db/landlock.c knows Landlock" strangers 'linux/landlock\.h' 'db/landlock\.c'
check "only db/ knows SQLite" strangers 'sqlite3' 'db/[a-z0-9_]*\.[ch]'
check "no two rooms have a header of one name" twins
check "lib/ neither reads, writes, exits nor asks the time" impure
check "every source and every test stands in Makefile.am" unlisted
echo "1..$n"
