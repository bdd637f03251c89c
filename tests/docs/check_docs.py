#!/usr/bin/env python3
"""Checks the documents: relative links and their anchors, tables, names of scripts and examples, and what users copy from code
blocks: TOML as configuration of the gateway, YAML, JSON, shell, and topics of printers. Prints each problem with file and
line; exit code 1 if there is any.

Usage: tests/docs/check_docs.py PROGRAM [TOP]          PROGRAM: the gateway; TOP: the folder with README.md, docs, ...
       tests/docs/check_docs.py --self-test PROGRAM    damages samples one by one and expects each damage to be found

Shell blocks must be valid for bash, with subcommands and options that `bambu2mqtt` has. Those are run that need neither a
network nor root nor an installation: the subcommands below. tests/integration/examples_test.cpp runs what needs a broker and
a printer.
"""

import functools
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib

import yaml

HERE = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/*.md", "examples/**/*.md", "addon/*.md")
OFFLINE = {"check", "decode", "discovery", "encode", "entities"}
PRINTER = 'serial = "01P00C000000000"\naccess_code = "12345678"\n'
# What is no entity, below a printer.
PRINTER_TOPICS = {"availability", "event", "response", "command", "raw"}
# Recordings that the documents name.
RECORDINGS = ("report.jsonl", "recording.jsonl")


class Block:
    """A code block: its language, the line of its first line, and its text."""

    def __init__(self, language, line):
        self.language, self.line, self.lines = language, line, []

    @property
    def text(self):
        return "".join(f"{line}\n" for line in self.lines)


class Page:
    def __init__(self, path):
        self.path = path
        self.blocks, self.prose, self.anchors = [], [], set()
        block, fence = None, ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            mark = re.match(r" {0,3}(`{3,})\s*([\w-]*)", line)
            if block is not None:
                if mark and len(mark[1]) >= len(fence) and not mark[2]:
                    self.blocks.append(block)
                    block = None
                else:
                    block.lines.append(line)
            elif mark:
                block, fence = Block(mark[2], number + 1), mark[1]
            else:
                self.prose.append((number, line))
                heading = re.match(r" {0,3}#{1,6} +(.*)", line)
                if heading:
                    self.add_anchor(heading[1])
        self.open_block = block

    def add_anchor(self, heading):
        """As GitHub makes it; repetitions are numbered."""
        text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        name = anchor = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        count = 0
        while anchor in self.anchors:
            count += 1
            anchor = f"{name}-{count}"
        self.anchors.add(anchor)


def without_code(line):
    """The line with its code spans blanked."""
    return re.sub(r"(`+)(.+?)\1", lambda span: " " * len(span[0]), line)


def words_of(command):
    """The words of a command; None where a quotation mark is still open."""
    try:
        return shlex.split(command, comments=True)
    except ValueError:
        return None


@functools.cache
def output_of(program, *arguments):
    """What the gateway prints by itself, without a configuration."""
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=120, check=True).stdout


class Checker:
    def __init__(self, top, program):
        self.top, self.program = top, program.resolve()
        self.problems, self.counts = [], {}
        self.documents, self.help = {}, {}
        for pattern in DOCUMENTS:
            for path in sorted(top.glob(pattern)):
                self.documents[path.resolve()] = Page(path.resolve())
        self.entities = {json.loads(line)["id"] for line in output_of(self.program, "entities").splitlines()}
        self.commands = {path.stem for path in (HERE / "docs/schemas/command").glob("*.json")}

    def problem(self, document, line, text):
        self.problems.append((str(document.path.relative_to(self.top.resolve())), line, text))

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def check(self):
        for document in self.documents.values():
            if document.open_block is not None:
                self.problem(document, document.open_block.line - 1, "this code block is not closed")
            self.check_tables(document)
            for number, line in document.prose:
                self.check_links(document, number, without_code(line))
                self.check_names(document, number, line)
            for block in document.blocks:
                for number, line in enumerate(block.lines, block.line):
                    self.check_names(document, number, line)
                    self.check_topics(document, number, line)
                kind = {"bash": "sh", "yml": "yaml"}.get(block.language, block.language)
                check = getattr(self, f"check_{kind}", None) if kind in ("toml", "yaml", "json", "sh") else None
                if check:
                    self.count(kind)
                    check(document, block)
        return sorted(self.problems)

    # --- prose ---

    def check_links(self, document, number, line):
        for target in re.findall(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)", line):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            self.count("links")
            name, _, anchor = target.partition("#")
            path = (document.path.parent / name).resolve() if name else document.path
            if name.startswith("/") or not path.exists() or self.top.resolve() not in [path, *path.parents]:
                self.problem(document, number, f"the link {target} leads nowhere")
            elif anchor and (path not in self.documents or anchor not in self.documents[path].anchors):
                self.problem(document, number, f"the link {target}: there is no such heading")

    def check_names(self, document, number, line):
        """Files of the repository that are named by their path from its top."""
        for name in re.findall(r"(?<![\w./-])(?:scripts|examples|config)/[\w./-]*\w", line):
            # A file of this folder can be meant as well, as in examples/README.md.
            if not any((folder / name).exists() for folder in (self.top, HERE, document.path.parent)):
                self.problem(document, number, f"there is no {name}")

    def check_tables(self, document):
        """A table has a head, and rows with as many cells; without a head its rows are shown as text."""
        columns, previous = None, -1
        for number, line in document.prose:
            if not line.startswith("|"):
                continue
            cells = len(re.findall(r"(?<!\\)\|", without_code(line).rstrip())) - 1
            if number != previous + 1:
                columns = cells
                following = dict(document.prose).get(number + 1, "")
                if not re.fullmatch(r"\|(\s*:?-+:?\s*\|)+\s*", following):
                    self.problem(document, number, "this table has no head")
            elif cells != columns:
                self.problem(document, number, f"this row has {cells} cells, the table has {columns}")
            previous = number

    # --- code blocks ---

    def check_topics(self, document, number, line):
        """Topics of the printer `garage`: an entity, or one of the others in docs/topics.md."""
        for topic in re.findall(r"(?<![\w/])bambu2mqtt/garage/([\w/]+)", line):
            self.count("topics")
            first, *rest = topic.split("/")
            name = re.sub(r"^ams(_lite|_ht)?_\d+", "{ams}", first)
            name = re.sub(r"^external_spool(_left|_right)?(?=_|$)", "{external_spool}", name)
            name = re.sub(r"(?<=_tray_)\d+", "{n}", re.sub(r"^hotend_\d+", "hotend_{n}", name))
            known = first in PRINTER_TOPICS or (name in self.entities and rest in ([], ["set"], ["attributes"], ["availability"]))
            if not known:
                self.problem(document, number, f"there is no topic bambu2mqtt/garage/{topic}")
            elif first == "command" and rest and rest[0] not in self.commands:
                self.problem(document, number, f"there is no command {rest[0]}")

    def check_toml(self, document, block):
        try:
            content = tomllib.loads(block.text)
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"at line (\d+)", str(error))
            self.problem(document, block.line + (int(place[1]) - 1 if place else 0), f"TOML: {error}")
            return
        text, added = block.text, 0
        printers = content.get("printer", [])
        if not printers:
            text += "[[printer]]\n" + PRINTER
        elif not any("serial" in printer for printer in printers):  # a part of one
            text = text.replace("[[printer]]\n", "[[printer]]\n" + PRINTER, 1)
        with tempfile.TemporaryDirectory() as folder:
            if "state_directory" not in content:
                text, added = f"state_directory = {json.dumps(folder)}\n{text}", 1
            file = pathlib.Path(folder) / "sample.toml"
            file.write_text(text, encoding="utf-8")
            file.chmod(0o600)
            command = [self.program, "--config", "sample.toml", "check"]
            result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        if result.returncode != 0:
            message = (result.stderr + result.stdout).strip()
            place = re.search(r"sample\.toml:(\d+)", message)
            line = min(int(place[1]) - added, len(block.lines)) if place else 1
            self.problem(document, block.line + line - 1, f"no configuration: {message}")

    def check_json(self, document, block):
        """One value, or one a line."""
        try:
            json.loads(block.text)
            return
        except json.JSONDecodeError as error:
            whole = error
        if len(block.lines) > 1 and all(line.startswith("{") for line in block.lines):
            for number, line in enumerate(block.lines, block.line):
                try:
                    json.loads(line)
                except json.JSONDecodeError as error:
                    self.problem(document, number, f"JSON: {error.msg}")
        else:
            self.problem(document, min(block.line + whole.lineno - 1, block.line + len(block.lines) - 1), f"JSON: {whole.msg}")

    def check_yaml(self, document, block):
        try:
            contents = list(yaml.safe_load_all(block.text))
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.problem(document, block.line + min(mark.line, len(block.lines) - 1), f"YAML: {error.problem}")
            return
        for content in contents:
            if isinstance(content, dict) and "services" in content:
                self.check_compose(document, block, content)

    def check_compose(self, document, block, content):
        def wrong(word, text):
            found = [i for i, line in enumerate(block.lines) if re.match(rf"\s*-?\s*[\"']?{re.escape(word)}", line)]
            self.problem(document, block.line + (found[0] if found else 0), f"Compose: {text}")

        services = content["services"]
        if not isinstance(services, dict) or not services:
            wrong("services", "services has no service")
            return
        for name, service in services.items():
            if not isinstance(service, dict) or not ("image" in service or "build" in service):
                wrong(name, f"{name} has neither image nor build")
                continue
            for other in service.get("depends_on", []):
                if other not in services:
                    wrong("depends_on", f"{name} depends on {other}, which is no service")
            for volume in service.get("volumes", []):
                source = str(volume).split(":", maxsplit=1)[0]
                if re.fullmatch(r"[A-Za-z][\w-]*", source) and source not in (content.get("volumes") or {}):
                    wrong(str(volume), f"the volume {source} of {name} is not among the volumes")

    def check_sh(self, document, block):
        result = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            place = re.search(r"line (\d+):", result.stderr)
            line = min(int(place[1]), len(block.lines)) if place else 1
            self.problem(document, block.line + line - 1, f"bash: {result.stderr.strip()}")
            return
        number = 0
        while number < len(block.lines):
            first, command = number, block.lines[number]
            while command.endswith("\\") and number + 1 < len(block.lines):
                number += 1
                command = command[:-1] + block.lines[number]
            number += 1
            while (words := words_of(command)) is None:  # a text in quotation marks continues; bash has found its end
                command = command + "\n" + block.lines[number]
                number += 1
            if "bambu2mqtt" not in words or not set(words[: words.index("bambu2mqtt")]) <= {"sudo", "-u"}:
                continue
            words = words[words.index("bambu2mqtt") + 1 :]
            self.check_options(document, block.line + first, words)
            if command.startswith("bambu2mqtt ") and words and words[0] in OFFLINE:
                self.count("commands run")
                self.run_command(document, block.line + first, command)

    def check_options(self, document, line, words):
        """The subcommand and its long options exist."""
        if words[:1] == ["--config"]:
            words = words[2:]
        if not words or not re.fullmatch(r"[a-z]+", words[0]):
            return
        if not self.help:
            commands = output_of(self.program, "--help").partition("Subcommands:")[2]
            self.help = dict.fromkeys(re.findall(r"^ +([a-z]+)  ", commands, re.MULTILINE), "")
        if words[0] not in self.help:
            self.problem(document, line, f"bambu2mqtt has no command {words[0]}")
            return
        self.help[words[0]] = self.help[words[0]] or output_of(self.program, words[0], "--help")
        for word in words[1:]:
            if word in ("|", "&", "&&", ">", ";"):
                break
            if word.startswith("--") and word.partition("=")[0] not in re.findall(r"--[a-z0-9-]+", self.help[words[0]]):
                self.problem(document, line, f"bambu2mqtt {words[0]} has no option {word}")

    def run_command(self, document, line, command):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "bin").mkdir()
            (folder / "bin/bambu2mqtt").symlink_to(self.program)
            config = folder / "bambu2mqtt.toml"
            config.write_text(f"state_directory = {json.dumps(name)}\n[[printer]]\n{PRINTER}", encoding="utf-8")
            config.chmod(0o600)
            report = (HERE / "tests/fixtures/reports/p1s/full.jsonl").read_text(encoding="utf-8")
            for recording in RECORDINGS:
                (folder / recording).write_text(report, encoding="utf-8")
            environment = {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")}
            environment |= {"PATH": f"{folder}/bin:/usr/bin:/bin", "HOME": name, "BAMBU2MQTT_CONFIG": str(config)}
            shell = ["bash", "-euo", "pipefail", "-c", command]
            result = subprocess.run(shell, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)
        if result.returncode != 0:
            self.problem(document, line, f"exit code {result.returncode}: {(result.stderr or result.stdout).strip()}")


# --- self-test ---

SOUND = """# Page

## The same

## The same

[here](#the-same-1), [there](other.md#a-code-b), [a file](../README.md), `[no](link.md)`

| a | b |
|---|---|
| 1 | `x|y` |

Run `scripts/test.sh`.

```toml
[broker]
url = "mqtt://192.168.1.10:1883"
```

```toml
[[printer]]
name = "Workshop"
```

```json
{"a": [1, 2]}
```

```yaml
services:
  broker:
    image: eclipse-mosquitto:2
    volumes:
      - data:/data
volumes:
  data:
```

```sh
bambu2mqtt encode --model P1S \\
    pause_printing
sudo bambu2mqtt --config my.toml doctor --json # never run
mosquitto_pub -t bambu2mqtt/garage/command/pause_printing -n
mosquitto_sub -t bambu2mqtt/garage/ams_1_tray_2/attributes
```
"""

# What is replaced in SOUND, by what, and what is then found in the replaced line.
DAMAGES = (
    ("#the-same-1", "#the-same-2", "no such heading"),
    ("other.md#a-code-b", "other.md#a-code", "no such heading"),
    ("other.md#a-code-b", "others.md", "leads nowhere"),
    ("../README.md", "../../README.md", "leads nowhere"),
    ("| a | b |\n|---|---|\n", "", "no head"),
    ("| 1 |", "|", "1 cells"),
    ("scripts/test.sh", "scripts/tests.sh", "there is no scripts/tests.sh"),
    ("url = ", "ulr = ", "broker.ulr"),
    ('"mqtt://192.168.1.10:1883"', '"192.168.1.10"', "broker.url"),
    ('url = "', "url = ", "TOML"),
    ("name = ", "nmae = ", "nmae"),
    ('{"a": [1, 2]}', '{"a": [1, 2}', "JSON"),
    ('{"a": [1, 2]}', '{"a": 1}\n{"a": 1}\n{"a": }', "JSON"),
    ("    image: eclipse", "   image: eclipse", "YAML"),
    ("    image: eclipse-mosquitto:2\n", "    restart: always\n", "neither image nor build"),
    ("      - data:", "      - date:", "the volume date"),
    ("bambu2mqtt encode", "bambu2mqtt encode '", "bash"),
    ("--model P1S", "--modle P1S", "no option --modle"),
    ("--model P1S", "--model P1Z", "exit code 2"),
    ("doctor", "docter", "no command docter"),
    ("--json", "--jsno", "no option --jsno"),
    ("command/pause_printing", "command/pause_print", "no command pause_print"),
    ("ams_1_tray_2/attributes", "ams_1_try_2/attributes", "no topic"),
    ("/attributes\n```\n", "/attributes\n", "not closed"),
)


def problems_of(page, program):
    with tempfile.TemporaryDirectory() as folder:
        top = pathlib.Path(folder)
        (top / "docs").mkdir()
        (top / "README.md").write_text("# Top\n", encoding="utf-8")
        (top / "docs/other.md").write_text("# A `code` [b](page.md)\n", encoding="utf-8")
        (top / "docs/page.md").write_text(page, encoding="utf-8")
        return Checker(top, program).check()


def self_test(program):
    failures = [f"the sound page: {problem}" for problem in problems_of(SOUND, program)]
    for before, after, expected in DAMAGES:
        assert SOUND.count(before) >= 1, before
        page = SOUND.replace(before, after, 1)
        at = SOUND.index(before)
        # The line of the damage: the last one of a replacement of several lines, else the first.
        line = SOUND[:at].count("\n") + 1 + (after.count("\n") if expected == "JSON" else 0)
        if expected == "not closed":
            line = page[: page.rindex("```sh")].count("\n") + 1
        elif expected == "neither image nor build":
            line -= 1
        elif expected == "YAML":
            line += 1  # seen at the next key
        found = problems_of(page, program)
        if not any(file == "docs/page.md" and number == line and expected in text for file, number, text in found):
            failures.append(f"{before!r} -> {after!r}: expected {expected!r} in line {line}, found {found}")
    for failure in failures:
        print(f"self-test: {failure}")
    print(f"self-test: {len(DAMAGES)} damages, {len(failures)} failures")
    return 1 if failures else 0


def main():
    arguments = sys.argv[1:]
    if arguments[:1] == ["--self-test"] and len(arguments) == 2:
        return self_test(pathlib.Path(arguments[1]))
    if len(arguments) not in (1, 2) or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    checker = Checker(pathlib.Path(arguments[1]) if len(arguments) == 2 else HERE, pathlib.Path(arguments[0]))
    problems = checker.check()
    for file, line, text in problems:
        print(f"{file}:{line}: {text}")
    print(f"{len(checker.documents)} documents, " + ", ".join(f"{count} {what}" for what, count in sorted(checker.counts.items())))
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
