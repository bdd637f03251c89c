#!/usr/bin/env python3
"""Checks the Home Assistant add-on: its configuration by the published rules, its options against the keys of the gateway,
its translations and its versions. Prints every problem; exit code 1 if there is any.

Usage: tests/addon/check_addon.py [FOLDER]     (default: addon)
"""

import json
import pathlib
import re
import sys

import jsonschema
import yaml

TOP = pathlib.Path(__file__).resolve().parents[2]
# What the Supervisor calls one and the same type, by the type of the key in the JSON Schema of the configuration.
TYPES = {
    "string": {"str", "password", "match", "list"},
    "integer": {"int", "port"},
    "number": {"float", "int"},
    "boolean": {"bool"},
}


def check_option(name, kind, key, problems):
    """An option has the type of the gateway's key, and only values that the key may have."""
    word = re.match(r"[a-z]+", kind).group()
    types = key.get("type", "string")  # one, or a list of them
    if not any(word in TYPES.get(each, ()) for each in ([types] if isinstance(types, str) else types)):
        problems.append(f"{name}: is {kind}, the key is {types}")
    if word == "list":
        values = kind[len("list(") : kind.rindex(")")].split("|")
        allowed = key.get("enum") or re.findall(r"[A-Za-z0-9_]+", key["description"])  # models: only described
        if not set(values) <= set(allowed):
            problems.append(f"{name}: has the values {values}, the key has {allowed}")


def check_options(schema, keys, problems):
    for section, options in schema.items():
        key = keys.get(section)
        if key is None:
            problems.append(f"{section}: is no section of the configuration")
            continue
        nested = options[0] if isinstance(options, list) else options
        properties = (key["items"] if isinstance(options, list) else key)["properties"]
        for name, kind in nested.items():
            if name not in properties:
                problems.append(f"{section}.{name}: is no key of the configuration")
            else:
                check_option(f"{section}.{name}", kind, properties[name], problems)


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else TOP / "addon"
    config = yaml.safe_load((folder / "config.yaml").read_text())
    rules = json.loads((TOP / "tests/addon/schema.json").read_text())
    problems = [
        f"config.yaml: {'.'.join(map(str, error.path))}: {error.message}"
        for error in jsonschema.Draft202012Validator(rules).iter_errors(config)
    ]
    keys = json.loads((TOP / "docs/schemas/config.json").read_text())["properties"]
    check_options(config["schema"], keys, problems)

    # The Supervisor requires a value of every nested object.
    for section in config["schema"]:
        if section not in config["options"]:
            problems.append(f"options: {section} is missing")
    for section in config["options"]:
        if section not in config["schema"]:
            problems.append(f"options: {section} is not in the schema")

    for language in ("en", "de"):
        texts = yaml.safe_load((folder / f"translations/{language}.yaml").read_text())["configuration"]
        for section in config["schema"]:
            if not all(texts.get(section, {}).get(part) for part in ("name", "description")):
                problems.append(f"translations/{language}.yaml: {section} has no name or description")
        for section in texts:
            if section not in config["schema"]:
                problems.append(f"translations/{language}.yaml: {section} is no option")

    version = re.search(r"project\(bambu2mqtt VERSION (\S+)", (TOP / "CMakeLists.txt").read_text()).group(1)
    if config["version"] != version:
        problems.append(f"config.yaml: has version {config['version']}, the program {version}")
    if f"\n## {version}\n" not in (folder / "CHANGELOG.md").read_text():
        problems.append(f"CHANGELOG.md: has no section {version}")
    for file in ("DOCS.md", "Dockerfile", "icon.png", "run.sh"):
        if not (folder / file).exists():
            problems.append(f"{file}: is missing")
    if not isinstance(yaml.safe_load((TOP / "repository.yaml").read_text()).get("name"), str):
        problems.append("repository.yaml: has no name")

    print("\n".join(problems) or "add-on: ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
