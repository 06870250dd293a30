#!/usr/bin/env python3
"""Measures billhook behind lighttpd, on loopback; scripts/bench builds all
that it needs and calls it.

    bench.py --program BILLHOOK.FCGI --tools DIR --room DIR [--quick]

Every figure comes with its spread over the rounds, and what a claim may rest
on is the ratio to a responder that does nothing, within the same round.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
CONF = TOP / "scripts/conf"
LIFECYCLES = TOP / "tests/data/lifecycles"
URL = "/api/billing/webhook"
SECRET = "whsec_test_of_the_benchmark_and_nothing_else"

sys.path.insert(0, str(HERE.parent))
import story  # noqa: E402  (scripts/story.py: signing)

TICK = os.sysconf("SC_CLK_TCK")
PATIENCE = 20


# What is sent.

def lifecycles():
    """The events of a few real-looking subscriptions, from their beginning to
    their end, as text."""
    return [[json.dumps(event, indent=2) for event in
             json.loads(path.read_text())["events"]]
            for path in sorted(LIFECYCLES.glob("*.json"))]


IDS = re.compile(r'"(evt|cus|sub|in|si|il|cs_test|pi|pm|ch|seti|req)_')


def mixed(count, part):
    """Events of all types, of as many customers as it takes, interleaved."""
    stories = lifecycles()
    made, number = [], 0
    while len(made) < count:
        group = [[IDS.sub(rf'"\1_{part}x{number + i}x', text)
                  for text in story_] for i, story_ in enumerate(stories)]
        for i in range(max(map(len, group))):
            made += [story_[i] for story_ in group if i < len(story_)]
        number += len(stories)
    return [text.encode() for text in made[:count]]


def renewals(count, part):
    """customer.subscription.updated, each subscription ten times: its next
    period, a month after the last."""
    template = json.loads(next(
        text for told in lifecycles() for text in told
        if '"2020-08-27"' in text
        and '"type": "customer.subscription.updated"' in text))
    month = 2592000
    made = []
    for i in range(count):
        step, number = divmod(i, max(1, count // 10))
        event = dict(template)
        of = dict(template["data"]["object"])
        start = of["created"] + step * month
        before = {"current_period_end": start,
                  "current_period_start": start - month,
                  "latest_invoice": f"in_{part}x{number}x{step - 1}"}
        of.update(id=f"sub_{part}x{number}", customer=f"cus_{part}x{number}",
                  latest_invoice=f"in_{part}x{number}x{step}",
                  current_period_start=start,
                  current_period_end=start + month)
        event.update(id=f"evt_{part}x{i}", created=start,
                     data={"object": of, "previous_attributes": before})
        text = json.dumps(event, indent=2)
        made.append(text.replace('"si_', f'"si_{part}x{number}').encode())
    return made


def requests_file(path, bodies):
    """Whole signed HTTP requests, for load.c."""
    t = int(time.time())
    with open(path, "wb") as out:
        for body in bodies:
            whole = (f"POST {URL} HTTP/1.1\r\nHost: localhost\r\n"
                     "Content-Type: application/json; charset=utf-8\r\n"
                     f"Stripe-Signature: {story.sign(body, SECRET, t)}\r\n"
                     f"Content-Length: {len(body)}\r\n\r\n").encode() + body
            out.write(struct.pack("=I", len(whole)) + whole)
    return path


# Who is measured.

def cpu(pid, children=False):
    """Seconds of CPU of a process, or of its children that have ended."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    fields = text[text.rindex(")") + 2:].split()
    first = 13 if children else 11
    return (int(fields[first]) + int(fields[first + 1])) / TICK


def fill(name, out, **values):
    text = (CONF / name).read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    out.write_text(text)
    return out


