#!/bin/sh
# Calls the responder with its settings: on shared hosting this is the only way
# to give a process an environment (suEXEC takes away all names of one's own).
# With --prefix=$HOME/... and the settings in its etc/billhook.conf the two
# lines of BILLHOOK_CONFIG can go.
#
# @PROGRAM@  the responder, $HOME/.../libexec/billhook/billhook.fcgi
# @CONFIG@   its settings, billhook.conf, outside the document root, mode 0600

BILLHOOK_CONFIG="@CONFIG@"
export BILLHOOK_CONFIG
umask 077
exec "@PROGRAM@"
