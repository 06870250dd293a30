"""A small FastCGI client, written from the specification.

FastCGIClient speaks as a web server does; record() and the constants are for
tests that speak otherwise.
"""

import socket
import struct

VERSION = 1
BEGIN_REQUEST, ABORT_REQUEST, END_REQUEST = 1, 2, 3
PARAMS, STDIN, STDOUT, STDERR = 4, 5, 6, 7
RESPONDER, AUTHORIZER, FILTER = 1, 2, 3
KEEP_CONNECTION = 1
REQUEST_COMPLETE, CANT_MULTIPLEX = 0, 1


def record(kind, content=b"", request_id=1):
    """One record, its content padded to eight bytes as servers do."""
    padding = -len(content) % 8
    header = struct.pack(">BBHHBx", VERSION, kind, request_id, len(content),
                         padding)
    return header + content + bytes(padding)


def begin(role=RESPONDER, flags=0, request_id=1):
    return record(BEGIN_REQUEST, struct.pack(">HB5x", role, flags), request_id)


def stream(kind, content, request_id=1, piece=32768):
    """The records of a stream, with its end."""
    records = [record(kind, content[i:i + piece], request_id)
               for i in range(0, len(content), piece)]
    return b"".join(records) + record(kind, b"", request_id)


def length(n):
    return bytes([n]) if n < 128 else struct.pack(">I", n | 1 << 31)


def pair(name, value):
    name = name.encode("latin-1")
    value = value.encode("latin-1")
    return length(len(name)) + length(len(value)) + name + value


def params(variables):
    """A dict, or pairs where a name may come twice."""
    pairs = variables.items() if hasattr(variables, "items") else variables
    return b"".join(pair(name, value) for name, value in pairs)


class Answer:
    """What came back: stdout, stderr, and how it ended."""

    def __init__(self):
        self.stdout = b""
        self.stderr = b""
        self.stderr_records = 0
        self.protocol_status = None     # None: closed without an end
        self.closed = False             # the peer closed the connection


class FastCGIClient:
    """One connection to a unix socket (a path) or to TCP (host, port)."""

    def __init__(self, address, timeout=20.0):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(address)

    def send(self, data):
        self.socket.sendall(data)

    def read_exactly(self, n):
        data = b""
        while len(data) < n:
            piece = self.socket.recv(n - len(data))
            if not piece:
                return None
            data += piece
        return data

    def read_answer(self, request_id=1):
        """Reads records until the request ends or the peer closes."""
        answer = Answer()
        try:
            while answer.protocol_status is None:
                header = self.read_exactly(8)
                if header is None:
                    answer.closed = True
                    break
                _, kind, number, size, padding = struct.unpack(">BBHHBx",
                                                               header)
                content = self.read_exactly(size + padding)[:size]
                if number != request_id:
                    continue
                if kind == STDOUT:
                    answer.stdout += content
                elif kind == STDERR:
                    answer.stderr += content
                    answer.stderr_records += size > 0
                elif kind == END_REQUEST:
                    answer.protocol_status = content[4]
        except ConnectionResetError:
            answer.closed = True
        return answer

    def is_closed(self):
        """Waits for the peer to close; True if nothing came before that."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def call(self, variables, body=b"", role=RESPONDER, flags=0):
        """A whole request, and its answer."""
        self.send(begin(role, flags) + stream(PARAMS, params(variables)) +
                  stream(STDIN, body))
        return self.read_answer()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


def call(address, variables, body=b"", **more):
    """One request on a connection of its own."""
    with FastCGIClient(address) as client:
        return client.call(variables, body, **more)
