"""A web server with what stands behind it, started, measured and stopped by
process id, in a directory of its own."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from events import SECRET, TOP, record, requests_file

CONF = TOP / "scripts/conf"
TICK = os.sysconf("SC_CLK_TCK")
PATIENCE = 30


def cpu(pid):
    """Seconds of CPU of a process, to the nanosecond where the system counts
    them."""
    try:
        return sum(int(path.read_text().split()[0]) for path in
                   pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9
    except (OSError, ValueError, IndexError):
        return ticks(pid, 11)


def ticks(pid, first):
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    fields = text[text.rindex(")") + 2:].split()
    return (int(fields[first]) + int(fields[first + 1])) / TICK


def children_cpu(pid):
    """That of its children that have ended."""
    return ticks(pid, 13)


def private_bytes(pid):
    """The memory that a process shares with nobody."""
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(
            ).splitlines():
        if line.startswith("Private_Dirty:"):
            return int(line.split()[1]) * 1024
    return 0


def fill(name, out, **values):
    text = (CONF / name).read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    out.write_text(text)
    return out


def new_database(args, path, bodies=(), script=None):
    """Makes a database through the store, with these events in it; writes
    what yardstick.c needs to do the same to script."""
    with subprocess.Popen(
            [args.tools / "feed", path] + ([script] if script else []),
            stdin=subprocess.PIPE) as fed:
        for body in bodies:
            fed.stdin.write(record(body))
        fed.stdin.close()
        if fed.wait() != 0:
            raise SystemExit("feed has failed")
    return path


PHP_CONF = """\
server.modules += ( "mod_alias", "mod_cgi", "mod_setenv" )
alias.url = ( "/api/billing/webhook" => "%s" )
cgi.assign = ( ".php" => "/usr/bin/php-cgi" )
setenv.add-environment = ( "PEER_DATABASE" => "%s", "PEER_SECRET" => "%s" )
"""


class Servers:
    """kind: fastcgi and cgi (of the program argv), php, or direct: a program
    that listens itself.  @DB@, @PORT@ in argv are replaced."""

    def __init__(self, args, kind, argv, processes=0, database=None,
                 preload=None, lazy=False):
        self.args, self.kind, self.argv = args, kind, argv
        self.processes, self.preload = processes, preload
        self.room = pathlib.Path(tempfile.mkdtemp(dir=args.room))
        self.database = database or self.room / "data/billhook.db"
        self.responders, self.lighttpd = [], None
        self.log = open(self.room / "responders.log", "ab")
        self.config = self.room / "billhook.conf"
        self.config.touch(mode=0o600)
        self.config.write_text(f"STRIPE_WEBHOOK_SECRET={SECRET}\n"
                               f"BILLHOOK_DATABASE={self.database}\n")
        self.listening = None
        try:
            with socket.socket() as picked:
                picked.bind(("127.0.0.1", 0))
                self.port = picked.getsockname()[1]
            if kind == "direct":
                self.spawn(subprocess.DEVNULL)
            else:
                self.start_lighttpd()
            if kind == "fastcgi" and not lazy:
                self.start_responders()
            self.wait()
        except BaseException:
            self.stop()
            raise

    def start_lighttpd(self):
        path = self.room / "billhook.sock"
        include = self.room / "include.conf"
        if self.kind == "php":
            include.write_text(PHP_CONF % (self.argv[0], self.database,
                                           SECRET))
        else:
            fill("lighttpd-spawn-fcgi.conf" if self.kind == "fastcgi"
                 else "lighttpd-cgi.conf", include, PROGRAM=self.argv[0],
                 CONFIG=self.config, SOCKET=path)
        if self.kind == "fastcgi":
            self.listening = socket.socket(socket.AF_UNIX)
            self.listening.bind(str(path))
            self.listening.listen(1024)
        main = fill("lighttpd-main.conf", self.room / "main.conf",
                    RUNDIR=self.room, DOCROOT=self.room, PORT=self.port,
                    INCLUDE=include)
        self.lighttpd = subprocess.Popen(
            ["/usr/sbin/lighttpd", "-D", "-f", main],
            stdin=subprocess.DEVNULL, stderr=self.log)

    def spawn(self, stdin):
        env = {"PATH": "/usr/bin:/bin", "BILLHOOK_CONFIG": str(self.config)}
        if self.preload:
            env["LD_PRELOAD"] = str(self.preload)
        argv = [str(a).replace("@DB@", str(self.database))
                .replace("@PORT@", str(self.port)) for a in self.argv]
        self.responders.append(subprocess.Popen(
            argv, stdin=stdin, env=env, stdout=subprocess.DEVNULL,
            stderr=self.log))

    def start_responders(self):
        for _ in range(self.processes):
            self.spawn(self.listening.fileno())

    def wait(self):
        end = time.monotonic() + PATIENCE
        started = self.lighttpd or self.responders[0]
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if started.poll() is not None or time.monotonic() > end:
                    raise SystemExit(f"{started.args[0]} does not start; it "
                                     f"says: {self.words()}") from None
                time.sleep(0.01)

    def words(self):
        """The end of what was logged."""
        told = ""
        for name in ("error.log", "responders.log", "stderr.log"):
            path = self.room / name
            told += path.read_text(errors="replace")[-2000:] \
                if path.exists() else ""
        return told

    def spent(self):
        """(CPU of each responder, CPU of lighttpd)."""
        if self.kind in ("cgi", "php"):
            each = [children_cpu(self.lighttpd.pid)]
        else:
            each = [cpu(process.pid) for process in self.responders]
        return each, cpu(self.lighttpd.pid) if self.lighttpd else 0.0

    def run_load(self, connections, path):
        done = subprocess.run(
            [self.args.tools / "load", str(self.port), str(connections), path],
            stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{self.argv[0]}: load has failed\n"
                             + self.words())
        return json.loads(done.stdout)

    def load(self, connections, bodies, expected=None):
        """One measurement.  All must be answered 200; expected is the outcome
        that all must have.  Of those applied a few may have been overtaken by
        the next of their subscription."""
        path = requests_file(self.room / "requests", bodies)
        before, server_before = self.spent()
        told = self.run_load(connections, path)
        after, server_after = self.spent()
        path.unlink()
        found = {k: v for k, v in told["outcomes"].items() if v}
        if expected == "applied" and found.get("stale", 0) < len(bodies) / 20:
            found["applied"] = found.get("applied", 0) + found.pop("stale", 0)
        if told["not_200"] or told["answers"] != len(bodies) or (
                expected is not None and found != {expected: len(bodies)}):
            raise SystemExit(f"{self.argv[0]}: not what was to be measured: "
                             f"{told}\n{self.words()}")
        spent = [b - a for a, b in zip(before, after)]
        each = sum(spent) / len(bodies) * 1e6
        server = (server_after - server_before) / len(bodies) * 1e6
        told.update(
            events_per_second=len(bodies) / told["seconds"],
            cpu_us=each, server_us=server, whole_us=each + server,
            least_to_busiest=min(spent) / max(spent)
            if len(spent) > 1 and max(spent) else None,
            bytes=sum(map(len, bodies)) // len(bodies))
        return told

    def stop(self):
        """Responders first: what they log goes through lighttpd."""
        for process in self.responders + [self.lighttpd]:
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self.responders.clear()
        if self.listening:
            self.listening.close()
        self.log.close()
        shutil.rmtree(self.room)

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.stop()