class Servers:
    """lighttpd and responders in a directory of their own, by process id."""

    def __init__(self, args, program, processes):
        self.args = args
        self.room = pathlib.Path(tempfile.mkdtemp(dir=args.room))
        self.responders = []
        config = self.room / "billhook.conf"
        config.touch(mode=0o600)
        config.write_text(f"STRIPE_WEBHOOK_SECRET={SECRET}\n"
                          f"BILLHOOK_DATABASE={self.room}/data/billhook.db\n")
        path = str(self.room / "billhook.sock")
        if processes:
            self.start_responders(program, path, processes, config)
        with socket.socket() as picked:
            picked.bind(("127.0.0.1", 0))
            self.port = picked.getsockname()[1]
        include = fill("lighttpd-spawn-fcgi.conf" if processes
                       else "lighttpd-cgi.conf", self.room / "include.conf",
                       PROGRAM=program, CONFIG=config, SOCKET=path)
        main = fill("lighttpd-main.conf", self.room / "main.conf",
                    RUNDIR=self.room, DOCROOT=self.room, PORT=self.port,
                    INCLUDE=include)
        self.lighttpd = subprocess.Popen(
            ["/usr/sbin/lighttpd", "-D", "-f", main],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait()

    def start_responders(self, program, path, processes, config):
        env = {"PATH": "/usr/bin:/bin", "BILLHOOK_CONFIG": str(config)}
        with socket.socket(socket.AF_UNIX) as listening, \
                open(self.room / "responders.log", "wb") as log:
            listening.bind(path)
            listening.listen(1024)
            self.responders = [subprocess.Popen(
                [program], stdin=listening.fileno(), env=env,
                stdout=subprocess.DEVNULL, stderr=log)
                for _ in range(processes)]

    def wait(self):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self.lighttpd.poll() is not None or \
                        time.monotonic() > end:
                    raise SystemExit(
                        "lighttpd does not start; it says: " +
                        (self.room / "error.log").read_text()) from None
                time.sleep(0.01)

    def spent(self):
        """(CPU of each responder, CPU of lighttpd)."""
        each = [cpu(process.pid) for process in self.responders]
        if not each:
            each = [cpu(self.lighttpd.pid, children=True)]
        return each, cpu(self.lighttpd.pid)

    def load(self, connections, bodies, expected=None):
        """One measurement.  All must be answered 200; expected is the outcome
        that all must have."""
        path = requests_file(self.room / "requests", bodies)
        before, server_before = self.spent()
        done = subprocess.run(
            [self.args.tools / "load", str(self.port), str(connections), path],
            stdout=subprocess.PIPE, text=True, check=True)
        after, server_after = self.spent()
        told = json.loads(done.stdout)
        found = {k: v for k, v in told["outcomes"].items() if v}
        if told["not_200"] or told["answers"] != len(bodies) or (
                expected is not None and found != {expected: len(bodies)}):
            raise SystemExit(f"not what was to be measured: {done.stdout}\n"
                             + (self.room / "error.log").read_text()[-2000:])
        spent = [b - a for a, b in zip(before, after)]
        told.update(
            events_per_second=len(bodies) / told["seconds"],
            cpu_us=sum(spent) / len(bodies) * 1e6,
            server_us=(server_after - server_before) / len(bodies) * 1e6,
            least_to_busiest=min(spent) / max(spent) if max(spent) else None,
            bytes=sum(map(len, bodies)) // len(bodies))
        return told

    def stop(self):
        for process in [self.lighttpd] + self.responders:
            process.send_signal(signal.SIGTERM)
        for process in [self.lighttpd] + self.responders:
            process.wait(PATIENCE)
        shutil.rmtree(self.room)


# The rounds.

def fastcgi_round(args, number, count, add):
    for c in (8, 32):
        servers = Servers(args, args.program, args.processes)
        try:
            part = f"{number}c{c}"
            servers.load(1, mixed(20, f"{part}w"))
            bodies = renewals(count, part)
            add(f"new, renewals, c={c}",
                servers.load(c, bodies, "applied"))
            add(f"duplicates, c={c}", servers.load(c, bodies, "duplicate"))
            add(f"new, all types, c={c}",
                servers.load(c, mixed(count, f"{part}m")))
        finally:
            servers.stop()
        servers = Servers(args, args.tools / "null", args.processes)
        try:
            servers.load(1, bodies[:20])
            add(f"nothing, c={c}", servers.load(c, bodies * 3))
        finally:
            servers.stop()


def cgi_round(args, number, count, add):
    bodies = renewals(count, f"{number}g")
    for program, name, expected in ((args.program, "cgi new", "applied"),
                                    (args.program, "cgi duplicates",
                                     "duplicate"),
                                    (args.tools / "null-cgi", "cgi nothing",
                                     None)):
        if name != "cgi duplicates":
            servers = Servers(args, program, 0)
            servers.load(1, mixed(2, f"{number}gw"))
        try:
            add(f"{name}, c=8", servers.load(8, bodies, expected))
        except BaseException:
            servers.stop()
            raise
        if name != "cgi new":
            servers.stop()


def sync_time(room):
    """Microseconds of one durable write on this disk: the median."""
    times = []
    with tempfile.TemporaryFile(dir=room) as file:
        for _ in range(200):
            file.write(bytes(4096))
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - began) * 1e6)
    return statistics.median(times)


