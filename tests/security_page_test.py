#!/usr/bin/env python3
"""docs/security.md names tests for requirements: each of them is there, and no requirement is left
without a word."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROW = re.compile(r"\| (API\d+|\d[^|]*) \|[^|]*\| ([^|]*) \|")
NAMED = re.compile(r'`([a-z0-9_]+_test)` "([^"]+)"')
SAID = re.compile(r"(not yet|none: |by configuration|all fast tests|SECURITY\.md|README\.md|stderr)")


def names_in(test):
    """The text of a test's file; a name that goes on in a second line is one."""
    for ending in (".cpp", ".py"):
        path = ROOT / "tests" / (test + ending)
        if path.is_file():
            return re.sub(r'"\s*\n\s*"', "", path.read_text(encoding="utf-8"))
    return ""


def judge(requirement, held_by):
    """What is wrong with a row, a line each."""
    wrong = [f'{requirement}: tests/{test} has no "{name}"' for test, name in NAMED.findall(held_by)
             if name not in names_in(test)]
    if not NAMED.search(held_by) and not SAID.match(held_by):
        wrong.append(f"{requirement}: names no test, and doesn't say why")
    return wrong


class SecurityPageTest(unittest.TestCase):

    def test_every_test_that_the_page_names_is_there(self):
        page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
        rows = [row.groups() for row in map(ROW.fullmatch, page.splitlines()) if row]
        self.assertGreater(len(rows), 100)
        self.assertEqual([], [fault for row in rows for fault in judge(*row)])

    def test_a_planted_fault_is_found(self):
        there = '`security_page_test` "a_planted_fault_is_found"'
        self.assertEqual([], judge("1.1.1", there))
        self.assertEqual([], judge("1.1.1", "not yet"))
        self.assertTrue(judge("1.1.1", there.replace("fault", "flower")))
        self.assertTrue(judge("1.1.1", '`no_such_test` "anything"'))
        self.assertTrue(judge("1.1.1", "somehow"))


if __name__ == "__main__":
    unittest.main()
