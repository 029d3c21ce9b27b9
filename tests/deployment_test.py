#!/usr/bin/env python3
"""Dockerfile, compose.yaml and tools/deploy against the program and against each other: what is
otherwise seen first on the day of an installation. Takes the program's path."""

import pathlib
import re
import subprocess
import sys
import tomllib
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = pathlib.Path(sys.argv[1]).resolve()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SETTINGS = tomllib.loads((ROOT / "tools/deploy/klasboek.toml").read_text())
# Of every Debian, without being asked for.
BASE = {"libc6", "libgcc-s1", "libstdc++6"}


def output_of(*words):
    return subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout


def runtime_packages():
    """The packages that the Dockerfile's second stage installs."""
    stage = (ROOT / "Dockerfile").read_text().split("FROM debian:12-slim")[1]
    command = re.search(r"apt-get install ((?:.*\\\n)*)", stage)[1]
    return {word for word in command.replace("\\\n", " ").split()
            if not word.startswith("-") and word not in ("&&", "rm", "/var/lib/apt/lists/*")}


def libraries_named_by(program):
    """Where its rooms are libraries of its own beside it, what they name instead of them."""
    names = set()
    waiting, seen = [program], set()
    while waiting:
        binary = waiting.pop()
        seen.add(binary)
        for name in re.findall(r"\(NEEDED\).*\[(.+)\]", output_of("readelf", "-d", str(binary))):
            room = program.parent / name
            if not room.exists():
                names.add(name)
            elif room not in seen:
                waiting.append(room)
    return names


def packages_needed():
    """The libraries that the program needs, each with the packages that have a file of that name."""
    names = libraries_named_by(PROGRAM)
    needed = {name: set() for name in names}
    for line in output_of("dpkg", "-S", *(f"*/{name}" for name in names)).splitlines():
        package, path = line.split(": ")
        needed[pathlib.Path(path).name].add(package.split(":")[0])
    return needed


def with_all_they_depend_on(packages):
    depends = dict(line.split("\t") for line in output_of(
        "dpkg-query", "-W", "-f", "${Package}\t${Depends}\n").splitlines())
    there, waiting = set(), set(packages)
    while waiting:
        package = waiting.pop()
        there.add(package)
        words = re.findall(r"[a-z0-9][a-z0-9.+-]+", re.sub(r"\(.*?\)", "", depends[package]))
        waiting |= {word for word in words if word in depends} - there
    return there


class DeploymentTest(unittest.TestCase):

    def test_image_has_every_library(self):
        there = with_all_they_depend_on(runtime_packages() | BASE)
        missing = {name: packages for name, packages in packages_needed().items()
                   if not packages & there}
        self.assertEqual(missing, {}, "the Dockerfile's second stage doesn't install these")

    def test_image_has_no_library_too_many(self):
        idle = {package for package in runtime_packages() if package.startswith("lib")}
        self.assertEqual(idle - set().union(*packages_needed().values()), set())

    def test_program_takes_the_settings(self):
        printed = tomllib.loads(output_of(str(PROGRAM), "serve", "--config",
                                          str(ROOT / "tools/deploy/klasboek.toml"),
                                          "--print-config"))
        self.assertEqual(printed["log"]["brokers"], "kafka:9092")
        self.assertEqual(printed["public_url"], SETTINGS["public_url"])

    def test_files_that_are_mounted_are_there(self):
        mounted = [volume.split(":")[0] for service in COMPOSE["services"].values()
                   for volume in service.get("volumes", []) if volume.startswith("./")]
        self.assertGreater(len(mounted), 3)
        # Secrets are each installation's own; compose.yaml says how they are made.
        absent = [path for path in mounted
                  if not path.startswith("./secrets/") and not (ROOT / path).is_file()]
        self.assertEqual(absent, [])

    def test_master_key_is_where_the_settings_look(self):
        self.assertEqual(COMPOSE["services"]["klasboek"]["secrets"], ["master_key"])
        self.assertEqual(SETTINGS["master_key_file"], "/run/secrets/master_key")

    def test_only_the_proxy_is_believed(self):
        door = COMPOSE["services"]["proxy"]["networks"]["door"]["ipv4_address"]
        self.assertEqual(SETTINGS["trusted_proxies"], [door])
        self.assertNotIn("ports", COMPOSE["services"]["klasboek"])
        self.assertNotIn("ports", COMPOSE["services"]["kafka"])

    def test_kafka_is_the_version_that_the_tests_run_on(self):
        tested = re.search(r"<artifactId>kafka_2\.13</artifactId>\s*<version>([0-9.]+)</version>",
                           (ROOT / "tools/kafka/pom.xml").read_text())[1]
        self.assertEqual(COMPOSE["services"]["kafka"]["image"], f"apache/kafka:{tested}")

    def test_klasboek_reaches_the_broker_by_the_name_it_announces(self):
        properties = (ROOT / "tools/deploy/kafka.properties").read_text()
        announced = re.search(r"^advertised\.listeners=PLAINTEXT://(.+)$", properties,
                              re.MULTILINE)[1]
        self.assertEqual(SETTINGS["log"]["brokers"], announced)
        self.assertEqual(COMPOSE["services"]["kafka"]["hostname"], announced.split(":")[0])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
