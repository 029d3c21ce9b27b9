#!/usr/bin/env python3
"""The demo as a newcomer sees it: cut off in the middle, run again to its end, tried out by the
requests that it prints, ended, and served again.

Takes the program's path. The demo's own weeks run under faketime, so it isn't for programs with
sanitizers.
"""

import json
import os
import pathlib
import pty
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request

LIVE = pathlib.Path(__file__).resolve().parent.parent / "tools/demo_school/live.py"
PROGRAM = pathlib.Path(sys.argv[1]).resolve()
MIDDLE = "Three weeks at school: 9 of"
LAST_LINE = "Ctrl-C ends it"
ENDED = "\0ended"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Run:
    """One run of the demo. Its progress goes to a terminal, as when a person looks on."""

    def __init__(self, data, port):
        self.terminal, inner = pty.openpty()
        self.child = subprocess.Popen(
            [sys.executable, str(LIVE), "--program", str(PROGRAM), "--data", str(data), "--port",
             str(port)], stdout=subprocess.PIPE, stderr=inner, text=True, start_new_session=True)
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
        self.data = pathlib.Path(place.name) / "demo"
        self.port = free_port()

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

    def test_demo(self):
        first = Run(self.data, self.port)
        first.progress_until(MIDDLE)
        first.cut_off()

        second = Run(self.data, self.port)
        shown = second.lines_until(LAST_LINE)
        first_text = self.try_out(shown)
        self.assertEqual(second.end(), 0)
        events = len(self.program("tail").splitlines())
        self.assertGreater(events, 300)
        self.assertIn("all as they were", self.program("verify"))

        third = Run(self.data, self.port)
        shown = third.lines_until(LAST_LINE)
        self.assertEqual(first_text.split("Log-ins")[1], "\n".join(shown).split("Log-ins")[1])
        self.assertEqual(third.end(), 0)
        # Nothing happened twice.
        self.assertEqual(len(self.program("tail").splitlines()), events)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
