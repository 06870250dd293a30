"""scripts/coverage: a line that no test reaches needs a reason, and a reason
such a line."""

import collections
import importlib.machinery
import importlib.util
import pathlib
import shutil
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parent.parent

SOURCE = """\
/* Nothing in particular. */
int
one(int n)
{
\tif (n == 1)
\t\treturn 7;\t/* never */
\tif (n == 2) {
\t\tn++;
\t\treturn 7;
\t}
\treturn n;
}

int
main(void)
{
\treturn one(0);
}
"""

FIRST = "lib/one.c\tone\tif (n == 1) return 7;\tnobody says 1"
SECOND = "lib/one.c\tone\tn++; return 7;\tnobody says 2"


def load():
    loader = importlib.machinery.SourceFileLoader(
        "coverage_script", str(TOP / "scripts" / "coverage"))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


coverage = load()


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """The counts of a program of one file, and the top of its sources."""
    if not (shutil.which("gcc") and shutil.which("gcov")):
        pytest.skip("gcc and gcov are not here")
    top = tmp_path_factory.mktemp("counted")
    (top / "lib").mkdir()
    (top / "lib" / "one.c").write_text(SOURCE)
    subprocess.run(["gcc", "-O0", "--coverage", "-o", "one", "lib/one.c"],
                   cwd=top, check=True)
    subprocess.run(["./one"], cwd=top, check=True)
    files = collections.defaultdict(coverage.File)
    coverage.count(top, files)
    return files, top


def judge(counted, tmp_path, *lines):
    """{line: why} of the file, and what is wrong."""
    files, top = counted
    path = tmp_path / "unreached.tsv"
    path.write_text("# Reasons.\n" + "".join(line + "\n" for line in lines))
    reasons, wrong = coverage.read_reasons(path)
    whys, more = coverage.explain(files, reasons, top)
    return whys["lib/one.c"], wrong + more


def test_each_line_has_its_reason(counted, tmp_path):
    whys, wrong = judge(counted, tmp_path, FIRST, SECOND)
    assert not wrong
    assert whys == {6: "nobody says 1", 8: "nobody says 2",
                    9: "nobody says 2"}


@pytest.mark.parametrize("lines, words", [
    ([FIRST], "lib/one.c:8: one(): n++;: not reached, and nothing says why"),
    # One place of two that are alike is not both.
    (["lib/one.c\tone\tn++;\tx", "lib/one.c\tone\tif (n == 1) return 7;\tx"],
     "lib/one.c:9: one(): return 7;: not reached"),
    ([FIRST, SECOND, "lib/one.c\tone\treturn n;\tx"], "is reached, line 11"),
    ([FIRST, SECOND, "lib/one.c\tone\tn++; return 7; } return n;\tx"],
     "is reached, line 11"),
    ([FIRST, SECOND, "lib/one.c\tone\tn--;\tx"], "stand there any more"),
    ([FIRST, SECOND, "lib/one.c\tmain\tn++; return 7;\tx"],
     "stand there any more"),
    ([FIRST, SECOND, "lib/two.c\tone\tn++;\tx"], "stand there any more"),
    ([FIRST, SECOND, "lib/one.c\tone\tn++;\t"], "unreached.tsv:4: no FILE"),
    # A part of a line is none.
    ([FIRST, "lib/one.c\tone\tn++; return\tx"], "stand there any more"),
])
def test_what_is_wrong_is_told(counted, tmp_path, lines, words):
    _, wrong = judge(counted, tmp_path, *lines)
    assert any(words in each for each in wrong), wrong


def test_what_some_runs_reach_may_be_reached(counted, tmp_path):
    _, wrong = judge(counted, tmp_path, FIRST, SECOND,
                     "lib/one.c\tone\treturn n;\tat times: by luck")
    assert not wrong


def test_the_reasons_that_are_there_have_their_sources():
    reasons, wrong = coverage.read_reasons(TOP / coverage.REASONS)
    assert reasons and not wrong
    gone = [reason for reason in reasons if not list(coverage.places(
        coverage.read_source(TOP / reason.file), reason.source))]
    assert not gone, f"correct or take out of {coverage.REASONS}"
