#!/usr/bin/env python3
"""The demo as a newcomer sees it: cut off in the middle, run again to its end, tried out by the
requests that it prints, ended, and served again.

Between all of it nothing that anybody wrote, nor who anybody is, can be read from its files.

Takes the paths of the program and of klasboek_search. The demo's own weeks run under faketime, so it
isn't for programs with sanitizers.
"""

import csv
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request
import xml.etree.ElementTree

SCHOOL = pathlib.Path(__file__).resolve().parent.parent / "tools/demo_school"
LIVE = SCHOOL / "live.py"
PROGRAM = pathlib.Path(sys.argv[1]).resolve()
SEARCH = pathlib.Path(sys.argv[2]).resolve()
DIRECTOR = {"name": "Hanneke van Oeverloos", "email": "directie@verzonnenvaart.example"}
MIDDLE = "Three weeks at school: 9 of"
LAST_LINE = "Ctrl-C ends it"
ENDED = "\0ended"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Run:
    """One run of the demo. Its progress goes to a terminal, as when a person looks on."""

    def __init__(self, data, port, environment):
        self.terminal, inner = pty.openpty()
        self.child = subprocess.Popen(
            [sys.executable, str(LIVE), "--program", str(PROGRAM), "--data", str(data), "--port",
             str(port)], stdout=subprocess.PIPE, stderr=inner, text=True, start_new_session=True,
            env=environment)
        os.close(inner)
        self.progress = ""
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.read_terminal)
        self.reader.start()

    def read_terminal(self):
        """To its end, so that who writes is never held up."""
        while True:
            try:
                piece = os.read(self.terminal, 4096)
            except OSError:  # Nobody holds the other side any more.
                piece = b""
            with self.changed:
                self.progress += piece.decode(errors="replace") if piece else ENDED
                self.changed.notify_all()
            if not piece:
                return

    def progress_until(self, words):
        """Waits until the terminal showed these words."""
        with self.changed:
            self.changed.wait_for(lambda: words in self.progress or ENDED in self.progress)
            if words not in self.progress:
                raise AssertionError(f"the demo ended without '{words}':\n{self.progress}")

    def lines_until(self, words):
        """The lines that were printed up to the one with these words."""
        lines = []
        for line in self.child.stdout:
            lines.append(line.rstrip("\n"))
            if words in line:
                return lines
        raise AssertionError(f"the demo ended without '{words}':\n{self.progress}")

    def cut_off(self):
        """Ends it and its server at once, as a power cut does."""
        os.killpg(self.child.pid, signal.SIGKILL)
        self.close()

    def end(self):
        self.child.send_signal(signal.SIGTERM)
        self.close()
        return self.child.returncode

    def close(self):
        self.child.wait()
        self.child.stdout.close()
        self.reader.join()
        os.close(self.terminal)


