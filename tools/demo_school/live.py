#!/usr/bin/env python3
"""Makes the demo school, lets its weeks pass and serves it until Ctrl-C.

Nothing here is possible for the demo alone: the roster comes in by `klasboek import`, and all that
people do are requests to the server. The past happens in the past because the server runs under
faketime; on Kafka, which stamps records itself, everything happens today.

Every request has an Idempotency-Key that follows from its place in the story, so that what was cut
off goes on where it stopped when it is run again.
"""

import argparse
import csv
import datetime
import json
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import zoneinfo

HERE = pathlib.Path(__file__).resolve().parent
ROSTER = HERE / "roster.xml"
GUARDIANS = HERE / "guardians.csv"
DIRECTOR = {"name": "Hanneke van Oeverloos", "email": "directie@verzonnenvaart.example"}
TEACHERS = {
    "Groep 1/2": {"name": "Tjitske Veerbootsma", "email": "t.veerbootsma@verzonnenvaart.example"},
    "Groep 5": {"name": "Rayan Bouchariti", "email": "r.bouchariti@verzonnenvaart.example"},
    "Groep 8": {"name": "Ferit Demirbahçe", "email": "adjunct@verzonnenvaart.example"},
}
SHOWN = ["samira.kersenlaan", "karim.kersenlaan"]
SCHOOL_ZONE = zoneinfo.ZoneInfo("Europe/Amsterdam")
READY_WAIT_S = 60


class DemoFault(Exception):
    """What went wrong, in words for the person at the keyboard."""


def weekday_from(day, steps):
    """The weekday so many after `day` (before it where negative), counted from `day` itself or, at a
    weekend, from the Monday after it."""
    while day.weekday() > 4:
        day += datetime.timedelta(days=1)
    direction = datetime.timedelta(days=1 if steps > 0 else -1)
    for _ in range(abs(steps)):
        day += direction
        while day.weekday() > 4:
            day += direction
    return day


