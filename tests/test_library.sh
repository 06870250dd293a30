#!/bin/sh
# The library as a program outside finds it: installed into a staged prefix,
# named by pkg-config, used by the example that is installed with it and by
# every example of its manual pages.
set -u
src=$(cd "${srcdir:-.}" && pwd) || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
stage=$tmp/stage
work=$tmp/work
mkdir "$stage" "$work" "$tmp/bin" || exit 1
n=0

# check WHAT COMMAND...: one test; if it fails, what the command said is shown.
check() {
	n=$((n + 1))
	what=$1
	shift
	if "$@" >"$tmp/said" 2>&1; then
		echo "ok $n - $what"
	else
		echo "not ok $n - $what"
		sed 's/^/# /' "$tmp/said"
	fi
}

# skip WHAT WHY
skip() {
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

# found NAME [FIND-ARGUMENT...]: the one file of this name in the stage.
found() {
	name=$1
	shift
	path=$(find "$stage" -type f -name "$name" "$@")
	[ -f "$path" ] || {
		echo "not one $name is installed: $path" >&2
		return 1
	}
	printf '%s\n' "$path"
}

# What the make above this one said is not for the one below.
install_staged() {
	(unset MAKEFLAGS MFLAGS MAKELEVEL
	${MAKE:-make} install DESTDIR="$stage")
}

# The compiler, pkg-config and billhook as a user would call them, by names
# that are the real ones' where the caller's PATH counts.  The flags of the
# build go along: a library with the sanitizers needs their own.  Where there
# is no shared library, a program is linked with --static.
make_tools() {
	dirs=
	for word in ${LINK_DIRS-}; do
		case $word in -L*) dirs="$dirs $word" ;; esac
	done
	cat >"$tmp/bin/cc" <<-END
	#!/bin/sh
	PATH="$PATH"
	exec ${CC:-cc} ${LINK_FLAGS-} -Wall -Wextra -Werror "\$@"$dirs
	END
	cat >"$tmp/bin/pkg-config" <<-END
	#!/bin/sh
	PATH="$PATH"
	[ -e "$libdir/libbillhook.so" ] || set -- --static "\$@"
	PKG_CONFIG_PATH="$libdir/pkgconfig:\${PKG_CONFIG_PATH-}"
	PKG_CONFIG_SYSROOT_DIR="$stage"
	PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
	PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
	export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
	export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS PKG_CONFIG_ALLOW_SYSTEM_LIBS
	exec ${PKG_CONFIG:-pkg-config} "\$@"
	END
	chmod 755 "$tmp/bin/cc" "$tmp/bin/pkg-config" &&
	    billhook=$(found billhook -perm -u+x) &&
	    ln -s "$billhook" "$tmp/bin/billhook"
}

# compile NAME: as the manual says.
compile() {
	# The flags are words.
	# shellcheck disable=SC2046
	cc -o "$1" "$1.c" $(pkg-config --cflags --libs billhook)
}

# expect STATUS OUTPUT WORDS COMMAND...: the command exits so, prints just
# that, and says these words to standard error, or nothing if there are none.
expect() {
	status=$1
	output=$2
	words=$3
	shift 3
	"$@" >out 2>err
	got=$?
	[ $got -eq "$status" ] && [ "$(cat out)" = "$output" ] &&
	    case $words in
	    "") [ ! -s err ] ;;
	    *) grep -qF -e "$words" err ;;
	    esac && return
	echo "exit status $got, not $status, or not \"$output\" and \"$words\":"
	cat out err
	return 1
}

# The installed example, compiled, with good deliveries and bad ones.
try_example() {
	rm -f verify verify.c
	example=$(found verify.c) && cp "$example" . && compile verify ||
	    return
	good=$(billhook sign event.json) || return
	old=$(billhook sign --at now-10m event.json) || return
	none=$(printf '[]' | billhook sign) || return
	created=$(billhook sign created.json) || return

	expect 0 "invoice.paid cus_1" "" ./verify "$good" <event.json &&
	    expect 0 "invoice.paid cus_1" "" \
	    env HTTP_STRIPE_SIGNATURE="$good" ./verify <event.json &&
	    expect 0 "customer.created cus_2" "" \
	    ./verify "$created" <created.json &&
	    expect 0 "invoice.paid cus_1" "" env \
	    STRIPE_WEBHOOK_SECRET="whsec_test_other, $STRIPE_WEBHOOK_SECRET" \
	    ./verify "$good" <event.json &&
	    expect 1 "" "no signature matches" ./verify "$good" <created.json &&
	    expect 1 "" "no Stripe-Signature header" ./verify <event.json &&
	    expect 1 "" "older than the tolerance" ./verify "$old" <event.json ||
	    return
	printf '[]' | expect 1 "" "authentic, but not an event" \
	    ./verify "$none" || return
	expect 2 "" "set STRIPE_WEBHOOK_SECRET" \
	    env STRIPE_WEBHOOK_SECRET= ./verify "$good" <event.json &&
	    expect 2 "" "secret 2 of 2" \
	    env STRIPE_WEBHOOK_SECRET="whsec_test_other sk_test_key" \
	    ./verify "$good" <event.json || return
	! grep -q sk_test_key err &&
	    dd if=/dev/zero bs=1024 count=1025 2>/dev/null |
	    expect 2 "" "larger than any" ./verify "$good"
}

# Whether the example needs the shared library, by its soname.
needs_shared() {
	${OBJDUMP:-objdump} -p verify | grep 'NEEDED.*libbillhook\.so\.0$'
}

needs_none() {
	! ${OBJDUMP:-objdump} -p verify | grep 'NEEDED.*libbillhook'
}

