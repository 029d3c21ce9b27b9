#!/usr/bin/env python3
"""The program as the words of a command line meet it: its help, its exit codes, its answers to
people and to programs. Takes the program's path."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest

PROGRAM = pathlib.Path(sys.argv[1]).resolve()
COMMANDS = ["serve", "school create", "import", "invite", "tail", "export", "replay", "verify",
            "outbox show", "key export", "key check", "key restore", "key rotate", "doctor", "version"]
DONE, REFUSED, USAGE, CANNOT_OPEN = 0, 1, 2, 3


def run(*words):
    return subprocess.run([str(PROGRAM), *words], capture_output=True, text=True, check=False)


class CommandLineTest(unittest.TestCase):

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        self.data = ["--data", str(self.place / "school")]

    def make_school(self):
        return run("school", "create", *self.data, "--json", "--name", "De Vlieger", "--director",
                   "Dirkje Directeur", "--email", "directie@school.example")

    def test_help_names_every_command_and_where_to_begin(self):
        said = run("--help")
        self.assertEqual(said.returncode, DONE)
        for command in COMMANDS:
            self.assertRegex(said.stdout, rf"(?m)^  {command.split()[0]} +\S")
        for first in ("school create", "import", "serve"):
            self.assertIn(f"\n  klasboek {first} --data DIR", said.stdout)

    def test_help_of_a_command_shows_its_use_and_exit_codes(self):
        for command in COMMANDS:
            with self.subTest(command):
                said = run(*command.split(), "--help")
                self.assertEqual(said.returncode, DONE)
                self.assertIn("--json", said.stdout)
                self.assertIn("Exit codes: 0 done; 1 refused", said.stdout)
                if command != "version":
                    self.assertIn(f"\n  klasboek {command} --data DIR", said.stdout)

    def test_what_help_names_exists(self):
        """An option or a page that a lesson speaks of."""
        root = pathlib.Path(__file__).resolve().parent.parent
        for command in COMMANDS:
            text = run(*command.split(), "--help").stdout
            options = set(re.findall(r"^  (?:-h,)?(--[a-z-]+)", text, re.MULTILINE))
            self.assertLessEqual(set(re.findall(r"--[a-z-]+", text)), options, command)
            for page in re.findall(r"docs/[a-z-]+\.md", text):
                self.assertTrue((root / page).is_file(), page)

    def test_wrong_words_are_named(self):
        for words, named in ((["frobnicate"], "'frobnicate'"), ([], "--help"),
                             (["tail", "--nope"], "--nope"), (["import", *self.data], "FILE"),
                             (["school", "create", *self.data], "--name"),
                             (["tail", *self.data, "--from", "soon"], "--from"),
                             (["import", *self.data, "--language", "fr", "x.xml"], "--language")):
            with self.subTest(words):
                said = run(*words)
                self.assertEqual(said.returncode, USAGE)
                self.assertIn(named, said.stderr)
                self.assertEqual(said.stdout, "")

    def test_exit_codes(self):
        self.assertEqual(run("verify", *self.data).returncode, CANNOT_OPEN)
        self.assertEqual(self.make_school().returncode, DONE)
        self.assertEqual(run("verify", *self.data).returncode, DONE)
        broken = self.place / "roster.xml"
        broken.write_text("<EDEX>")
        self.assertEqual(run("import", *self.data, str(broken)).returncode, REFUSED)

    def test_json_is_json_for_every_command_that_answers(self):
        self.assertIn("invitation", json.loads(self.make_school().stdout))
        for command in ("tail", "export", "replay", "verify", "doctor", "version"):
            with self.subTest(command):
                said = run(command, *self.data, "--json")
                self.assertEqual(said.returncode, DONE, said.stderr)
                self.assertTrue(said.stdout)
                for line in said.stdout.splitlines():
                    json.loads(line)
        json.loads(run("outbox", "show", *self.data, "--json").stdout)

    def test_no_key_or_passphrase_is_ever_on_a_command_line(self):
        """Everybody on the machine can read those."""
        for command in COMMANDS:
            options = re.findall(r"--[a-z-]+", run(*command.split(), "--help").stdout)
            secret = [one for one in options if re.search("key|pass|secret", one)]
            self.assertLessEqual(set(secret), {"--passphrase-file"}, command)

    def test_a_key_from_the_environment_is_gone_from_there_when_the_server_runs(self):
        self.assertEqual(self.make_school().returncode, DONE)
        file = self.place / "school.master.key"
        key = file.read_text().strip()
        self.assertEqual(len(key), 64)
        file.unlink()
        environment = os.environ | {"KLASBOEK_MASTER_KEY_FILE": "env:SCHOOL_KEY", "SCHOOL_KEY": key}
        with subprocess.Popen([str(PROGRAM), "serve", *self.data, "--listen", "127.0.0.1:0"],
                              env=environment, stdout=subprocess.PIPE, text=True) as server:
            try:
                self.assertIn("listens", server.stdout.readline())
                process = pathlib.Path("/proc") / str(server.pid)
                for name in ("environ", "cmdline"):
                    self.assertNotIn(key.encode(), (process / name).read_bytes(), name)
            finally:
                server.send_signal(signal.SIGTERM)
        self.assertEqual(server.returncode, DONE)

    def test_configuration_is_printed_and_nothing_done(self):
        said = run("serve", *self.data, "--print-config")
        self.assertEqual(said.returncode, DONE)
        self.assertIn(f'data_dir = "{self.place / "school"}"', said.stdout)
        self.assertEqual(list(self.place.iterdir()), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
