#!/usr/bin/env python3
"""Schemathesis reads /openapi.json and asks the real server what it makes up from it, as a director,
a teacher and a mother: nothing may fail, no answer may be another than is described, what isn't
described must be refused, and what is described taken.

Usage: openapi_schemathesis_slow_test.py PROGRAM
  KLASBOEK_OPENAPI_TOOLS      what tools/openapi-tools prints
  KLASBOEK_SCHEMATHESIS_S     for how many seconds in all (75; 300 in CI)
  KLASBOEK_SCHEMATHESIS_SEED  to repeat a run; drawn and printed otherwise
"""

import os
import pathlib
import random
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from support.served_school import ServedSchool, openapi_tools  # noqa: E402

PEOPLE = ("director", "teacher", "mother")
# Ids that are there, so that requests get further than 404; what is made up beside them is negative.
NAMED = ("school", "group", "child", "account", "guardian", "post", "purpose", "absence", "leave")
CONFIG = """
headers = {{ Authorization = "Bearer {token}" }}
warnings = false

[checks.positive_data_acceptance]
# What the domain refuses (409, 422) is well-formed all the same; a body that is refused for its form
# is looked at by our own check, body_is_taken. A field may be as long as the whole head, which then
# has no room for the others (431).
expected-statuses = ["2xx", 304, 400, 401, 403, 404, 409, 412, 413, 422, 429, 431, 503]

[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 411, 413, 414, 415, 417, 422, 431, 501]

[phases.coverage]
# TRACE is no method that the server knows, so it is answered 501 and not 405 (RFC 9110, 9.1). And a
# GET with a body, as it is made up here, is refused as malformed before its path is looked at.
unexpected-methods = ["DELETE", "OPTIONS", "PATCH", "POST", "PUT"]

[parameters]
{parameters}

# Whoever ends a session may end his own, and would only hear 401 from then on: somebody else does.
[[operations]]
include-operation-id = ["log_out", "end_session", "change_password"]
headers = {{ Authorization = "Bearer {other_token}" }}
"""


def run(program, tools, who, seconds, seed):
    with ServedSchool(program) as school, tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        school.happen()
        other = school.tokens["teacher" if who == "mother" else "mother"]
        named = "\n".join(f'"path.{one}" = "{school.ids[one]}"' for one in NAMED)
        (place / "schemathesis.toml").write_text(CONFIG.format(
            token=school.tokens[who], other_token=other, parameters=named))
        said = subprocess.run(
            [tools / "python/bin/schemathesis", "--config-file", place / "schemathesis.toml", "--no-color", "run",
             school.url + "/openapi.json", "--max-time", str(seconds), "--seed", str(seed),
             "--continue-on-failure"],
            env=os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks",
                              "PYTHONPATH": str(HERE / "support")},
            cwd=place, capture_output=True, text=True, check=False)
        print(said.stdout[-60000:], said.stderr[-5000:], sep="\n")
        # Whoever asks was let in to the end.
        school.ask(who, "GET", "/v1/me")
        return said.returncode == 0


def main():
    program, tools = sys.argv[1], openapi_tools()
    seconds = int(os.environ.get("KLASBOEK_SCHEMATHESIS_S", "75"))
    seed = int(os.environ.get("KLASBOEK_SCHEMATHESIS_SEED", random.randrange(1 << 31)))
    print(f"KLASBOEK_SCHEMATHESIS_SEED={seed}", flush=True)
    good = [run(program, tools, who, seconds // len(PEOPLE), seed) for who in PEOPLE]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
