"""What the tests of the responder's process and of its peers share."""

import fcntl
import struct
import termios

import fastcgi
from billhook_test import event, parse_answer, request, rows, sign, wait_for


def deliver(responder, event_id="evt_test_1", **more):
    """Delivers an event; the HTTP status."""
    body = event(event_id)
    answer = fastcgi.call(responder.path, request(body, sign(body), **more),
                          body)
    assert answer.protocol_status == fastcgi.REQUEST_COMPLETE
    return parse_answer(answer.stdout)[0]


def events(tmp_path):
    return [row[0] for row in
            rows(tmp_path / "billhook.db", "SELECT id FROM stripe_events")]


def wait_until_read(descriptor, request=termios.TIOCOUTQ):
    """Waits until the other side has read all that was sent; the request is
    FIONREAD for a pipe."""
    def unread():
        return struct.unpack("i", fcntl.ioctl(descriptor, request,
                                              bytes(4)))[0]
    wait_for(lambda: unread() == 0, "the peer to read")


def head(body, **more):
    return fastcgi.begin() + fastcgi.stream(
        fastcgi.PARAMS, fastcgi.params(request(body, sign(body), **more)))
