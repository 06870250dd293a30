#!/bin/sh
# Every promise of SECURITY names tests that are there and are run.
top=${srcdir:-.}
n=0

told() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
	fi
}

# The bullets of the chapters that promise, each with what is in brackets.
promises() {
	sed '/^What is not promised/,$d' "$top/SECURITY" | awk '
	    /^  \* / { if (text != "") print text; text = "" }
	    /^  \* / || (/^    / && text != "") { text = text " " $0 }
	    /^[^ ]/ { if (text != "") print text; text = "" }
	    END { if (text != "") print text }'
}

promises >security.list.$$
while read -r line; do
	names=$(printf '%s\n' "$line" | sed 's/[^][]*\[\([^]]*\)\][^[]*/\1 /g')
	case $line in
	*'['*) ;;
	*) names= ;;
	esac
	[ -n "$names" ]
	told $? "a promise with tests:$(echo "$line" | cut -c 3-60)"
	for name in $names; do
		file=${name%%::*}
		[ -f "$top/$file" ] && grep -q "${file%.c}" "$top/Makefile.am"
		told $? "$file is there and listed"
		[ "$file" = "$name" ] ||
		    grep -q "^def ${name##*::}(" "$top/$file"
		told $? "$name is in it"
	done
done <security.list.$$
rm -f security.list.$$
[ $n -gt 50 ]
told $? "there are promises to look at"
echo "1..$n"