def machine(room):
    model = re.search(r"model name\s*: (.*)",
                      pathlib.Path("/proc/cpuinfo").read_text())
    return {"date": time.strftime("%Y-%m-%d"), "cpus": os.cpu_count(),
            "model": model[1] if model else platform.machine(),
            "system": f"{platform.system()} {platform.release()}",
            "load": os.getloadavg()[0], "sync_us": round(sync_time(room))}


# What is told.

FIGURES = ("events_per_second", "p50", "p99", "p999", "cpu_us", "server_us",
           "least_to_busiest")


def summary(runs):
    """{name: {figure: [median, least, greatest]}}."""
    told = {}
    for name, those in runs.items():
        told[name] = {}
        for figure in FIGURES:
            values = [r[figure] for r in those if r[figure] is not None]
            if values:
                told[name][figure] = [statistics.median(values), min(values),
                                      max(values)]
        told[name]["bytes"] = those[0]["bytes"]
    return told


def ratios(runs):
    """Within each round: what is measured over what does nothing."""
    found = {}
    for name, those in runs.items():
        base = ("cgi " if name.startswith("cgi") else "") + \
            "nothing, c=" + name.rsplit("=")[-1]
        if name == base:
            continue
        for figure, label in (("events_per_second", "rate"),
                              ("cpu_us", "CPU")):
            values = [a[figure] / b[figure] for a, b in zip(those, runs[base])
                      if b[figure]]
            if values:
                found[f"{name}: {label} to nothing's"] = [
                    statistics.median(values), min(values), max(values)]
        values = [r["p99"] / r["p50"] for r in those]
        found[f"{name}: p99 to p50"] = [statistics.median(values),
                                        min(values), max(values)]
    return found


def spread(values, scale=1.0, digits=0):
    middle, least, greatest = (f"{v / scale:.{digits}f}" for v in values)
    return f"{middle} ({least}-{greatest})"


def table(told):
    head = ("what", "bytes", "events/s", "p50 ms", "p99 ms", "p99.9 ms",
            "CPU us/event", "lighttpd us", "least/busiest")
    lines = [head]
    for name, row in told.items():
        lines.append((name, str(row["bytes"]),
                      spread(row["events_per_second"]),
                      spread(row["p50"], 1000, 1), spread(row["p99"], 1000, 1),
                      spread(row["p999"], 1000, 1), spread(row["cpu_us"]),
                      spread(row["server_us"]),
                      spread(row["least_to_busiest"], 1, 2)
                      if "least_to_busiest" in row else "-"))
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in
                               zip(line, widths)).rstrip() for line in lines)


NOTE = """\
Median (least-greatest) of the rounds.  "nothing" is a responder that reads the
request and answers.  The load generator runs on the same processors, so rates
are those of a machine that also makes its own load; the ratios are within a
round.  CPU is of the responders, from /proc (10 ms steps); of CGI it is that
of the ended processes.  This cannot show a network, TLS, a disk other than
this one, or a database that has grown."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("program", "tools", "room"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()
    rounds, count, few = (3, 3000, 300) if args.quick else (10, 10000, 1000)
    runs = {}

    def add(name, told):
        runs.setdefault(name, []).append(told)

    about = dict(machine(args.room), rounds=rounds, processes=args.processes)
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        fastcgi_round(args, number, count, add)
        cgi_round(args, number, few, add)
    told, compared = summary(runs), ratios(runs)
    print(f"{about['model']}, {about['cpus']} processors, {about['system']}, "
          f"{about['date']}; one sync {about['sync_us']} us; "
          f"{args.processes} responders\n\n{table(told)}\n")
    for name, values in compared.items():
        print(f"{name}: {spread(values, 1, 2)}")
    print(f"\n{NOTE}")
    if args.json:
        args.json.write_text(json.dumps(
            {"machine": about, "table": told, "ratios": compared,
             "runs": runs}, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
