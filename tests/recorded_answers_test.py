#!/usr/bin/python3
"""Every answer that a test got is one that /openapi.json describes, and what was accepted or refused
as a body is what it says. Called by ctest with the files that the programs named there have left.

Usage: recorded_answers_test.py DIRECTORY PROGRAM…
"""

import json
import pathlib
import re
import sys
import urllib.parse

import jsonschema

KINDS_OF_SHAPE = {
    "missing", "unknown_member", "wrong_type", "too_short", "too_long", "out_of_range", "too_few",
    "too_many", "unknown_value", "control_character", "not_a_day", "not_an_instant"}
FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date", raises=ValueError)
def is_day(text):
    import datetime
    return not isinstance(text, str) or bool(datetime.date.fromisoformat(text))


@FORMATS.checks("date-time")
def is_instant(text):
    pattern = r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"
    return not isinstance(text, str) or re.fullmatch(pattern, text) is not None


def closed(schema):
    """The same schema in which an object has no member that isn't named."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: value if key in ("example", "examples", "enum") else closed(value)
            for key, value in schema.items()}
    if made.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made


class Document:
    def __init__(self, document):
        self.document = document
        self.strict = closed({"components": {"schemas": document["components"]["schemas"]}})
        self.operations = []
        for path, operations in document["paths"].items():
            # A fixed word goes before a parameter, from the left, as the router has it.
            rank = [part.startswith("{") for part in path.split("/")]
            pattern = re.compile(re.sub(r"\\\{[^}]*\\\}", "([^/]+)", re.escape(path)))
            for method, operation in operations.items():
                self.operations.append((rank, pattern, method.upper(), operation, path))
        self.operations.sort(key=lambda each: each[0])
        self.validators = {}

    def operation(self, method, path):
        for _, pattern, its_method, operation, template in self.operations:
            found = pattern.fullmatch(path)
            if found and its_method == ("GET" if method == "HEAD" else method):
                return operation, dict(zip(re.findall(r"\{(.*?)\}", template), found.groups()))
        return None, {}

    def resolved(self, value):
        while "$ref" in value:
            found = self.document
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            value = found
        return value

    def faults(self, value, schema, strict):
        key = (json.dumps(schema, sort_keys=True), strict)
        if key not in self.validators:
            whole = dict(closed(schema) if strict else schema)
            whole["components"] = (self.strict if strict else self.document)["components"]
            self.validators[key] = jsonschema.Draft202012Validator(whole, format_checker=FORMATS)
        return [f"{'/'.join(map(str, fault.absolute_path)) or 'the whole'}: {fault.message[:300]}"
                for fault in self.validators[key].iter_errors(value)]


def parsed(text, schema):
    """A parameter, which is always text, as its schema has it."""
    return int(text) if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", text) else text


class Check:
    def __init__(self, document):
        self.document = document
        self.done = set()

    def line(self, asked, answered):
        """What is wrong with one request and its answer."""
        operation, in_path = self.document.operation(asked["method"], asked["path"])
        if operation is None:
            if answered["status"] in (404, 405, 204, 400, 414):
                return []
            return ["there is no such operation, and it is answered all the same"]
        name = operation["operationId"]
        if answered["status"] < 300:
            self.done.add(name)
        faults = self.answer(operation, asked, answered)
        faults += self.request(operation, asked, answered, in_path)
        return [f"{name} answers {answered['status']}: {fault}" for fault in faults]

    def answer(self, operation, asked, answered):
        described = operation["responses"].get(str(answered["status"]))
        if described is None:
            return [f"a status that isn't described: {answered['body'][:300]}"]
        faults = []
        headers = answered["headers"]
        for header in ("Location", "Retry-After", "ETag"):
            named = header in described.get("headers", {})
            if header in headers and not named:
                faults.append(f"the header {header} isn't described")
        if answered["status"] == 201 and "Location" not in headers:
            faults.append("made, but there is no Location")
        if answered["status"] in (429, 503) and "Retry-After" not in headers:
            faults.append("there is no Retry-After")
        if asked["method"] == "HEAD":
            return faults
        content = described.get("content")
        if content is None:
            return faults + (["a body, where none is described"] if answered["body"] else [])
        form = content.get(answered["content_type"])
        if form is None:
            return faults + [f"the type {answered['content_type']!r} isn't described"]
        if "json" not in answered["content_type"]:
            return faults
        body = json.loads(answered["body"])
        faults += self.document.faults(body, form["schema"], strict="paths" not in body)
        if answered["status"] >= 400 and body["code"] not in form["examples"]:
            faults.append(f"the code {body['code']} isn't among those of this operation")
        return faults

    def request(self, operation, asked, answered, in_path):
        shape = operation.get("requestBody")
        faults = []
        if answered["status"] < 300:
            faults += self.parameters(operation, asked, in_path)
        if shape is None or asked["method"] in ("GET", "HEAD"):
            return faults
        schema = shape["content"]["application/json"]["schema"]
        if answered["status"] < 300:
            wrong = self.document.faults(json.loads(asked["body"]), schema, strict=False)
            faults += [f"the body is taken and isn't what is described: {fault}" for fault in wrong]
        if answered["status"] == 422:
            errors = json.loads(answered["body"]).get("errors", [])
            by_shape = errors and {error["code"] for error in errors} <= KINDS_OF_SHAPE
            if by_shape and not self.document.faults(json.loads(asked["body"]), schema, False):
                faults.append(f"the body is what is described and is refused: {errors}")
        return faults

    def parameters(self, operation, asked, in_path):
        faults = []
        known = {}
        for parameter in map(self.document.resolved, operation["parameters"]):
            known[parameter["name"]] = parameter
        for name, text in asked["query"].items():
            if name not in known:
                faults.append(f"the parameter {name} is taken and isn't described")
        for name, parameter in known.items():
            given = {"path": in_path, "query": asked["query"], "header": asked["headers"]}
            text = given[parameter["in"]].get(name)
            if text is None:
                if parameter["required"]:
                    faults.append(f"the parameter {name} is said to be needed, and isn't")
                continue
            value = parsed(urllib.parse.unquote(text), parameter["schema"])
            for fault in self.document.faults(value, parameter["schema"], strict=False):
                faults.append(f"the parameter {name} is taken and isn't what is described: {fault}")
        return faults


def main():
    directory, programs = pathlib.Path(sys.argv[1]), sys.argv[2:]
    check, faults, lines = None, {}, 0
    for program in programs:
        with open(directory / f"{program}.ndjson", encoding="utf-8") as file:
            first = json.loads(next(file))["openapi"]
            if check is None:
                check = Check(Document(first))
            elif first != check.document.document:
                sys.exit(f"{program} has another /openapi.json than {programs[0]}: build all of it")
            for text in file:
                line = json.loads(text)
                lines += 1
                for fault in check.line(line["request"], line["answer"]):
                    faults.setdefault(fault, (program, line))
    for fault, (program, line) in sorted(faults.items()):
        print(f"{fault}\n    in {program}: {line['request']['method']} {line['request']['path']}")
    never = {operation["operationId"] for *_, operation, _ in check.document.operations} - check.done
    for name in sorted(never):
        print(f"{name}: no test has seen it done")
    print(f"{lines} answers of {len(programs)} programs; "
          f"{len(check.done)} of {len(check.document.operations)} operations were seen done")
    sys.exit(1 if faults or never or lines == 0 else 0)


if __name__ == "__main__":
    main()
