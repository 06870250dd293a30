"""Real web servers with the configurations of scripts/conf, for test_flows.py.

Each runs on 127.0.0.1, on a port of its own, as an unprivileged user even when
the tests are run by root, in a directory of its own, and is ended by its
process id.
"""

import grp
import http.client
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

from billhook_test import clean_environment, wait_for, write_config

SOURCE = pathlib.Path(os.environ.get(
    "BILLHOOK_SOURCE", pathlib.Path(__file__).parent.parent)).resolve()
CONF = SOURCE / "scripts/conf"
URL = "/api/billing/webhook"

sys.path.insert(0, str(SOURCE / "scripts"))
import story  # noqa: E402  (scripts/story.py: the events and their times)

NOBODY = 65534
ROOT = os.getuid() == 0
USER = pwd.getpwuid(NOBODY if ROOT else os.getuid())
# A group that the user can give its files to.
GROUP = grp.getgrnam("www-data") if ROOT else grp.getgrgid(os.getgid())


def unprivileged(*command):
    """The command as the user that the servers run as."""
    command = [str(word) for word in command]
    if not ROOT:
        return command
    return ["setpriv", f"--reuid={USER.pw_uid}", f"--regid={USER.pw_gid}",
            f"--groups={GROUP.gr_gid}", "--"] + command


def give(path):
    """Hands a file or directory to that user."""
    if ROOT:
        os.chown(path, USER.pw_uid, USER.pw_gid)
    return pathlib.Path(path)


def fill(name, **values):
    """The text of a file of scripts/conf with its @NAMES@ replaced."""
    text = (CONF / name).read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    code = [line for line in text.split("\n") if not line.startswith("#")]
    left = re.findall(r"@[A-Z]+@", "\n".join(code))
    assert not left, f"{name}: nothing for {left}"
    return text


def free_port():
    with socket.socket() as picked:
        picked.bind(("127.0.0.1", 0))
        return picked.getsockname()[1]


def processes_of(program):
    """The ids of the processes that run a program."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue        # it ended
            # Not its "exe": a responder lets nobody but root see that.
            if words[0] == os.fsencode(program):
                found.append(int(entry.name))
    return found


def signal_process(pid, number):
    """Sends a signal; False if the process ended meanwhile.

    A responder that starts has a child that makes its filter and ends, so that
    what processes_of found may be gone by now."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


class Ground:
    """A directory that the unprivileged user can enter, with the program."""

    def __init__(self, program, **settings):
        base = os.environ.get("TMPDIR", "/tmp")
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="billhook.", dir=base))
        self.path.chmod(0o755)
        give(self.path)
        for name in ("server", "docroot", "docroot/cgi", "libexec", "var"):
            (self.path / name).mkdir(mode=0o755)
            give(self.path / name)
        self.program = self.path / "libexec/billhook.fcgi"
        shutil.copy(program, self.program)
        self.program.chmod(0o755)
        # Its directory is not there: the responder makes it.
        self.database = self.path / "var/billhook/billhook.db"
        settings.setdefault("BILLHOOK_DATABASE", str(self.database))
        self.config = give(write_config(self.path, **settings))

    def write(self, name, text, mode=0o644):
        path = self.path / name
        path.write_text(text)
        path.chmod(mode)
        return give(path)

    def remove(self):
        shutil.rmtree(self.path)


