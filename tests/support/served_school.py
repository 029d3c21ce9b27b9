"""The real program serving a small school on a free port of 127.0.0.1, made by requests alone: a
director, a teacher and a mother who have logged in, a class, a child, a consent purpose and a school
year that lasts a while yet. Ids stand in `ids` by the names that paths have for them.
"""

import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import uuid

PASSWORD = "fietsen in de regen"


def openapi_tools():
    """Where the programs of others are."""
    named = os.environ.get("KLASBOEK_OPENAPI_TOOLS")
    if not named:
        sys.exit("set KLASBOEK_OPENAPI_TOOLS to what tools/openapi-tools prints")
    return pathlib.Path(named)


class ServedSchool:
    """A context: what is in it is gone afterwards."""

    def __init__(self, program, environment=None):
        self.environment = os.environ | (environment or {})
        self.program = str(pathlib.Path(program).resolve())
        self.ids, self.tokens, self.emails = {}, {}, {}
        self.first_day = self.weekday_after(datetime.date.today(), 7)

    @staticmethod
    def weekday_after(day, days):
        day += datetime.timedelta(days=days)
        return day + datetime.timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)

    def __enter__(self):
        self.place = tempfile.TemporaryDirectory(prefix="klasboek-served-")
        self.words = (pathlib.Path(self.place.name) / "words").open("w+", encoding="utf-8")
        self.server = None
        try:
            made = json.loads(self.run("school", "create", "--json", "--name", "De Vlieger", "--director",
                                       "Dirkje Directeur", "--email", "directie@school.example"))
            self.ids["school"] = made["school"]
            self.serve()
            self.emails["director"] = "directie@school.example"
            self.tokens["director"] = self.accept(made["invitation"])
            self.fill()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.server is not None:
            self.server.terminate()
            self.server.wait(30)
            self.server.stdout.close()
        self.words.close()
        self.place.cleanup()

    def run(self, *words):
        data = str(pathlib.Path(self.place.name) / "school")
        said = subprocess.run([self.program, *words, "--data", data], capture_output=True, text=True,
                              check=False)
        if said.returncode != 0:
            raise AssertionError(f"klasboek {' '.join(words)}: {said.stderr}")
        return said.stdout

    def serve(self):
        data = str(pathlib.Path(self.place.name) / "school")
        # Not by --listen, with which the address would be the public one.
        self.server = subprocess.Popen(
            [self.program, "serve", "--data", data], text=True, stdout=subprocess.PIPE,
            stderr=self.words, env=self.environment | {"KLASBOEK_LISTEN": "127.0.0.1:0"})
        for line in self.server.stdout:
            listens = re.search(r"klasboek listens on (\S+)", line)
            if listens:
                self.url = f"http://{listens[1]}"
                return
        self.words.seek(0)
        raise AssertionError(f"the server ended before it listened: {self.words.read()}")

    def ask(self, who, method, path, body=None):
        """The answer's body; an answer that isn't 2xx is an error. The path is below the school's, or
        the whole one where it begins with /v1."""
        whole = path if path.startswith("/v1") else f"/v1/schools/{self.ids['school']}{path}"
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        if who:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.url + whole, method=method, headers=headers,
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
        except urllib.error.HTTPError as fault:
            with fault:
                raise AssertionError(f"{method} {path}: {fault.code} {fault.read().decode()}") from None
        return json.loads(text) if text else None

    def accept(self, code):
        return self.ask("", "POST", f"/v1/invitations/{code}", {"password": PASSWORD})["token"]

    def admit(self, name):
        account = self.ask("director", "POST", "/accounts", {
            "name": {"given": name.capitalize(), "family": "Voorbeeld"},
            "email": f"{name}@school.example"})["id"]
        self.ids[name] = account
        self.emails[name] = f"{name}@school.example"
        return account

    def let_in(self, name):
        code = self.ask("director", "POST", "/invitations", {"account": self.ids[name]})["code"]
        self.tokens[name] = self.accept(code)

    def fill(self):
        # All seven, so that a post appears at once on whatever day this runs.
        days = [{"weekday": day, "starts_minute": 510, "ends_minute": 870} for day in range(1, 8)]
        self.ask("director", "PUT", "/school-days", {"days": days})
        year = {"first_day": str(self.first_day - datetime.timedelta(days=100)),
                "last_day": str(self.first_day + datetime.timedelta(days=200)), "periods": []}
        self.ask("director", "PUT", "/school-years", year)
        self.ask("director", "PUT", "/posting-window", {"opens_minute": 0, "closes_minute": 1440})
        self.ids["group"] = self.ask("director", "POST", "/groups",
                                     {"name": "Groep 3", "kind": "class_group"})["id"]
        teacher = self.admit("teacher")
        self.ask("director", "POST", f"/accounts/{teacher}/roles", {"role": "teacher"})
        self.ask("director", "POST", f"/groups/{self.ids['group']}/assignments", {"account": teacher})
        born = datetime.date(self.first_day.year - 7, 3, 14)
        self.ids["child"] = self.ask("director", "POST", "/children", {
            "name": {"given": "Sam", "family": "Voorbeeld"}, "birth_day": str(born),
            "group": self.ids["group"]})["id"]
        self.ids["account"] = self.ids["guardian"] = self.admit("mother")
        self.ask("director", "POST", f"/children/{self.ids['child']}/guardians", {
            "account": self.ids["mother"], "relation": "mother", "authority": "with"})
        self.ids["purpose"] = self.ask("director", "POST", "/consent-purposes", {
            "code": "photos",
            "texts": [{"language": "nl", "title": "Foto's", "text": "Op de website."}]})["id"]
        for name in ("teacher", "mother"):
            self.let_in(name)

    def happen(self):
        """A post, an absence and a leave, whose ids are kept."""
        self.ids["post"] = self.ask("teacher", "POST", "/posts", {
            "groups": [self.ids["group"]], "title": "Schoolreis", "text": "Naar het bos."})["id"]
        absence = {"children": [self.ids["child"]], "reason": "ill", "first_day": str(self.first_day)}
        self.ids["absence"] = self.ask("mother", "POST", "/absences", absence)["items"][0]["id"]
        leave = {"children": [self.ids["child"]], "ground": "other_circumstances",
                 "first_day": str(self.first_day + datetime.timedelta(days=21)),
                 "last_day": str(self.first_day + datetime.timedelta(days=21)),
                 "motivation": "Een bruiloft."}
        self.ids["leave"] = self.ask("mother", "POST", "/leaves", leave)["items"][0]["id"]