class Server:
    """The program, serving, with the clock at some day or at now."""

    def __init__(self, options):
        self.options = options
        self.url = f"http://127.0.0.1:{options.port}"
        self.running = None
        self.day = None

    def place(self):
        words = ["--data", str(self.options.data)]
        if self.options.kafka:
            words += ["--kafka", self.options.kafka]
        return words

    def clock(self, day):
        """The environment of a program whose clock begins at that day's morning, or shows now."""
        if day is None or self.options.kafka:
            return None
        # The library itself, since the command of that name would stand between us and the program.
        libraries = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        if not libraries:
            raise DemoFault("libfaketime isn't installed; tools/install --demo does that")
        return os.environ | {"LD_PRELOAD": str(libraries[0]), "DONT_FAKE_MONOTONIC": "1",
                             "FAKETIME": f"@{day.isoformat()} 08:05:00"}

    def command(self, day, *words):
        """Runs one command of the program to its end and gives what it printed."""
        done = subprocess.run([str(self.options.program), *words, *self.place()],
                              env=self.clock(day), stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise DemoFault(f"klasboek {words[0]} failed with {done.returncode}; its words are above")
        return done.stdout

    def start(self, day=None):
        """Serves as on that day; what served another day is ended first."""
        if self.running and self.day == day:
            return
        self.stop()
        self.running = subprocess.Popen(
            [str(self.options.program), "serve", *self.place(), "--listen",
             f"127.0.0.1:{self.options.port}"], env=self.clock(day), stdout=subprocess.DEVNULL)
        self.day = day
        until = time.monotonic() + READY_WAIT_S
        while time.monotonic() < until:
            if self.running.poll() is not None:
                self.running = None
                raise DemoFault(f"klasboek serve ended; is port {self.options.port} in use? "
                                "--port N takes another")
            try:
                with urllib.request.urlopen(self.url + "/readyz", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise DemoFault("klasboek serve didn't get ready")

    def stop(self):
        """Ends what serves, in order."""
        if self.running:
            self.running.send_signal(signal.SIGTERM)
            self.running.wait()
            self.running = None


class Register:
    """Requests to the server, by people who logged in."""

    def __init__(self, server, school, password):
        self.server = server
        self.school = school
        self.password = password
        self.tokens = {}

    def send(self, method, path, body=None, who=None, key=None):
        """The answer's body; DemoFault where the answer isn't 2xx."""
        headers = {"Content-Type": "application/json"}
        if who:
            headers["Authorization"] = "Bearer " + self.tokens[who]
        if method != "GET":
            headers["Idempotency-Key"] = key
        request = urllib.request.Request(
            self.server.url + path, method=method, headers=headers,
            data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            words = refused.read().decode(errors="replace")
            raise DemoFault(f"{method} {path}: {refused.code} {words}") from None

    def at_school(self, method, path, body=None, who="director", key=None):
        return self.send(method, f"/v1/schools/{self.school}{path}", body, who, key)

    def all_of(self, path, who="director"):
        """The items of a list, page after page."""
        items, cursor = [], None
        while True:
            mark = "&" if "?" in path else "?"
            query = "" if cursor is None else f"{mark}cursor={urllib.parse.quote(cursor)}"
            page = self.at_school("GET", path + query, who=who)
            items += page["items"]
            cursor = page["next"]
            if cursor is None:
                return items

    def come_in(self, who, code):
        answer = self.send("POST", f"/v1/invitations/{code}", {"password": self.password},
                           key="demo-accept-" + code[-26:])
        self.tokens[who] = answer["token"]

    def log_in(self, who, email):
        answer = self.send("POST", "/v1/sessions", {"email": email, "password": self.password},
                           key=f"demo-log-in-{secrets.token_hex(8)}")
        self.tokens[who] = answer["token"]


class Demo:
    """The school from its founding to today."""

    def __init__(self, options):
        self.options = options
        self.server = Server(options)
        self.state_file = pathlib.Path(str(options.data) + ".demo.json")
        self.state = {}
        self.register = None
        self.children_of = {}
        self.leaves = {}
        self.groups = {}

    # What the next run must know, beside the data directory and readable by its owner alone.

    def remember(self, **facts):
        self.state.update(facts)
        fresh = self.state_file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(self.state, file, indent=1)
        fresh.replace(self.state_file)

    def recall(self):
        if self.state_file.exists():
            self.state = json.loads(self.state_file.read_text())
            if self.state.get("kafka") != self.options.kafka:
                raise DemoFault(f"{self.options.data} was made with another log; give the same "
                                "--kafka as then, or another --data")
            return
        if self.options.data.exists() and any(self.options.data.iterdir()):
            raise DemoFault(f"{self.options.data} holds something that isn't this demo; "
                            "give another --data, or remove it")
        today = datetime.datetime.now(SCHOOL_ZONE).date()
        self.remember(today=today.isoformat(), kafka=self.options.kafka,
                      password="demo-" + secrets.token_hex(5))

    def day(self, steps):
        """So many school days from the day that the demo was begun on."""
        return weekday_from(datetime.date.fromisoformat(self.state["today"]), steps)

    def clock_of(self, steps):
        """The day that the server's clock stands at; the last days before today are now."""
        return self.day(steps) if steps < 0 else None

    # The story.

    def found(self):
        first = self.clock_of(-15)
        if "school" not in self.state:
            say("Making the school and importing its roster")
            made = json.loads(self.server.command(
                first, "school", "create", "--json", "--name", "De Verzonnen Vaart", "--director",
                DIRECTOR["name"], "--email", DIRECTOR["email"]))
            self.remember(school=made["school"], code=made["invitation"])
        if "imported" not in self.state:
            plan = self.server.command(first, "import", str(ROSTER), str(GUARDIANS))
            # The plan names everybody, one a line; what it is about will do here.
            print("\n".join(line for line in plan.splitlines() if not line.startswith("  + ")))
            self.remember(imported=True)

    def furnish(self):
        """Calendar, purposes, and the people who come in."""
        self.server.start(self.clock_of(-15))
        self.register = Register(self.server, self.state["school"], self.state["password"])
        self.register.come_in("director", self.state["code"])
        ask = self.register.at_school
        week = [{"weekday": day, "starts_minute": 510, "ends_minute": 735 if day == 3 else 870}
                for day in range(1, 6)]
        ask("PUT", "/school-days", {"days": week}, key="demo-days")
        ask("PUT", "/school-years", {
            "first_day": (self.day(0) - datetime.timedelta(days=90)).isoformat(),
            "last_day": (self.day(0) + datetime.timedelta(days=240)).isoformat(),
            "periods": [
                {"name": "Studiedag", "kind": "study_day", "first_day": self.day(10).isoformat(),
                 "last_day": self.day(10).isoformat()},
                {"name": "Vakantie", "kind": "holiday", "first_day": self.day(35).isoformat(),
                 "last_day": self.day(44).isoformat()}]}, key="demo-year")
        ask("PUT", "/posting-window", {"opens_minute": 0, "closes_minute": 1440}, key="demo-window")
        purposes = {}
        for purpose in STORY["purposes"]:
            texts = [{"language": language, "title": purpose[language][0],
                      "text": purpose[language][1]} for language in ("nl", "en")]
            purposes[purpose["code"]] = ask(
                "POST", "/consent-purposes", {"code": purpose["code"], "texts": texts},
                key=f"demo-purpose-{purpose['code']}")["id"]
        self.groups = {group["name"]: group["id"] for group in self.register.all_of("/groups")}
        self.invite_people()
        return purposes

    def invite_people(self):
        accounts = {one["name"]: one["id"] for one in self.register.all_of("/accounts")}
        for number, (who, (name, _)) in enumerate(people().items()):
            if who == "director":
                continue
            if name not in accounts:
                raise DemoFault(f"{name} of the roster has no account; was the import complete?")
            invited = self.register.at_school("POST", "/invitations", {"account": accounts[name]},
                                              key=f"demo-invite-{number}")
            self.register.come_in(who, invited["code"])

    def first_child(self, guardian):
        """The child that a guardian's steps are about."""
        if guardian not in self.children_of:
            me = self.register.send("GET", "/v1/me", who=guardian)
            self.children_of[guardian] = me["schools"][0]["children"][0]["id"]
        return self.children_of[guardian]

    def live(self, purposes):
        for number, step in enumerate(STORY["steps"]):
            self.server.start(self.clock_of(step["day"]))
            try:
                STEPS[step["do"]](self, step, f"demo-step-{number}", purposes)
            except DemoFault as fault:
                raise DemoFault(f"step {number + 1} of weeks.json: {fault}") from None
            say(f"Three weeks at school: {number + 1} of {len(STORY['steps'])}", same_line=True)
        say("", same_line=False)

    def post(self, step, key, _):
        groups = step["groups"]
        chosen = list(self.groups.values()) if groups == "all" else [self.groups[g] for g in groups]
        body = {"groups": chosen, "title": step["title"], "text": step["text"]}
        if step.get("must_confirm"):
            body["must_confirm"] = True
        self.register.at_school("POST", "/posts", body, step["who"], key)

    def consent(self, step, key, purposes):
        child = self.first_child(step["who"])
        self.register.at_school(
            "PUT", f"/children/{child}/consents/{purposes[step['purpose']]}",
            {"answer": step["answer"], "notice_version": 1, "language": "nl"}, step["who"], key)

    def absence(self, step, key, _):
        # What happens today can't have been reported for a day that has passed.
        first = max(step["day"], 0) if self.options.kafka else step["day"]
        body = {"children": [self.first_child(step["who"])], "reason": step["reason"],
                "first_day": self.day(first).isoformat(),
                "last_day": self.day(first + step["days"] - 1).isoformat()}
        for part in ("from_minute", "until_minute"):
            if part in step:
                body[part] = step[part]
        self.register.at_school("POST", "/absences", body, step["who"], key)

    def leave(self, step, key, _):
        asked = self.register.at_school("POST", "/leaves", {
            "children": [self.first_child(step["who"])], "ground": step["ground"],
            "first_day": self.day(step["from"]).isoformat(),
            "last_day": self.day(step["from"] + step["days"] - 1).isoformat(),
            "motivation": step["motivation"]}, step["who"], key)
        self.leaves[step["name"]] = asked["items"][0]["id"]

    def decide(self, step, key, _):
        body = {"verdict": step["verdict"]}
        if "reasons" in step:
            body["reasons"] = step["reasons"]
        self.register.at_school("POST", f"/leaves/{self.leaves[step['name']]}/decision", body,
                                "director", key)

    # What is shown at the end.

    def show(self):
        url, school, password = self.server.url, self.state["school"], self.state["password"]
        known = people()
        if "child" not in self.state:
            self.remember(child=self.first_child(SHOWN[0]))
        child = self.state["child"]
        print(f"\nklasboek serves the school De Verzonnen Vaart on {url}\n\nLog-ins (password of all: {password})")
        for who, role in (("director", "director"), ("Groep 5", "teacher of Groep 5"),
                          (SHOWN[0], "guardian"), (SHOWN[1], "guardian of the same children")):
            print(f"  {known[who][1]:40} {role}")
        log_in = (f"curl -s {url}/v1/sessions -H 'Idempotency-Key: '$RANDOM "
                  f"-H 'Content-Type: application/json' -d "
                  f"'{{\"email\":\"{known[SHOWN[0]][1]}\",\"password\":\"{password}\"}}'")
        bearer = '-H "Authorization: Bearer $TOKEN"'
        print(f"""
Five requests to try, in another terminal
  TOKEN=$({log_in} | sed -E 's/.*"token":"([^"]+)".*/\\1/')
  curl -s {url}/v1/schools/{school}/feed {bearer}
  curl -s {url}/v1/schools/{school}/children/{child}/consents {bearer}
  curl -s {url}/v1/schools/{school}/children/{child}/leaves {bearer}
  curl -s {url}/openapi.json

Ctrl-C ends it; tools/demo serves it again.""", flush=True)

    def run(self):
        self.recall()
        if "lived" not in self.state:
            self.found()
            self.live(self.furnish())
            self.server.start()
            self.show()
            self.remember(lived=True)
        else:
            self.server.start()
            self.show()
        self.server.running.wait()


STEPS = {"post": Demo.post, "consent": Demo.consent, "absence": Demo.absence, "leave": Demo.leave,
         "decide": Demo.decide}
STORY = json.loads((HERE / "weeks.json").read_text())


def people():
    """Name and address of everybody who comes in, by how the story calls them."""
    known = {"director": (DIRECTOR["name"], DIRECTOR["email"])}
    known.update({group: (one["name"], one["email"]) for group, one in TEACHERS.items()})
    named = {step["who"] for step in STORY["steps"]}
    with open(GUARDIANS, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=";"):
            who = row["email"].split("@")[0]
            if who in named:
                words = (row["voornaam"], row["voorvoegsel"], row["achternaam"])
                known[who] = (" ".join(word for word in words if word), row["email"])
    return known


def say(text, same_line=False):
    """To a terminal only a line that is written over; else whole lines."""
    if same_line and not sys.stderr.isatty():
        return
    print("\r\033[K" + text if same_line else text, end="" if same_line else "\n", file=sys.stderr,
          flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--kafka")
    demo = Demo(parser.parse_args())
    demo.options.data.parent.mkdir(parents=True, exist_ok=True)
    # A supervisor's SIGTERM ends the server too, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        demo.run()
    except DemoFault as fault:
        print(f"demo: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    finally:
        demo.server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