# names SYMBOL: its page is installed, or a page that leads to that one.
names() {
	page=$mandir/man3/$1.3
	target=$(sed -n '1s/^\.so //p' "$page")
	page=$mandir/${target:-man3/$1.3}
	grep "^\.Nm $1\( ,\)*$" "$page" || {
		echo "$1 has no page"
		return 1
	}
}

every_symbol_has_a_page() {
	failed=0
	while read -r symbol; do
		names "$symbol" || failed=1
	done <"$src/lib/billhook.sym"
	return $failed
}

# Takes the displays out of a page: each into a file N.KIND, listed in order.
# A program begins with #include or its name in a comment, a transcript with
# "$ ", a declaration with "struct"; anything else is what the last program
# prints.
take_displays() {
	awk -v dir="$2" '
	function wrong(why) { print "line " NR ": " why ": " $0; bad = 1 }
	/^\.Dl/ || /^\.Bd/ && !/^\.Bd -literal -offset indent$/ {
		wrong("a display that no test reads")
	}
	/^\.Bd/ { inside = 1; file = ""; next }
	/^\.Ed/ { inside = 0; close(file); next }
	!inside { next }
	/^[.'\'']/ { wrong("a line that is taken for a macro") }
	{
		line = $0
		gsub(/\\e/, "\001", line)
		if (index(line, "\\"))
			wrong("a backslash is written \\e")
		gsub("\001", "\\\\", line)
	}
	file == "" {
		kind = "output"
		if (line ~ /^\$ /)
			kind = "transcript"
		else if (line ~ /^#include|^\/\* [a-z]+\.c: /)
			kind = "program"
		else if (line ~ /^struct /)
			kind = "declaration"
		file = dir "/" ++number "." kind
		print kind, file >(dir "/list")
	}
	{ print line >file }
	END { exit bad }' "$1"
}

# Runs the commands of a transcript and compares all of it; -v shows each one
# before what it prints.
run_transcript() {
	sed -n 's/^\$ //p' "$1" >script
	sed 's/^\$ //' "$1" >want
	sh -v script >got 2>&1
	diff want got
}

# Whether a page's programs compile and print what the page says.
try_page() {
	rm -rf page && mkdir page && take_displays "$1" page || return
	program=
	seen=0
	while read -r kind file; do
		case $kind in
		program)
			[ -z "$program" ] || break
			program=$(sed -n '1s|^/\* \([a-z]*\)\.c: .*|\1|p' \
			    "$file")
			program=${program:-example}
			cp "$file" "$program.c" && compile "$program" &&
			    ./"$program" >got || return
			seen=$((seen + 1)) ;;
		output)
			diff "$file" got || return
			program= ;;
		transcript)
			run_transcript "$file" || return
			program= ;;
		declaration)
			awk 'NR == FNR { want = want $0 "\n"; next }
			{ all = all $0 "\n" }
			END { exit index(all, want) == 0 }' "$file" \
			    "$src/lib/billhook.h" || {
				echo "billhook.h has another:"
				cat "$file"
				return 1
			} ;;
		esac
	done <page/list
	if [ -n "$program" ] || [ $seen -eq 0 ]; then
		echo "no program, or one whose output is not in the page"
		return 1
	fi
}

check "make install into a staged prefix" install_staged
libdir=$(found billhook.pc) && libdir=${libdir%/pkgconfig/billhook.pc} &&
    mandir=$(found libbillhook.3) && mandir=${mandir%/man3/*} &&
    make_tools || {
	echo "Bail out! what was installed is not whole"
	exit 1
}

# From here on all is found in the stage, and no setting is the caller's own.
PATH=$tmp/bin:$PATH
LD_LIBRARY_PATH=$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
STRIPE_WEBHOOK_SECRET=whsec_test_of_the_library
BILLHOOK_CONFIG=$work/billhook.conf
export PATH LD_LIBRARY_PATH STRIPE_WEBHOOK_SECRET BILLHOOK_CONFIG
unset HTTP_STRIPE_SIGNATURE
cd "$work" && (umask 077 && : >billhook.conf) || exit 1
printf '%s%s%s' '{"id":"evt_1","object":"event","type":"invoice.paid",' \
    '"data":{"object":{"id":"in_1","object":"invoice",' \
    '"customer":"cus_1","amount_paid":2900}}}' >event.json
printf '%s%s' '{"id":"evt_2","object":"event","type":"customer.created",' \
    '"data":{"object":{"id":"cus_2","object":"customer"}}}' >created.json

check "every public function has a page that is installed" \
    every_symbol_has_a_page
if command -v mandoc >/dev/null 2>&1; then
	check "mandoc finds nothing in the pages" \
	    mandoc -T lint -W warning "$src"/lib/*.3
else
	skip "mandoc finds nothing in the pages" "mandoc is not here"
fi

if [ -e "$libdir/libbillhook.so" ]; then
	check "the example works with the shared library" try_example
	check "and needs it by its soname" needs_shared
else
	why="no shared library was built (--disable-shared)"
	skip "the example works with the shared library" "$why"
	skip "and needs it by its soname" "$why"
fi
cp "$(found verify.c)" . || exit 1
for page in "$src"/lib/*.3; do
	check "$(basename "$page"): the examples do what it says" \
	    try_page "$page"
done
if [ -e "$libdir/libbillhook.a" ]; then
	rm -f "$libdir"/libbillhook.so*
	check "the example works with the static library" try_example
	check "and needs no shared one" needs_none
else
	why="no static library was built (--disable-static)"
	skip "the example works with the static library" "$why"
	skip "and needs no shared one" "$why"
fi
echo "1..$n"
