"""What the Python tests of billhook share: signing, calling, reading.

A test imports from here and from fastcgi.py; neither knows a path of the
build.  The programs come by environment variables that the Makefile sets:

    BILLHOOK_FCGI   the responder billhook.fcgi
    BILLHOOK        the operator's command billhook
"""

import json
import os
import pathlib
import socket
import sqlite3
import subprocess
import time

import pytest
import stripe

SECRET = "whsec_test_0123456789abcdefghijklmnopqrstuv"
OTHER_SECRET = "whsec_test_another_endpoint_another_secret"

SETTINGS = (
    "STRIPE_WEBHOOK_SECRET", "BILLHOOK_DATABASE", "BILLHOOK_TOLERANCE",
    "BILLHOOK_MAX_BODY", "BILLHOOK_TENANT_KEY", "BILLHOOK_LIVEMODE",
    "BILLHOOK_ACCOUNT", "BILLHOOK_GROUP", "BILLHOOK_JOURNAL",
    "BILLHOOK_PATIENCE", "BILLHOOK_KEEP_REJECTED", "BILLHOOK_LOG",
)

# A test that waits for something waits this long before it fails.
PATIENCE = 20.0


def program(name="BILLHOOK_FCGI"):
    """The path of a program under test; skips, saying why, without one."""
    path = os.environ.get(name)
    if not path:
        pytest.skip(f"set {name} to the program to be tested")
    if not os.access(path, os.X_OK):
        pytest.fail(f"{name}={path} is not a program")
    return str(pathlib.Path(path).resolve())


def sign(body, secret=SECRET, t=None):
    """The Stripe-Signature of a body, computed by Stripe's own SDK."""
    t = int(time.time()) if t is None else t
    text = body.decode("utf-8") if isinstance(body, bytes) else body
    digest = stripe.WebhookSignature._compute_signature(f"{t}.{text}", secret)
    return f"t={t},v1={digest}"


def event(event_id="evt_test_1", kind="customer.created", created=1700000000,
          **more):
    """The body of a small whole event; more goes over its members."""
    body = {"id": event_id, "object": "event", "type": kind,
            "api_version": "2024-06-20", "created": created, "livemode": False,
            "data": {"object": {"id": "cus_test_1", "object": "customer",
                                "created": 1690000000, "livemode": False,
                                "email": f"at{created}@example.com",
                                "metadata": {}}}}
    body.update(more)
    return json.dumps(body).encode()


def write_config(directory, **settings):
    """A configuration file of mode 0600 with a secret and a database.

    Settings are given by name; without STRIPE_WEBHOOK_SECRET and
    BILLHOOK_DATABASE it has SECRET and billhook.db beside it, and None leaves
    a setting out.  Returns its path.
    """
    values = {
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "BILLHOOK_DATABASE": os.path.join(str(directory), "billhook.db"),
    }
    values.update(settings)
    lines = [f"{k}={v}\n" for k, v in values.items() if v is not None]
    path = pathlib.Path(directory) / "billhook.conf"
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.chmod(0o600)
    fresh.write_text("".join(lines))
    fresh.rename(path)
    return str(path)


def clean_environment(config=None, **more):
    """This process's environment without any setting of billhook's."""
    env = {k: v for k, v in os.environ.items()
           if k not in SETTINGS and k != "BILLHOOK_CONFIG"
           and not k.startswith("HTTP_")}
    for name in ("GATEWAY_INTERFACE", "REQUEST_METHOD", "CONTENT_LENGTH"):
        env.pop(name, None)
    if config is not None:
        env["BILLHOOK_CONFIG"] = str(config)
    env.update(more)
    return env


def request(body=b"", header=None, **more):
    """The variables of a POST as a web server passes them, CGI or FastCGI.

    header is the value of Stripe-Signature, None for none; of the others a
    value None takes a variable out.
    """
    variables = {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "test",
        "REQUEST_METHOD": "POST",
        "REQUEST_URI": "/api/billing/webhook",
        "SCRIPT_NAME": "/api/billing/webhook",
        "QUERY_STRING": "",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json; charset=utf-8",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "localhost",
        "HTTP_USER_AGENT": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "HTTP_STRIPE_SIGNATURE": header,
    }
    variables.update(more)
    return {k: v for k, v in variables.items() if v is not None}


def parse_answer(raw):
    """(status, headers, body) of a CGI answer; must be whole and correct."""
    head, separator, body = raw.partition(b"\r\n\r\n")
    assert separator, f"no end of the headers in {raw!r}"
    headers = {}
    for line in head.decode("ascii").split("\r\n"):
        name, colon, value = line.partition(": ")
        assert colon, f"no header: {line!r}"
        assert name not in headers, f"twice: {name}"
        headers[name] = value
    assert int(headers["Content-Length"]) == len(body)
    return int(headers["Status"].split(" ")[0]), headers, body


def run_cgi(program, body=b"", header=None, env=None, config=None,
            stdin=None, timeout=PATIENCE):
    """One plain CGI request; (status, headers, body, stderr).

    env is laid over the usual variables, None takes one out; stdin is what
    is sent instead of body, if given.
    """
    variables = clean_environment(config)
    variables.update(request(body, header))
    for name, value in (env or {}).items():
        if value is None:
            variables.pop(name, None)
        else:
            variables[name] = value
    done = subprocess.run([program], input=body if stdin is None else stdin,
                          env=variables, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=timeout)
    assert done.returncode == 0, (done.returncode, done.stderr)
    return (*parse_answer(done.stdout), done.stderr.decode("ascii"))


def rows(database, sql, *arguments):
    """What a query gives, from a connection that only reads."""
    uri = pathlib.Path(database).absolute().as_uri() + "?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=PATIENCE)
    try:
        return connection.execute(sql, arguments).fetchall()
    finally:
        connection.close()


def wait_for(condition, what, timeout=PATIENCE):
    """Waits until condition() is true and returns what it gave."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.005)


class Responder:
    """FastCGI processes on one socket, ended by process id.

    path is the socket's, or with tcp its (host, port).
    """

    def __init__(self, program, directory, config=None, processes=1, env=None,
                 name="fcgi.sock", tcp=False):
        self.path = os.path.join(str(directory), name)
        self.log = os.path.join(str(directory), name + ".log")
        self.socket = socket.socket(
            socket.AF_INET if tcp else socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(("127.0.0.1", 0) if tcp else self.path)
        if tcp:
            self.path = self.socket.getsockname()
        self.socket.listen(128)
        self.command = [program]
        self.env = clean_environment(config)
        self.env.update(env or {})
        self.processes = [self.start() for _ in range(processes)]

    def start(self):
        with open(self.log, "ab") as log:
            return subprocess.Popen(self.command, stdin=self.socket.fileno(),
                                    stdout=subprocess.DEVNULL, stderr=log,
                                    env=self.env)

    def stderr(self):
        """What the processes wrote on their own stderr."""
        with open(self.log, "rb") as log:
            return log.read().decode("ascii")

    def stop(self):
        """Ends all processes with TERM; their exit statuses."""
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        status = []
        for process in self.processes:
            try:
                status.append(process.wait(PATIENCE))
            except subprocess.TimeoutExpired:
                process.kill()
                status.append(process.wait())
        self.socket.close()
        return status

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()
