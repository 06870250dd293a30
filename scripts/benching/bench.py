#!/usr/bin/env python3
"""Measures billhook behind lighttpd, on loopback; scripts/bench builds all
that it needs and calls it."""

import argparse
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import sys
import tempfile
import time

import picture
import report
from growth import Growth, instructions, memory
from rounds import Contest


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


# How much of each; the first of a pair for --quick.
ROUNDS = (3, 10)
QUICK_ENOUGH = 40       # seconds after which --quick begins no round more
EVENTS = (1000, 8000)
CGI = (120, 800)
SLOW_ROUNDS = (2, 3)
SLOW_EVENTS = (250, 1500)
SIZES = ([0, 10000], [0, 10000, 100000, 1000000])
GROWTH_ROUNDS = (2, 5)
GROWTH_EVENTS = (400, 3000)
MEMORY = ([1000, 3000], [1000, 10000, 100000])


def arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Builds billhook and measures it.")
    for name in ("program", "tools", "room", "out"):
        parser.add_argument(f"--{name}", type=pathlib.Path,
                            help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true",
                        help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--growth", type=int, action="append")
    parser.add_argument("--memory", type=int)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--instructions", action="store_true")
    parser.add_argument("--only", action="append", choices=(
        "fastcgi", "cgi", "slow", "growth", "memory"))
    args = parser.parse_args()
    if args.check:      # of the options, before anything is built
        sys.exit()
    args.quickly = 0 if args.quick else 1
    args.room = pathlib.Path(tempfile.mkdtemp(prefix="bench.", dir=args.room))
    return args


def wanted(args, what):
    return not args.only or what in args.only


def say(words):
    print(words, file=sys.stderr, flush=True)


def run_rounds(args):
    contest = Contest(args)
    rounds = args.rounds or ROUNDS[args.quickly]
    began = time.monotonic()
    for number in range(rounds):
        if args.quick and time.monotonic() - began > QUICK_ENOUGH:
            say(f"no round {number + 1}: {QUICK_ENOUGH} seconds are over")
            break
        say(f"round {number + 1} of {rounds}")
        if wanted(args, "fastcgi"):
            contest.fastcgi(number, EVENTS[args.quickly])
        if wanted(args, "cgi"):
            contest.cgi(number, CGI[args.quickly])
        if wanted(args, "slow") and number < SLOW_ROUNDS[args.quickly]:
            contest.slow_disk(number, SLOW_EVENTS[args.quickly])
    return contest.runs


def run_growth(args):
    sizes = SIZES[args.quickly] if not args.growth else [0] + args.growth
    growth = Growth(args, sizes, GROWTH_EVENTS[args.quickly])
    say("growth: " + ", ".join(map(str, growth.sizes)))
    growth.prefill()
    for _ in range(min(args.rounds or 99, GROWTH_ROUNDS[args.quickly])):
        growth.round()
    return growth.finish()


def measure(args):
    found = {"machine": machine(args.room), "runs": {}, "growth": None,
             "memory": None, "instructions": None}
    found["machine"]["processes"] = args.processes
    if any(wanted(args, part) for part in ("fastcgi", "cgi", "slow")):
        found["runs"] = run_rounds(args)
    if wanted(args, "growth"):
        found["growth"] = run_growth(args)
    if wanted(args, "memory"):
        points = MEMORY[args.quickly]
        if args.memory:
            points = [p for p in points if p < args.memory] + [args.memory]
        say(f"memory: {points[-1]} events")
        found["memory"] = memory(args, points)
    if args.instructions:
        sizes = [s for s in (found["growth"] or {}).get("sizes", [0])
                 if s <= 100000]
        say("instructions")
        found["instructions"] = {s: instructions(args, s) for s in sizes}
    return found


def tell(found, only):
    """Prints everything, and adds the goals to it."""
    about, goals = found["machine"], report.Goals(not only)
    found["table"] = report.summary(found["runs"])
    print(f"{about['model']}, {about['cpus']} processors, {about['system']}, "
          f"{about['date']}; one sync {about['sync_us']} us; "
          f"{about['processes']} responders; "
          f"{max(map(len, found['runs'].values()), default=0)} rounds; "
          f"load {about['load']:.1f} beforehand\n")
    if about["load"] > about["cpus"] / 2:
        print("Other work runs on this machine: the figures are its, too.\n")
    if found["runs"]:
        print(report.table(found["table"]) + "\n")
        goals.rounds(found["runs"], about["sync_us"])
    if found["growth"]:
        print(report.growth_table(found["growth"]) + "\n")
        goals.growth(found["growth"])
    if found["memory"]:
        for point in found["memory"]:
            print(f"private memory of one responder after {point['events']} "
                  f"events: {point['private'] / (1 << 20):.2f} MiB")
        print()
        goals.memory(found["memory"])
    for size, each in (found["instructions"] or {}).items():
        if each:
            print(f"instructions, {size} events stored: {each['new']} for a "
                  f"new event, {each['duplicate']} for a duplicate")
    print("\n" + report.goals_table(goals.lines) + f"\n\n{report.NOTE}")
    found["goals"] = goals.lines


def main():
    args = arguments()
    try:
        found = measure(args)
    finally:
        shutil.rmtree(args.room, ignore_errors=True)
    tell(found, args.only)
    (args.out / "bench.json").write_text(json.dumps(found, indent=1) + "\n")
    (args.out / "bench.svg").write_text(
        picture.draw(found["machine"], found["table"], found["growth"]))
    print(f"\n{args.out}/bench.json, {args.out}/bench.svg")


if __name__ == "__main__":
    sys.exit(main())
