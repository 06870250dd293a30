#!/bin/sh
# Starts four responders on one socket with spawn-fcgi, for lighttpd, Apache
# (mod_proxy_fcgi) or nginx.  They share the socket; nobody starts them again
# when they end.  To end them: kill $(cat @RUNDIR@/billhook.pid)
#
# As root add, so that the responder is a user of its own and the web server
# may connect:  -u billhook -g billhook -U www-data -G www-data
#
# @PROGRAM@  the responder, $(libexecdir)/billhook/billhook.fcgi
# @CONFIG@   its settings, billhook.conf: owner the responder's user, 0600
# @SOCKET@   the socket; never a TCP port that others can reach
# @RUNDIR@   a directory for the pid file

# env -i: the whole environment of whoever calls this would be inherited.
exec env -i PATH=/usr/bin:/bin BILLHOOK_CONFIG="@CONFIG@" \
    /usr/bin/spawn-fcgi -s "@SOCKET@" -M 0660 -F 4 -d / \
    -P "@RUNDIR@/billhook.pid" "$@" -- "@PROGRAM@"
