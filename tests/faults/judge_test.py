"""What the judge takes for a red, and what it does not; that faults which do not fit are refused."""

import dataclasses
import unittest

from faults import Rotten, edit, find
from judge import verdict
from plant import altered

CASE = '<TestCase name="a &quot;good&quot; test">\n'
FAILED = '<Expression success="false" type="CHECK">\n'
EXCEPTION = '<Exception filename="x.cpp">\n'
CRASH = '<FatalErrorCondition filename="x.cpp">\n'


def end(failures):
    return f'<OverallResults successes="5" failures="{failures}" expectedFailures="0"/>\n'


class Verdict(unittest.TestCase):
    def refuses(self, reason, *arguments):
        with self.assertRaisesRegex(ValueError, reason):
            verdict(*arguments)

    def test_failed_assertions_are_red(self):
        self.assertEqual(verdict(2, CASE + FAILED + FAILED + end(2), 0), ['a "good" test'])
        self.assertEqual(verdict(255, CASE + FAILED + end(300), 0), ['a "good" test'])
        self.assertEqual(verdict(1, CASE + FAILED + end(1), 3), ['a "good" test'])

    def test_a_rank_that_fails_alone_is_red(self):
        marked = f"[rank 2] failed where others did not; the job ends here\n[rank 2] {CASE}[rank 2]   {FAILED}"
        self.assertEqual(verdict(1, CASE + marked, 3), ['a "good" test'])

    def test_other_failures_are_not_red(self):
        self.refuses("no test turned red", 0, CASE + end(0), 0)
        self.refuses("no assertion failed", 1, CASE + EXCEPTION + end(1), 0)
        self.refuses("crashed in 'a \"good\" test'", 1, CASE + FAILED + CRASH + end(2), 0)
        self.refuses("did not come to its end", -9, CASE + FAILED, 0)
        self.refuses("did not come to its end", 134, CASE + FAILED, 3)
        self.refuses("exit code 70 for 1 failed", 70, CASE + FAILED + end(1), 0)
        self.refuses("no such test ran", 0, end(0), 0)
        self.refuses("no such test ran", 127, "", 0)


class Planting(unittest.TestCase):
    def test_old_texts_must_occur_once(self):
        fault = find("dropped_constant")
        self.assertNotIn("std::numbers::pi", altered(fault))
        for old in "no such text", "means_":
            with self.assertRaisesRegex(Rotten, r"does not fit .* occurs \d+ times \(must be 1\)"):
                altered(dataclasses.replace(fault, edits=(edit(old),)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
