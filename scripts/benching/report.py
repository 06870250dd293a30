"""What the measurements say: medians with their spread, ratios within a round,
and the goals."""

import statistics

FIGURES = ("events_per_second", "p50", "p99", "p999", "cpu_us", "server_us",
           "whole_us", "least_to_busiest")

FEW = 5000      # answers of a round, of which p99.9 would be a handful

# In this order in tables and pictures, whatever the order of the rounds.
ORDER = ("billhook, new", "billhook, all types", "billhook, duplicates",
         "billhook, new, of 8", "yardstick", "Go", "nothing",
         "CGI, billhook, new", "CGI, billhook, duplicates", "CGI, PHP",
         "CGI, nothing", "slow disk, billhook", "slow disk, yardstick, late sync",
         "slow disk, yardstick, FULL")


def place_of(name):
    kind, _, connections = name.rpartition(", c=")
    return ORDER.index(kind), int(connections)


def spread_of(values):
    return [statistics.median(values), min(values), max(values)]


def summary(runs):
    """{name: {figure: [median, least, greatest]}}."""
    told = {}
    for name in sorted(runs, key=place_of):
        those = runs[name]
        told[name] = {"bytes": those[0]["bytes"], "rounds": len(those),
                      "answers": those[0]["answers"]}
        for figure in FIGURES:
            values = [r[figure] for r in those if r[figure] is not None]
            if values:
                told[name][figure] = spread_of(values)
    return told


def ratio(runs, figure, name, base):
    """Of one contestant to another, round by round; None if one of them was
    not measured."""
    if name not in runs or base not in runs:
        return None
    return spread_of([a[figure] / b[figure]
                      for a, b in zip(runs[name], runs[base])])


def own(runs, name, compute):
    values = [compute(r) for r in runs.get(name, [])]
    return spread_of([v for v in values if v is not None]) \
        if any(v is not None for v in values) else None


class Goals:
    """Lines: what, the goal, what was found, met or not or not measured; those
    not measured only where all was to be."""

    def __init__(self, all_of_them):
        self.lines, self.all = [], all_of_them

    def add(self, what, sign, goal, found, unit=""):
        if found is None and not self.all:
            return
        met = None if found is None else \
            found[0] >= goal if sign == ">=" else found[0] <= goal
        self.lines.append({"what": what, "sign": sign, "goal": goal,
                           "unit": unit, "found": found, "met": met})

    def rounds(self, runs, sync_us):
        for c in (8, 32):
            new = f"billhook, new, c={c}"
            self.add(f"events/s to the Go peer's, c={c}", ">=", 1.6,
                     ratio(runs, "events_per_second", new, f"Go, c={c}"))
            self.add("CPU per event, lighttpd's with it, to the Go peer's, "
                     f"c={c}", "<=", 0.75,
                     ratio(runs, "whole_us", new, f"Go, c={c}"))
            self.add("CPU per event to the yardstick's, the responders' "
                     f"alone, c={c}", "<=", 1.25,
                     ratio(runs, "cpu_us", new, f"yardstick, c={c}"))
            self.add("CPU per event to the yardstick's, lighttpd's with "
                     f"both, c={c}", "<=", 1.25,
                     ratio(runs, "whole_us", new, f"yardstick, c={c}"))
            self.add(f"p99.9 (one sync takes {sync_us} us here), c={c}", "<=",
                     100.0, own(runs, new, lambda r: r["p999"] / 1e3), "ms")
            self.add(f"CPU of a duplicate to that of a new event, c={c}",
                     "<=", 1.0, ratio(runs, "cpu_us",
                                      f"billhook, duplicates, c={c}", new))
        self.add("p99 to p50, c=32", "<=", 5.0,
                 own(runs, "billhook, new, c=32",
                     lambda r: r["p99"] / r["p50"]))
        self.add("least busy of 8 responders to the busiest, c=32", ">=", 0.5,
                 own(runs, "billhook, new, of 8, c=32",
                     lambda r: r["least_to_busiest"]))
        slow = "slow disk, billhook, c=32"
        self.add("events/s where a sync takes 5 ms, to synchronous=FULL's",
                 ">=", 3.0, ratio(runs, "events_per_second", slow,
                                  "slow disk, yardstick, FULL, c=32"))
        cgi = "CGI, billhook, new, c=8"
        self.add("CGI: requests/s to those of a program that does nothing",
                 ">=", 0.3, ratio(runs, "events_per_second", cgi,
                                  "CGI, nothing, c=8"))
        self.add("CGI: p99 to p50", "<=", 10.0,
                 own(runs, cgi, lambda r: r["p99"] / r["p50"]))
        self.add("CGI: requests/s to PHP's (without stripe-php)", ">=", 12.0,
                 ratio(runs, "events_per_second", cgi, "CGI, PHP, c=8"))

    def growth(self, grown):
        base = min(grown["sizes"])
        runs = grown["runs"]
        for size in grown["sizes"]:
            for figure, words in (("cpu_us", "CPU per event"),
                                  ("p99", "p99")):
                if size != base:
                    self.add(f"{words}, {size} events stored, to {base}",
                             "<=", 1.3, spread_of(
                                 [a["new"][figure] / b["new"][figure]
                                  for a, b in zip(runs[size], runs[base])]))
            self.add(f"CPU of a duplicate to that of a new event, {size} "
                     "events stored", "<=", 1.0, spread_of(
                         [r["duplicates"]["cpu_us"] / r["new"]["cpu_us"]
                          for r in runs[size]]))
            if size != base:
                self.add(f"start-up, {size} events stored, to {base}", "<=",
                         1.3, spread_of([
                             a / b for a, b in zip(grown["startup"][size],
                                                   grown["startup"][base])]))
            if size:
                disk = grown["disk"][size]
                per = disk["file"] / disk["payload"]
                self.add(f"bytes on disk per byte of payload, {size} events",
                         "<=", 1.15, [per, per, per])

    def memory(self, found):
        last = found[-1]
        mib = last["private"] / (1 << 20)
        self.add(f"private memory after {last['events']} events", "<=", 4.0,
                 [mib, mib, mib], "MiB")
        if len(found) > 1:
            grows = last["private"] / found[0]["private"]
            self.add(f"that to what it was after {found[0]['events']}", "<=",
                     1.1, [grows, grows, grows])