class DemoTest(unittest.TestCase):

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        self.data = self.place / "demo"
        self.log = self.place / "server.log"
        self.temporary = self.place / "temporary"
        self.temporary.mkdir()
        self.port = free_port()

    def environment(self):
        """With temporary files in a place of their own, and everything logged that can be."""
        return os.environ | {"TMPDIR": str(self.temporary), "KLASBOEK_LOG_LEVEL": "trace"}

    def program(self, *words):
        done = subprocess.run([str(PROGRAM), *words, "--data", str(self.data)],
                              stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout

    def request(self, path, body=None, token=None):
        headers = {"Content-Type": "application/json", "Idempotency-Key": os.urandom(8).hex()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers,
                                         data=json.dumps(body).encode() if body else None)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def log_in(self, email, password):
        return self.request("/v1/sessions", {"email": email, "password": password})["token"]

    def try_out(self, shown):
        """Does what the demo says can be done."""
        text = "\n".join(shown)
        password = re.search(r"password of all: (\S+)\)", text)[1]
        log_ins = re.findall(r"^  (\S+@\S+) +(.+)$", text, re.MULTILINE)
        self.assertEqual([role for _, role in log_ins],
                         ["director", "teacher of Groep 5", "guardian",
                          "guardian of the same children"])
        for email, _ in log_ins:
            self.assertTrue(self.log_in(email, password))
        requests = re.findall(r"^  ((?:TOKEN=|curl ).*)$", text, re.MULTILINE)
        self.assertEqual(len(requests), 5)
        script = "set -euo pipefail\n" + requests[0] + "\n"
        answers = []
        for one in requests[1:]:
            done = subprocess.run(["bash", "-c", script + one.replace("curl -s", "curl -sf")],
                                  stdout=subprocess.PIPE, text=True, check=True)
            answers.append(json.loads(done.stdout))
        feed, consents, leaves, openapi = answers
        self.assertGreater(len(feed["items"]), 3)
        self.assertGreater(len(consents["items"]), 0)
        self.assertGreater(len(leaves["items"]), 0)
        self.assertTrue(openapi["openapi"].startswith("3."))
        return text

    def texts(self):
        """Every name, address, number and text of the demo that is somebody's; not what the school
        says to everybody: its own name, its calendar and its notices."""
        found = {DIRECTOR["name"], DIRECTOR["email"], *DIRECTOR["name"].split()}
        for element in xml.etree.ElementTree.parse(SCHOOL / "roster.xml").iter():
            tag = element.tag.split("}")[-1]
            if tag in ("roepnaam", "achternaam", "voornamen", "emailadres", "geboortedatum"):
                found.add(element.text or "")
        with open(SCHOOL / "guardians.csv", newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter=";"):
                found |= {value for name, value in row.items()
                          if name in ("voornaam", "achternaam", "email") or "telefoon" in name}
        for step in json.loads((SCHOOL / "weeks.json").read_text(encoding="utf-8"))["steps"]:
            for name in ("title", "text", "motivation", "reasons", "note"):
                words = step.get(name, "")
                found |= {words, *re.split(r"(?<=[.?!]) ", words)}
        # A free day's name is the calendar's, and a post may have it for its title.
        found -= set(re.findall(r'"name": "([^"]+)", "kind"', LIVE.read_text(encoding="utf-8")))
        # Short names are searched for as they stand in a sealed text; alone they'd be found by
        # chance.
        found |= {f'"{text}"' for text in found if 0 < len(text.encode()) < 6}
        return sorted(text for text in found if len(text.encode()) >= 6)

    def search(self, texts, *roots):
        """What the search program finds of these texts."""
        list_of_texts = self.place / "texts"
        list_of_texts.write_text("\n".join(texts) + "\n")
        done = subprocess.run([str(SEARCH), str(list_of_texts), *map(str, roots)],
                              stdout=subprocess.PIPE, text=True, check=False)
        self.assertIn(done.returncode, (0, 1))
        return done.stdout

    def check_nothing_is_readable(self):
        """Data directory with log, views, vault and outbox, temporary files, the server's own log,
        and a backup of it all."""
        texts = self.texts()
        self.assertGreater(len(texts), 300)
        self.log.write_text(self.running.progress)
        backup = self.place / "backup"
        shutil.copytree(self.data, backup, dirs_exist_ok=True)
        roots = (self.data, self.temporary, self.log, backup)
        self.assertEqual(self.search(texts, *roots), "")
        # It does look there: what was planted is found, and the school's name is no secret.
        planted = self.data / "shard-0" / "planted"
        planted.write_text(texts[len(texts) // 2].encode("utf-16-le").decode("latin-1"),
                           encoding="latin-1")
        self.assertIn("(utf-16)", self.search(texts, *roots))
        planted.unlink()
        self.assertIn("(utf-8)", self.search(["De Verzonnen Vaart"], *roots))
        shutil.rmtree(backup)

    def erase_a_post(self, shown):
        """As the director does, and waits until its key is destroyed."""
        password = re.search(r"password of all: (\S+)\)", "\n".join(shown))[1]
        token = self.log_in(DIRECTOR["email"], password)
        school = self.request("/v1/me", token=token)["schools"][0]["school"]
        post = self.request(f"/v1/schools/{school}/feed", token=token)["items"][0]
        erased = self.request(f"/v1/schools/{school}/erasures",
                              {"subject": post["id"], "ground": "request"}, token)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            proof = self.request(f"/v1/schools/{school}/erasures/{erased['id']}", token=token)
            if proof["state"] == "destroyed":
                break
        self.assertEqual(proof["state"], "destroyed")
        again = self.request(f"/v1/schools/{school}/posts/{post['id']}", token=token)
        self.assertEqual(again["title"], "[erased]")

    def test_demo(self):
        first = Run(self.data, self.port, self.environment())
        first.progress_until(MIDDLE)
        first.cut_off()

        self.running = second = Run(self.data, self.port, self.environment())
        shown = second.lines_until(LAST_LINE)
        first_text = self.try_out(shown)
        self.check_nothing_is_readable()
        self.erase_a_post(shown)
        self.check_nothing_is_readable()
        self.assertEqual(second.end(), 0)
        self.check_nothing_is_readable()
        events = len(self.program("tail").splitlines())
        self.assertGreater(events, 300)
        self.assertIn("all as they were", self.program("verify"))

        third = Run(self.data, self.port, self.environment())
        shown = third.lines_until(LAST_LINE)
        self.assertEqual(first_text.split("Log-ins")[1], "\n".join(shown).split("Log-ins")[1])
        self.assertEqual(third.end(), 0)
        # Nothing happened twice.
        self.assertEqual(len(self.program("tail").splitlines()), events)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
