# SPDX-License-Identifier: Apache-2.0
"""Questions about the tests of build folders.

tests.py forget DIR           removes the results of earlier runs: they must not pass for results of the next one
tests.py targets DIR TEST..   what must be built for these tests, one ninja target a line
tests.py totals DIR..         failures, skips with their reasons, and as the last line the totals over all folders
"""
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

MESON = "/usr/bin/meson"


def introspect(build, what):
    return json.loads(subprocess.check_output([MESON, "introspect", build, what]))


def targets(build, names):
    by_id = {target["id"]: target for target in introspect(build, "--targets")}
    known, wanted = set(), set()
    for test in introspect(build, "--tests"):
        known.add(test["name"])
        if test["name"] in names:
            wanted.update(test["depends"])
    missing = sorted(set(names) - known)
    if missing:
        sys.exit("no test is called " + ", ".join(missing) + " in " + build)
    for target in sorted(wanted):
        for path in by_id[target]["filename"]:
            print(os.path.relpath(path, build))


def forget(build):
    logs = [os.path.join(build, "meson-logs", name) for name in ("testlog.json", "testlog.txt", "testlog.junit.xml")]
    for path in logs + [os.path.join(build, test["name"] + ".xml") for test in introspect(build, "--tests")]:
        if os.path.exists(path):
            os.unlink(path)


def reason(element):
    text = (element.get("message") or element.text or "").strip()
    # GoogleTest puts file and line in front of what GTEST_SKIP() was given.
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and re.match(r".*:\d+$", lines[0]):
        lines = lines[1:]
    return " ".join(lines) or "no reason given"


class Totals:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def cases(self, path, where):
        """Counts the cases of a GoogleTest result file; returns how many of them failed."""
        failed = 0
        for case in ElementTree.parse(path).getroot().iter("testcase"):
            name = "%s %s.%s" % (where, case.get("classname"), case.get("name"))
            skip = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                self.failed.append(name)
                failed += 1
            elif skip is not None:
                self.skipped.append((name, reason(skip)))
            elif case.get("status") == "notrun":
                self.skipped.append((name, "disabled in the source"))
            else:
                self.passed += 1
        return failed

    def test(self, build, test):
        where = "%s/%s" % (os.path.basename(build), test["name"].split(" / ")[-1])
        name = test["name"].split(" / ")[-1]
        result = test["result"]
        path = os.path.join(build, name + ".xml")
        if os.path.exists(path):
            try:
                failed = self.cases(path, where)
            except ElementTree.ParseError:
                self.failed.append(where + " (its result file is torn)")
                return
            # A crash, a timeout or a sanitizer's report after the last case leaves no failed case behind.
            if result not in ("OK", "EXPECTEDFAIL", "SKIP") and not failed:
                self.failed.append("%s (%s, exit code %s)" % (where, result.lower(), test.get("returncode")))
        elif result in ("OK", "EXPECTEDFAIL"):
            self.passed += 1
        elif result == "SKIP":
            lines = (test.get("stdout") or test.get("stderr") or "").strip().splitlines()
            self.skipped.append((where, lines[-1] if lines else "no reason given"))
        else:
            self.failed.append("%s (%s, exit code %s)" % (where, result.lower(), test.get("returncode")))

    def build(self, build):
        try:
            with open(os.path.join(build, "meson-logs", "testlog.json")) as log:
                tests = [json.loads(line) for line in log if line.strip()]
        except (OSError, ValueError) as error:
            self.failed.append("%s (no results: %s)" % (os.path.basename(build), error))
            return
        if not tests:
            self.failed.append("%s (no test ran)" % os.path.basename(build))
        for test in tests:
            self.test(build, test)


def totals(builds):
    sums = Totals()
    for build in builds:
        sums.build(build)
    for name, why in sums.skipped:
        print("SKIP %s: %s" % (name, why))
    for name in sums.failed:
        print("FAIL %s" % name)
    print("%d passed, %d failed, %d skipped" % (sums.passed, len(sums.failed), len(sums.skipped)))
    # Nothing ran: a green light would say nothing.
    sys.exit(1 if sums.failed or not sums.passed else 0)


if __name__ == "__main__":
    if len(sys.argv) > 3 and sys.argv[1] == "targets":
        targets(sys.argv[2], sys.argv[3:])
    elif len(sys.argv) == 3 and sys.argv[1] == "forget":
        forget(sys.argv[2])
    elif len(sys.argv) > 2 and sys.argv[1] == "totals":
        totals(sys.argv[2:])
    else:
        sys.exit(__doc__)
