# What scripts/run and scripts/test share: packages, the copy of the sources,
# the build.  Read by sh, not run.  $top is the top of the source tree.

# The Debian packages, in one place.  apache2-bin is Apache without a service.
packages_build="gcc libc6-dev make autoconf automake libtool pkg-config
    libssl-dev libcjson-dev libsqlite3-dev libfcgi-dev
    libcurl4-openssl-dev libseccomp-dev"
packages_run="lighttpd python3 util-linux"
packages_test="$packages_run g++ apache2-bin libapache2-mod-fcgid nginx-light
    spawn-fcgi python3-pytest python3-stripe patch mandoc sqlite3"
packages_long="clang"
packages_memcheck="valgrind libc6-dbg"
packages_fuzz="clang libclang-rt-14-dev"

say() {
	printf '\n== %s\n' "$*"
}

# fail WHAT WHAT-TO-DO
fail() {
	printf '\nFAILED: %s\n' "$1" >&2
	[ $# -lt 2 ] || printf 'What to do: %s\n' "$2" >&2
	exit 1
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

# without_services COMMAND...: runs it so that no package starts its server.
without_services() {
	policy=/usr/sbin/policy-rc.d
	if [ -e "$policy" ]; then
		"$@"
		return
	fi
	printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
	"$@"
	result=$?
	rm -f "$policy"
	return $result
}

# need_packages PACKAGE...: installs what is missing, or says what it is.
need_packages() {
	command -v dpkg-query >/dev/null ||
	    fail "this is no Debian" "install by hand what these Debian \
packages bring, then ./configure && make: $*"
	missing=
	for package; do
		dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null |
		    grep -q ' installed$' || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	is_root || fail "these packages are missing:$missing" \
	    "as root: apt-get install$missing"
	say "Installing$missing"
	DEBIAN_FRONTEND=noninteractive
	export DEBIAN_FRONTEND
	install="apt-get install -qq -y --no-install-recommends"
	# The lists may be old or missing: fetch them only then.
	# shellcheck disable=SC2086
	without_services $install $missing >"$build/apt.log" 2>&1 || {
		apt-get update -qq >"$build/apt.log" 2>&1 &&
		    without_services $install $missing >>"$build/apt.log" 2>&1
	} || {
		tail -n 20 "$build/apt.log" >&2
		fail "apt-get could not install$missing" \
		    "look at the lines above; is the network there?"
	}
}

# copy_sources DIR: the source tree without what a build in it has left, which
# another build would take for its own.  The times are kept, so that make sees
# what changed.
copy_sources() {
	mkdir -p "$1" || return
	(cd "$1" && rm -rf cgi cli db lib tests scripts) || return
	names=
	for name in cgi cli db lib tests scripts configure.ac Makefile.am \
	    README NEWS LICENSE SECURITY m4 .clang-format .editorconfig; do
		[ ! -e "$top/$name" ] || names="$names $name"
	done
	# shellcheck disable=SC2086
	(cd "$top" && tar cf - --exclude=__pycache__ --exclude='*.o' \
	    --exclude='*.lo' --exclude='*.la' --exclude='*.a' --exclude=.libs \
	    --exclude=.deps --exclude=.dirstamp --exclude='*.log' \
	    --exclude='*.trs' --exclude=db/schema_sql.c \
	    --exclude=cli/templates.c --exclude=lib/billhook.pc $names) |
	    (cd "$1" && tar xf - --no-same-owner) || return
	# The tests that were built: of their sources each has an ending.
	find "$1/tests" -maxdepth 1 -type f ! -name '*.*' -exec rm -f {} +
}

# generate DIR: configure and Makefile.in, when they are older than their
# sources.
generate() {
	(cd "$1" && if [ ! -e configure ] || [ ! -e Makefile.in ] ||
	    [ configure.ac -nt configure ] || [ Makefile.am -nt Makefile.in ]
	then autoreconf -fi; fi)
}

# build_in DIR SOURCES [CONFIGURE-ARGUMENT...]: configures once, and makes.
# When the lists of sources changed, the libraries are put together anew: make
# sees only newer objects, not one object more or less.
build_in() {
	dir=$1
	sources=$2
	shift 2
	mkdir -p "$dir" && (cd "$dir" &&
	    { [ "$sources/Makefile.in" -ot Makefile ] || rm -f lib*.la; } &&
	    { [ -e Makefile ] || "$sources/configure" "$@"; } &&
	    make -j"$(nproc)" all)
}
