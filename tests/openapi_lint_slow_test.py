#!/usr/bin/env python3
"""Spectral has nothing to say of /openapi.json, by the rules of tools/openapi/spectral.yaml.

Usage: openapi_lint_slow_test.py PROGRAM
  KLASBOEK_OPENAPI_TOOLS   what tools/openapi-tools prints
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from support.served_school import ServedSchool, openapi_tools  # noqa: E402

RULES = HERE.parent / "tools" / "openapi" / "spectral.yaml"


def spectral(tools, place, document):
    # Rules are found beside the file that names them.
    said = subprocess.run(
        [tools / "node_modules/.bin/spectral", "lint", "--fail-severity", "hint", "--ruleset",
         place / "spectral.yaml", document],
        capture_output=True, text=True, check=False)
    return said.returncode, said.stdout + said.stderr


def main():
    program, tools = sys.argv[1], openapi_tools()
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        (place / "node_modules").symlink_to(tools / "node_modules")
        (place / "spectral.yaml").write_text(RULES.read_text())
        with ServedSchool(program, {"KLASBOEK_PUBLIC_URL": "https://school.example.org"}) as school:
            with urllib.request.urlopen(school.url + "/openapi.json", timeout=30) as answer:
                described = answer.read().decode()
        document = place / "openapi.json"
        document.write_text(described)
        code, words = spectral(tools, place, document)
        if code != 0:
            sys.exit(words[-20000:])
        # A linter that finds nothing in anything would find nothing here.
        broken = re.sub(r'"maxLength":\d+,', "", described, count=1)
        document.write_text(broken)
        if broken == described or spectral(tools, place, document)[0] == 0:
            sys.exit("a text without a limit was passed over")
    print("Spectral has nothing to say")


if __name__ == "__main__":
    main()