def spread(values, scale=1.0, digits=0):
    middle, least, greatest = (f"{v / scale:.{digits}f}" for v in values)
    return f"{middle} ({least}-{greatest})"


def columns(lines):
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in
                               zip(line, widths)).rstrip() for line in lines)


def table(told):
    lines = [("what", "events/s", "p50 ms", "p99 ms", "p99.9 ms",
              "CPU us", "lighttpd us", "least/busiest")]
    for name, row in told.items():
        lines.append((name, spread(row["events_per_second"]),
                      spread(row["p50"], 1000, 1), spread(row["p99"], 1000, 1),
                      spread(row["p999"], 1000, 1)
                      if row["answers"] >= FEW else "-",
                      spread(row["cpu_us"]),
                      spread(row["server_us"]) if any(row["server_us"])
                      else "-",
                      spread(row["least_to_busiest"], 1, 2)
                      if "least_to_busiest" in row else "-"))
    return columns(lines)


def growth_table(grown):
    lines = [("events stored", "new: CPU us", "p50 ms", "p99 ms",
              "duplicate: CPU us", "p99 ms", "start ms", "private MiB",
              "disk/payload")]
    for size in grown["sizes"]:
        runs = grown["runs"][size]

        def of(kind, figure, scale=1.0, digits=0, runs=runs):
            return spread(spread_of([r[kind][figure] for r in runs]), scale,
                          digits)
        disk = grown["disk"].get(size)
        lines.append((
            str(size), of("new", "cpu_us"), of("new", "p50", 1000, 1),
            of("new", "p99", 1000, 1), of("duplicates", "cpu_us"),
            of("duplicates", "p99", 1000, 1),
            spread(spread_of(grown["startup"][size]), 1, 1),
            spread(spread_of([r["private"] for r in runs]), 1 << 20, 1),
            f"{disk['file'] / disk['payload']:.2f}" if disk else "-"))
    return columns(lines)


def goals_table(goals):
    lines = [("goal", "", "found", "")]
    for g in goals:
        found = g["found"]
        lines.append((
            g["what"], f"{g['sign']} {g['goal']:g}" +
            (f" {g['unit']}" if g["unit"] else ""),
            "-" if found is None else spread(found, 1, 2),
            "not measured" if g["met"] is None else
            "met" if g["met"] else "NOT MET"))
    return columns(lines)


NOTE = """\
Median (least-greatest) of the rounds; a ratio is taken within a round, and
judged by its median.  In each round every contestant does the same work on a
new database of its own, in changing order.

"nothing" reads the request and answers.  "yardstick" runs, in plain C and
without any check, the statements that billhook ran for the same events, as
durable.  "Go" is scripts/benching/peer.go, "PHP" is peer.php under php-cgi;
both know one type of event and two tables, where billhook keeps them all.
stripe-php is not in Debian: peer.php verifies by hash_hmac(), which is faster
than loading it.  The peers sync in each commit, under SQLite's own lock.

The load generator runs on the same processors, so events/s are those of a
machine that also makes its own load.  CPU is of the responders, by the
scheduler's count; for CGI it is that of the ended processes.  "lighttpd us"
stands beside it; Go is its own web server.  "least/busiest" compares the CPU
of the responders; "of 8" has 8 of them, and so has the slow disk.

The database that grows has ten events for each subscription, ids in no order,
and what was just written is in the page cache.

This cannot show a network, TLS, a disk other than this one, a machine where
nothing else runs, or a database larger than memory (but with --growth)."""
