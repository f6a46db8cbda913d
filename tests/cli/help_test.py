"""Help, version, the pages on how things work, and the man page."""

import re
import subprocess
import unittest
from pathlib import Path

import support
from support import ALONE, USAGE

FIT = "components start restarts seed weights block-rows max-iterations tolerance relative-tolerance "
FIT += "absolute-tolerance parameter-tolerance strict require-convergence output config progress "
FIT += "checkpoint checkpoint-interval resume deadline watchdog standardise log profile json"
OPTIONS = {
    "fit gmm": f"{FIT} covariance covariance-floor equal-weights fixed-variance precision decompose",
    "fit kmeans": f"{FIT} precision decompose fixed-variance",
    "predict": "output responsibilities progress json",
    "score": "weights output json",
    "sample": "records predictive data output seed progress json",
    "compare": "data weights standard-error draws seed base progress json",
    "info": "json",
    "check": "json",
    "import": "output dataset format delimiter header columns float32 vocabulary stop-words minimum-length "
    "minimum-documents maximum-share fractional-counts zero-based progress json",
    "plot": "output data features records json",
    "help": "man completion",
    "fit": FIT,
}
TOPICS = ["files", "corpora", "checkpoints", "signals", "starts", "covariance", "config", "bits", "exit-codes"]


class Help(support.Case):
    def test_every_option_is_mentioned(self):
        for command, options in OPTIONS.items():
            for flag in "--help", "-h":
                with self.subTest(command=command, flag=flag):
                    found = self.done([*command.split(), flag])
                    self.assertEqual(found.stderr, "")
                    mentioned = re.findall(r"^  --([a-z0-9-]+)", found.stdout, re.MULTILINE)
                    self.assertEqual(sorted(mentioned), sorted(options.split()))
                    self.assertIn("usage: jensen", found.stdout)
                    self.assertLessEqual(max(map(len, found.stdout.splitlines())), 100)

    def test_every_option_of_help_is_accepted(self):
        # an option that help names but the parser does not know would be refused as unknown
        for command, options in OPTIONS.items():
            for option in options.split():
                found = support.run([*command.split(), f"--{option}", "--xyzzy"], cwd=self.folder)
                self.assertNotIn(f"'{option}' is unknown", found.stderr)

    def test_defaults_are_shown(self):
        text = self.done(["fit", "gmm", "--help"]).stdout
        for option, default in ("restarts", 10), ("seed", 1), ("tolerance", "1e-08"), ("start", "kmeans"):
            section = re.search(rf"^  --{option} .*?(?=^  --|\n\n)", text, re.MULTILINE | re.DOTALL).group(0)
            self.assertIn(f"[{default}]", section)

    def test_overview(self):
        for arguments in ["--help"], ["-h"], ["help"]:
            for ranks in ALONE, 2:
                found = self.done(arguments, ranks)
                self.assertEqual(found.stdout.count("usage: jensen COMMAND"), 1)
                for name in "fit", "predict", "score", "sample", "compare", "info", "check", "import", "plot", "kmeans", "gmm", "exit codes", *TOPICS:
                    self.assertIn(name, found.stdout)

    def test_version(self):
        for ranks in ALONE, 1, 2:
            self.assertRegex(self.done(["--version"], ranks).stdout, r"^jensen \d+\.\d+\.\d+\n$")


