"""A small file system of the tests' own, in a name space that needs no
privileges.  A process holds the name space; who is to see the file system
enters there, when and as often as it likes."""

import contextlib
import os
import pathlib
import subprocess

# Root may mount in a name space of its own; others get to be root in one.
ROOT = os.geteuid() == 0
UNSHARE = ["unshare", "--mount"] if ROOT else [
    "unshare", "--user", "--map-root-user", "--mount"]
ENTER = ["nsenter", "--mount"] if ROOT else [
    "nsenter", "--user", "--preserve-credentials", "--mount"]
PAGE = 4096

# Its end is that of its input.
HOLDER = 'mount -t tmpfs -o size="$1" none "$0" && echo mounted && exec cat'


class SmallDisk:
    """mount is the file system's place for those inside, inside the same seen
    from outside, and enter the words before a command that is to be inside."""

    def __init__(self, directory, size):
        self.mount = pathlib.Path(directory) / "mount"
        self.mount.mkdir()
        self.holder = subprocess.Popen(
            UNSHARE + ["sh", "-c", HOLDER, str(self.mount), size],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        if self.holder.stdout.readline() != b"mounted\n":
            error = self.holder.communicate()[1].decode()
            raise AssertionError(
                "a small file system cannot be mounted in a name space here: "
                f"{error}; let unshare(1) do it (sysctl "
                "kernel.unprivileged_userns_clone=1), or run the tests as "
                "root")
        self.enter = ENTER + [f"--target={self.holder.pid}", "--"]
        self.inside = pathlib.Path(f"/proc/{self.holder.pid}/root{self.mount}")
        self.filler = self.inside / "filler"

    def fill(self, leave=0):
        """Takes all space but some pages."""
        with open(self.filler, "wb") as file:
            for _ in range(100):
                disk = os.statvfs(self.inside)
                assert disk.f_bsize == PAGE
                if disk.f_bavail <= leave:
                    return
                # Others may take some meanwhile: then look again.
                with contextlib.suppress(OSError):
                    os.posix_fallocate(file.fileno(),
                                       os.fstat(file.fileno()).st_size,
                                       (disk.f_bavail - leave) * PAGE)
        raise AssertionError("the small disk never fills")

    def free(self):
        self.filler.unlink(missing_ok=True)

    def close(self):
        """It is gone with the last process that is inside."""
        self.holder.communicate()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()
