"""What bash completes, by the script of `jensen help --completion`, without the package bash-completion."""

import re
import subprocess
import unittest

import support

# what was typed, with '|' between bash's words -> what is offered
OFFERED = {
    "p": "predict plot",
    "fit|": "kmeans gmm bayes-gmm lda advi",
    "fit|g": "gmm",
    "fit|gmm|": "folder a.h5 b.h5",
    "fit|gmm|a.h5|": "",
    "fit|gmm|--co": "--components --covariance --covariance-floor --config",
    "fit|kmeans|--cov": "",
    "fit|gmm|a.h5|--covariance|": "full tied diag spherical equal-spherical",
    "fit|gmm|a.h5|--covariance|=|t": "tied",
    "fit|gmm|a.h5|--covariance|=": "full tied diag spherical equal-spherical",
    "fit|gmm|--components|3|": "folder a.h5 b.h5",
    "fit|gmm|--components|=|3|a": "a.h5",
    "fit|gmm|--strict|": "folder a.h5 b.h5",
    "fit|gmm|a.h5|--start|k": "kmeans kmeans++ kmeans-parallel",
    "fit|gmm|a.h5|--start|l": "labels:",
    "fit|gmm|a.h5|--start|labels|:|b": "b.h5",
    "fit|gmm|a.h5|--resume|": "folder a.h5 b.h5 my.ini with space.csv auto never",
    "fit|gmm|a.h5|--checkpoint|": "folder",
    "fit|gmm|a.h5|--config|m": "my.ini",
    "fit|gmm|a.h5|--progress|l": "live lines",
    "fit|gmm|a.h5|--standardise|": "none sd",
    "fit|lda|a.h5|--start|": "random documents labels: model:",
    "fit|lda|--we": "",
    "fit|lda|a.h5|--alpha|l": "learned learned-asymmetric",
    "predict|a.h5|b": "b.h5",
    "predict|a.h5|b.h5|-o|f": "folder",
    "predict|--r": "--responsibilities",
    "sample|-n|3|": "folder a.h5 b.h5",
    "import|w": "with space.csv",
    "import|x.csv|--header|": "auto yes no",
    "plot|a.h5|--data|b": "b.h5",
    "import|x|--format|u": "uci",
    "help|c": "check checkpoints config corpora covariance",
    "help|config|": "kmeans gmm bayes-gmm lda advi",
    "help|fit|k": "kmeans",
    "help|--": "--man --completion --help",
    "unknown|": "",
    "unknown|--": "--help",
}


class Completion(support.Case):
    def setUp(self):
        super().setUp()
        self.script = self.folder.parent / f"{self.folder.name}.bash"
        self.script.write_text(self.done(["help", "--completion"]).stdout)
        self.addCleanup(self.script.unlink)
        (self.folder / "folder").mkdir()
        for name in "a.h5", "b.h5", "my.ini", "with space.csv":
            (self.folder / name).touch()

    def bash(self, program):
        command = ["bash", "--norc", "--noprofile", "-u", "-c", f"source '{self.script}'\n{program}"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""), program)
        return done.stdout

    def test_offered(self):
        program = ""
        for typed in OFFERED:
            words = " ".join(f"'{word}'" for word in ["jensen", *typed.split("|")])
            program += f"COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _jensen\n"
            program += "(IFS='|'; echo \"${COMPREPLY[*]-}\")\n"
        found = self.bash(program).splitlines()
        self.assertEqual(len(found), len(OFFERED))
        for (typed, expected), line in zip(OFFERED.items(), found):
            with self.subTest(typed=typed):
                offered = sorted(filter(None, line.split("|")))
                self.assertEqual(" ".join(offered), " ".join(sorted(re.findall(r"with space\.csv|\S+", expected))))

    def test_it_is_registered(self):
        self.assertEqual(self.bash("complete -p jensen").strip(), "complete -F _jensen jensen")

    def test_every_option_and_choice(self):
        # options as help lists them; the values of those that list some
        pages = {}
        for command in ["fit gmm", "fit kmeans", "predict", "score", "sample", "info", "check", "import", "plot", "help"]:
            pages[command] = self.done([*command.split(), "--help"]).stdout
        program = ""
        for command in pages:
            words = f"jensen {command} --"
            program += f"COMP_WORDS=({words}); COMP_CWORD={len(words.split()) - 1}; _jensen; echo ${{COMPREPLY[*]}}\n"
        for (command, page), line in zip(pages.items(), self.bash(program).splitlines()):
            listed = re.findall(r"^  (--[a-z0-9-]+)", page, re.MULTILINE)
            self.assertEqual(line.split(), [*listed, "--help"], command)

    def test_every_choice_is_accepted(self):
        records, _ = support.clusters()
        data = support.write(self.folder / "data.h5", data=records)
        (self.folder / "table.csv").write_text("1,2\n3,4\n")
        commands = {
            "fit gmm": ["fit", "gmm", data, "--components", 3, "--restarts", 1, "--max-iterations", 2],
            "import": ["import", "table.csv", "-o", "table.h5"],
        }
        tried = []
        for command, arguments in commands.items():
            page = self.done([*command.split(), "--help"]).stdout
            for name, values in re.findall(r"^  --([a-z-]+) (\S+\|\S*(?:(?<=\|)\n {6}\S+)?)", page, re.MULTILINE):
                if name in ("format", "stop-words"):
                    continue  # need other inputs, as corpus_test.py has them
                for value in re.sub(r"\s", "", values).split("|"):
                    literal = re.split(r"[:[]", value)[0]
                    if literal in ("FILE", "labels", "model"):
                        continue  # need a file
                    others = ["--covariance", "diag"] if literal == "float32" else []
                    self.done([*arguments, *others, f"--{name}", literal])
                    tried.append(f"{name} {literal}")
        for choice in "standardise sd", "start responsibilities", "covariance equal-spherical", "resume never", "progress live", "header no":
            self.assertIn(choice, tried)


if __name__ == "__main__":
    unittest.main(verbosity=2)
