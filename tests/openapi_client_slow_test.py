#!/usr/bin/env python3
"""A client that somebody else's generator made of /openapi.json logs in and does the four things
that the program is for: a post, a consent, an absence, and a leave with its decision.

Usage: openapi_client_slow_test.py PROGRAM
  KLASBOEK_OPENAPI_TOOLS   what tools/openapi-tools prints
"""

import pathlib
import subprocess
import sys
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from support.served_school import PASSWORD, ServedSchool, openapi_tools  # noqa: E402

# Runs under the generator's own Python, in the directory of what it generated.
STORY = '''
import datetime, sys, uuid
from klasboek_client import AuthenticatedClient, Client
from klasboek_client.api.sessions import log_in, who_am_i
from klasboek_client.api.posts import publish_post, see_feed
from klasboek_client.api.consents import answer_consent, see_consents, see_purposes
from klasboek_client.api.absences import report_absence, see_child_absences
from klasboek_client.api.leaves import decide_leave, request_leave, see_leave
from klasboek_client import models as m

url, password, school, group, child, first_day = sys.argv[1:7]
first_day = datetime.date.fromisoformat(first_day)

def key():
    return {"idempotency_key": str(uuid.uuid4())}

def session(email):
    made = log_in.sync(client=Client(base_url=url), body=m.Credentials(email=email, password=password))
    assert isinstance(made, m.Session), made
    return AuthenticatedClient(base_url=url, token=made.token)

def good(answer, kind):
    assert isinstance(answer, kind), answer
    return answer

director, teacher, mother = (session(name + "@school.example") for name in ("directie", "teacher", "mother"))
me = good(who_am_i.sync(client=mother), m.Myself)
assert [one.id for one in me.schools[0].children] == [child]

good(publish_post.sync(school, client=teacher, body=m.NewPost(groups=[group], title="Schoolreis",
     text="Naar het bos."), **key()), m.PostPublished)
feed = see_feed.sync(school, client=mother)
assert [post.title for post in feed.items] == ["Schoolreis"], feed

purpose = see_purposes.sync(school, client=mother).items[0]
good(answer_consent.sync(school, child, purpose.id, client=mother, body=m.ConsentAnswer(
     answer=m.ConsentAnswerAnswer.GIVEN, notice_version=purpose.notice_version, language="nl"), **key()),
     m.ConsentAnswered)
consents = see_consents.sync(school, child, client=mother)
assert consents.items[0].status.value == "given", consents

good(report_absence.sync(school, client=mother, body=m.AbsenceReport(children=[child],
     reason=m.AbsenceReportReason.ILL, first_day=first_day, note="Koorts."), **key()), m.AbsencesReported)
absences = see_child_absences.sync(school, child, client=teacher)
assert [one.first_day for one in absences.items] == [first_day], absences

asked = good(request_leave.sync(school, client=mother, body=m.LeaveRequest(children=[child],
     ground=m.LeaveRequestGround.OTHER_CIRCUMSTANCES, first_day=first_day + datetime.timedelta(21),
     last_day=first_day + datetime.timedelta(21), motivation="Een bruiloft."), **key()), m.LeavesRequested)
leave = asked.items[0].id
good(decide_leave.sync(school, leave, client=director, body=m.LeaveDecision(
     verdict=m.LeaveDecisionVerdict.GRANT, reasons="Gewichtige omstandigheid."), **key()), m.LeaveDecided)
seen = good(see_leave.sync(school, leave, client=mother), m.Leave)
assert seen.status.value == "granted" and seen.decision.reasons == "Gewichtige omstandigheid.", seen

refused = decide_leave.sync(school, leave, client=director, body=m.LeaveDecision(
    verdict=m.LeaveDecisionVerdict.REFUSE, reasons="Toch niet."), **key())
assert isinstance(refused, m.Problem) and refused.code == "leave_not_pending", refused
print("logged in, posted, consented, reported and decided by a generated client")
'''


def main():
    program, tools = sys.argv[1], openapi_tools()
    python = tools / "python" / "bin"
    with ServedSchool(program) as school, tempfile.TemporaryDirectory() as place:
        document = pathlib.Path(place) / "openapi.json"
        with urllib.request.urlopen(school.url + "/openapi.json", timeout=30) as answer:
            document.write_bytes(answer.read())
        config = pathlib.Path(place) / "config.yaml"
        config.write_text("project_name_override: klasboek-client\n"
                          "package_name_override: klasboek_client\npost_hooks: []\n")
        made = subprocess.run(
            [python / "openapi-python-client", "generate", "--path", document, "--config", config,
             "--meta", "none", "--output-path", pathlib.Path(place) / "klasboek_client",
             "--fail-on-warning"],
            capture_output=True, text=True, check=False)
        if made.returncode != 0:
            sys.exit(f"the generator doesn't like the description:\n{made.stdout}{made.stderr}")
        told = subprocess.run(
            [python / "python", "-c", STORY, school.url, PASSWORD, school.ids["school"],
             school.ids["group"], school.ids["child"], str(school.first_day)],
            cwd=place, check=False)
        sys.exit(told.returncode)


if __name__ == "__main__":
    main()
