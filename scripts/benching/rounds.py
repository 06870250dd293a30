"""The rounds: in each, every contestant does the same work on a database of
its own, in changing order, so that a noisy machine hits all alike."""

import random
import sqlite3

from events import HERE, SECRET, mixed, renewals
from servers import Servers, new_database

WARM = 200      # events before a measurement, for statements and caches
MANY = 8        # responders where each waits, or may starve


class Contest:
    """Gathers measurements by name."""

    def __init__(self, args):
        self.args = args
        self.runs = {}
        self.order = random.Random(1)

    def add(self, name, told):
        self.runs.setdefault(name, []).append(told)

    # FastCGI, and the peer that is its own server.

    def fastcgi(self, number, count):
        args = self.args
        bodies = renewals(count + WARM, f"f{number}x")
        script = args.room / "script"
        thrown = new_database(args, args.room / "thrown" / "x.db", bodies,
                              script)
        discard(thrown)
        work = [(self.billhook, c, number, bodies) for c in (8, 32)]
        work += [(self.yardstick, c, script, bodies) for c in (8, 32)]
        work += [(self.nothing, c, bodies) for c in (8, 32)]
        work.append((self.eight, 32, bodies))
        if args.peers:
            work += [(self.go, c, bodies) for c in (8, 32)]
        self.order.shuffle(work)
        for what, *rest in work:
            what(*rest)
        script.unlink()

    def billhook(self, c, number, bodies):
        args = self.args
        with Servers(args, "fastcgi", [args.program],
                     args.processes) as servers:
            servers.load(c, bodies[:WARM])
            fresh = bodies[WARM:]
            self.add(f"billhook, new, c={c}",
                     servers.load(c, fresh, "applied"))
            self.add(f"billhook, duplicates, c={c}",
                     servers.load(c, fresh, "duplicate"))
            self.add(f"billhook, all types, c={c}", servers.load(
                c, mixed(len(fresh), f"m{number}c{c}")))

    def eight(self, c, bodies):
        """Of so many none may starve."""
        with Servers(self.args, "fastcgi", [self.args.program],
                     MANY) as servers:
            servers.load(c, bodies[:WARM])
            self.add(f"billhook, new, of {MANY}, c={c}",
                     servers.load(c, bodies[WARM:], "applied"))

    def yardstick(self, c, script, bodies):
        self.scripted(f"yardstick, c={c}", "yardstick", c, script, bodies,
                      self.args.processes)

    def scripted(self, name, program, c, script, bodies, processes,
                 preload=None):
        args = self.args
        database = new_database(args, args.room / "yard" / "billhook.db")
        with Servers(args, "fastcgi",
                     [args.tools / program, "@DB@", script], processes,
                     database=database, preload=preload) as servers:
            servers.load(c, bodies[:WARM], "applied")
            self.add(name, servers.load(c, bodies[WARM:], "applied"))
        discard(database)

    def nothing(self, c, bodies):
        args = self.args
        with Servers(args, "fastcgi", [args.tools / "null"],
                     args.processes) as servers:
            servers.load(c, bodies[:WARM])
            self.add(f"nothing, c={c}", servers.load(c, bodies[WARM:] * 3))

    def go(self, c, bodies):
        args = self.args
        with Servers(args, "direct", [args.tools / "peer", "@PORT@",
                                      "@DB@.go", SECRET],
                     database=args.room / "peer") as servers:
            servers.load(c, bodies[:WARM], "applied")
            self.add(f"Go, c={c}", servers.load(c, bodies[WARM:], "applied"))
        discard(args.room / "peer.go")

    # CGI.

    def cgi(self, number, count):
        args = self.args
        bodies = renewals(count + 8, f"g{number}x")
        work = [(self.cgi_billhook, bodies), (self.cgi_nothing, bodies)]
        if args.peers:
            work.append((self.cgi_php, bodies[:max(60, count // 4)]))
        self.order.shuffle(work)
        for what, those in work:
            what(those)

    def cgi_billhook(self, bodies):
        with Servers(self.args, "cgi", [self.args.program]) as servers:
            servers.load(1, bodies[:8])
            self.add("CGI, billhook, new, c=8",
                     servers.load(8, bodies[8:], "applied"))
            self.add("CGI, billhook, duplicates, c=8",
                     servers.load(8, bodies[8:], "duplicate"))

    def cgi_nothing(self, bodies):
        with Servers(self.args, "cgi",
                     [self.args.tools / "null-cgi"]) as servers:
            servers.load(1, bodies[:8])
            self.add("CGI, nothing, c=8", servers.load(8, bodies[8:]))

    def cgi_php(self, bodies):
        args = self.args
        database = args.room / "php.db"
        make_peer_database(database)
        with Servers(args, "php", [HERE / "peer.php"],
                     database=database) as servers:
            servers.load(1, bodies[:8], "applied")
            self.add("CGI, PHP, c=8", servers.load(8, bodies[8:], "applied"))
        discard(database)

    # A disk whose sync takes 5 ms.

    def slow_disk(self, number, count):
        args = self.args
        bodies = renewals(count + WARM, f"s{number}x")
        script = args.room / "script"
        discard(new_database(args, args.room / "thrown" / "x.db", bodies,
                             script))
        preload = args.tools / "slowsync.so"
        work = [("yardstick", "late sync"), ("yardstick-full", "FULL"), None]
        self.order.shuffle(work)
        for each in work:
            if each is None:
                with Servers(args, "fastcgi", [args.program], MANY,
                             preload=preload) as servers:
                    servers.load(32, bodies[:WARM])
                    self.add("slow disk, billhook, c=32",
                             servers.load(32, bodies[WARM:], "applied"))
            else:
                self.scripted(f"slow disk, yardstick, {each[1]}, c=32",
                              each[0], 32, script, bodies, MANY, preload)
        script.unlink()


def make_peer_database(path):
    """The tables that peer.php expects, read from it."""
    text = (HERE / "peer.php").read_text()
    begin = text.index("<<<'SQL'") + len("<<<'SQL'")
    handle = sqlite3.connect(path)
    handle.execute("PRAGMA journal_mode=WAL")
    handle.executescript(text[begin:text.index("\nSQL;", begin)])
    handle.close()


def discard(database):
    """Removes a database and what stands beside it."""
    for path in database.parent.glob(database.name + "*"):
        path.unlink()