class Server:
    """A web server with billhook behind it.  Subclasses say how to start."""

    largest_body = 1048576      # BILLHOOK_MAX_BODY
    too_large = (413, b'{"error":"payload_too_large"}')

    def __init__(self, ground):
        self.ground = ground
        self.process = None
        self.port = None
        self.values = {
            "PROGRAM": ground.program, "PROGRAMDIR": ground.program.parent,
            "CONFIG": ground.config, "RUNDIR": ground.path / "server",
            "DOCROOT": ground.path / "docroot",
            "SOCKET": ground.path / "server/billhook.sock",
        }

    def configure(self):
        """Writes the files; returns the command."""
        raise NotImplementedError

    def start(self):
        # Somebody may take the port between our pick and the server's bind.
        for attempt in range(3):
            self.port = free_port()
            self.values["PORT"] = self.port
            command = unprivileged(*self.configure())
            # Apache's TERM goes to its whole process group: not to ours.
            with open(self.ground.path / "server/out.log", "ab") as log:
                self.process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    env=clean_environment(), cwd="/", start_new_session=True)
            if wait_for(self.answers, f"{command[0]} on port {self.port}") \
                    == "yes":
                return self
        raise AssertionError(f"the server ended: {self.log()}")

    def answers(self):
        if self.process.poll() is not None:
            return "ended"
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return "yes"
        except OSError:
            return None

    def log(self):
        """What the server and the responder wrote."""
        text = ""
        for name in ("out.log", "error.log", "stderr.log"):
            path = self.ground.path / "server" / name
            if path.exists():
                text += path.read_text(errors="replace")
        return text

    def post(self, body, header, url=URL, method="POST", **headers):
        """Delivers; (status, headers, body) of the answer."""
        headers.setdefault("Content-Type", "application/json; charset=utf-8")
        if header is not None:
            headers["Stripe-Signature"] = header
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=60)
        try:
            connection.request(method, url, body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def terminate(self):
        """TERM to the server, as an init system would."""
        self.process.send_signal(signal.SIGTERM)

    def ended(self):
        """Waits until the server and all responders are gone."""
        if self.process is not None:
            self.process.wait(30)
        wait_for(lambda: not processes_of(self.ground.program),
                 "the end of the responders")

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.terminate()
        self.ended()


class Lighttpd(Server):
    conf = "lighttpd-fastcgi.conf"

    def configure(self):
        include = self.ground.write("include.conf",
                                    fill(self.conf, **self.values))
        main = self.ground.write("lighttpd.conf", fill(
            "lighttpd-main.conf", INCLUDE=include, **self.values))
        return "/usr/sbin/lighttpd", "-D", "-f", main


class LighttpdCgi(Lighttpd):
    conf = "lighttpd-cgi.conf"


class Apache(Server):
    conf = "apache-fcgid.conf"
    mpm, cgi = "event", "cgid"

    def configure(self):
        include = self.ground.write("include.conf",
                                    fill(self.conf, **self.values))
        main = self.ground.write("apache.conf", fill(
            "apache-main.conf", INCLUDE=include, MPM=self.mpm, CGI=self.cgi,
            **self.values))
        return "/usr/sbin/apache2", "-D", "FOREGROUND", "-f", main


class ApacheCgid(Apache):
    conf = "apache-cgi.conf"


class ApacheCgi(ApacheCgid):
    mpm, cgi = "prefork", "cgi"


class SharedHosting(Apache):
    """Only .htaccess and a wrapper, as an account on a shared host has."""

    handler = "fcgid-script"
    # mod_fcgid's default, which only the host can raise; it knows no 413.
    largest_body = 131072
    too_large = (500, None)
    wrapper_lines = staticmethod(lambda lines: lines)

    def configure(self):
        htaccess = fill("shared-hosting.htaccess", **self.values)
        self.ground.write("docroot/.htaccess",
                          htaccess.replace("fcgid-script", self.handler))
        lines = fill("shared-hosting.fcgi", **self.values).split("\n")
        self.ground.write("docroot/cgi/billhook.fcgi",
                          "\n".join(self.wrapper_lines(lines)), 0o755)
        nothing = self.ground.write("include.conf", "")
        main = self.ground.write("apache.conf", fill(
            "apache-main.conf", INCLUDE=nothing, MPM=self.mpm, CGI=self.cgi,
            **self.values))
        return "/usr/sbin/apache2", "-D", "FOREGROUND", "-f", main


class SharedHostingCgi(SharedHosting):
    handler = "cgi-script"
    largest_body, too_large = Server.largest_body, Server.too_large


class SpawnFcgi:
    """Mixed into a server: the responders of scripts/conf/spawn-fcgi.sh."""

    def start(self):
        spawn = self.ground.write(
            "spawn-fcgi.sh", fill("spawn-fcgi.sh", **self.values), 0o755)
        done = subprocess.run(unprivileged(spawn), env=clean_environment(),
                              capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stdout + done.stderr
        wait_for(lambda: len(processes_of(self.ground.program)) == 4,
                 "four responders")
        return super().start()

    def ended(self):
        # What the pid file lists is all that spawn-fcgi started.
        pidfile = self.ground.path / "server/billhook.pid"
        pids = pidfile.read_text().split() if pidfile.exists() else []
        for pid in set(map(int, pids)) & set(processes_of(
                self.ground.program)):
            signal_process(pid, signal.SIGTERM)
        super().ended()


class LighttpdSpawn(SpawnFcgi, Lighttpd):
    conf = "lighttpd-spawn-fcgi.conf"


class ApacheSpawn(SpawnFcgi, Apache):
    conf = "apache-spawn-fcgi.conf"


class NginxSpawn(SpawnFcgi, Server):
    def configure(self):
        include = self.ground.write("include.conf",
                                    fill("nginx.conf", **self.values))
        main = self.ground.write("nginx-main.conf", fill(
            "nginx-main.conf", INCLUDE=include, **self.values))
        return "/usr/sbin/nginx", "-c", main, "-p", self.ground.path, \
            "-e", self.ground.path / "server/error.log"


SERVERS = {
    "lighttpd mod_fastcgi": Lighttpd,
    "lighttpd mod_cgi": LighttpdCgi,
    "lighttpd spawn-fcgi": LighttpdSpawn,
    "Apache mod_fcgid": Apache,
    "Apache mod_cgid": ApacheCgid,
    "Apache mod_cgi": ApacheCgi,
    "Apache spawn-fcgi": ApacheSpawn,
    "nginx spawn-fcgi": NginxSpawn,
    "shared hosting mod_fcgid": SharedHosting,
    "shared hosting mod_cgid": SharedHostingCgi,
}