class Topics(support.Case):
    def page(self, *words):
        return self.done(["help", *words]).stdout

    def section(self, page, heading):
        """The lines below a heading, up to an empty one."""
        return re.search(rf"^{heading}:\n((?:.+\n)+)", page, re.MULTILINE).group(1).splitlines()

    def test_pages_fit_on_a_terminal(self):
        for topic in TOPICS:
            for width in 80, 100:
                shell = f"stty cols {width} && '{support.JENSEN}' help {topic}"
                done = subprocess.run(["script", "-qec", shell, "/dev/null"], capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 0, done.stdout)
                lines = done.stdout.replace("\r", "").splitlines()
                self.assertGreater(len(lines), 5)
                self.assertLessEqual(max(map(len, lines)), width, topic)
                self.assertEqual([line for line in lines if line != line.rstrip()], [])

    def test_help_on_a_command_is_its_own(self):
        for command in OPTIONS:
            words = command.split()
            self.assertEqual(self.page(*words), self.done([*words, "--help"], ranks=ALONE).stdout)
        self.assertEqual(self.page("gmm"), self.page("fit", "gmm"))

    def test_one_rank_prints(self):
        self.assertEqual(self.done(["help", "bits"], 2).stdout, self.page("bits"))

    def test_checkpoints_tells_options_apart(self):
        # those that are refused are those that the program stores and compares: tests of resuming rely on it
        page = self.page("checkpoints")
        of = lambda heading, whose: re.search(rf"{heading}.*?of {whose} +((?:--[a-z-]+\s+)+)", page, re.DOTALL).group(1).split()
        fixed, free = of("must be the same", "every fit"), of("may change", "every fit")
        own = of("must be the same", "gmm")
        self.assertEqual(sorted(fixed + free), sorted(f"--{name}" for name in FIT.split()))
        self.assertEqual(own, ["--covariance", "--covariance-floor", "--equal-weights", "--fixed-variance", "--precision", "--decompose"])
        self.assertEqual(set(fixed), {f"--{n}" for n in "components start restarts seed weights block-rows standardise".split()})

    def test_starts_are_those_of_the_option(self):
        listed = re.search(r"--start (\S+)\n\s+(\S+)\n", self.page("fit"))
        values = (listed[1] + listed[2]).replace("responsibilities[:FILE:/d]", "responsibilities|responsibilities:FILE:/d")
        rows = [line.split()[0] for line in self.section(self.page("starts"), "starts") if re.match(r"  \S", line)]
        self.assertEqual(rows, values.split("|"))

    def test_covariance_formulas_count_what_the_program_counts(self):
        header, *rows = [re.split(r"  +", line.strip()) for line in self.section(self.page("covariance"), "families")]
        self.assertEqual(header[:2] + header[-2:], ["letters", "--covariance", "free parameters", "K=3 D=4"])
        names = re.search(r"--covariance ([a-z|-]+)", self.page("fit", "gmm"))[1].split("|")
        self.assertEqual([row[1] for row in rows], names)
        for letters, _, *parts, formula, count in rows:
            python = re.sub(r"(?<=[\w)])\s*(?=[(D])", "*", formula)
            python = python.replace("K *", "K*").replace("/", "//")
            self.assertEqual(eval(python, {"K": 3, "D": 4}), int(count), formula)
            self.assertEqual(parts, [{"V": "own", "E": "equal", "I": "-"}[letter] for letter in letters])

    def test_exit_codes_are_those_of_the_program(self):
        header = (support.SOURCE / "include/jensen/core/error.hpp").read_text()
        codes = re.findall(r"^  \w+ = (\d+),", header, re.MULTILINE)
        listed = [line.split()[0] for line in self.section(self.page("exit-codes"), "exit codes")]
        self.assertEqual(listed, sorted(codes, key=int))

    def test_what_is_not_known(self):
        self.refused(
            [
                (["help", "chekpoints"], USAGE, "the topic 'chekpoints' is unknown", "did you mean checkpoints?"),
                (["help", "fit", "gm"], USAGE, "model = 'gm' (must be one of kmeans, gmm, bayes-gmm, lda, advi)"),
                (["help", "config", "gm"], USAGE, "model = 'gm' (must be one of kmeans, gmm, bayes-gmm, lda, advi)"),
                (["help", "predict", "gmm"], USAGE, "the topic 'predict gmm' is unknown"),
                (["help", "--man", "bits"], USAGE, "one thing at a time"),
                (["fit", "kmeans", "x.h5", "--covariance", "full"], USAGE, "'covariance' is unknown here (it is an option of fit gmm, fit bayes-gmm)"),
                (["score", "m.h5", "x.h5", "--progress=none"], USAGE, "it is an option of fit, predict, sample, compare, import)"),
            ],
            ranks=(ALONE,),
        )


class Man(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = support.run(["help", "--man"]).stdout

    def test_roff_is_clean(self):
        groff = ["groff", "-man", "-ww", "-b", "-z", "-Tutf8"]
        done = subprocess.run(groff, input=self.source, text=True, capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_it_says_everything(self):
        groff = ["groff", "-man", "-Tascii", "-P-cbou", "-rLL=200n"]
        text = subprocess.run(groff, input=self.source, text=True, capture_output=True, timeout=60).stdout
        sections = re.findall(r"^([A-Z ]+)$", text, re.MULTILINE)
        expected = "NAME,SYNOPSIS,DESCRIPTION,COMMANDS,OPTIONS,STARTS,COVARIANCE FAMILIES,CONFIG FILES,CHECKPOINTS,"
        expected += "SIGNALS,THE SAME BITS,FILES,EXIT STATUS,EXAMPLES,SEE ALSO"
        self.assertEqual(sections, expected.split(","))
        options = text[text.index("\nOPTIONS\n") : text.index("\nSTARTS\n")]
        for command, names in OPTIONS.items():
            if command == "fit kmeans":
                continue  # has no options of its own
            own = options[options.index(f"\n   jensen {command}\n") + 4 :]
            own = own.split("\n   jensen ")[0]
            found = re.findall(r"^ {7}--([a-z0-9-]+)", own, re.MULTILINE)
            mine = [name for name in names.split() if command != "fit gmm" or name not in FIT.split()]
            self.assertEqual(sorted(found), sorted(mine), command)

    def test_installed(self):
        build = Path(support.JENSEN).parent
        command = ["cmake", "--install", build, "--prefix", self.folder, "--component", "jensen_documents"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.folder / "share/man/man1/jensen.1").read_text(), self.source)
        script = self.folder / "share/bash-completion/completions/jensen"
        self.assertEqual(script.read_text(), self.done(["help", "--completion"]).stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
