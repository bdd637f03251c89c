#!/usr/bin/env python3
"""Checks examples/home-assistant and the YAML of docs/home-assistant.md: by Home Assistant's rules (home_assistant_rules.json),
against the entities, events, attributes, commands and values of the gateway's documents, and by running each automation with
given states (home_assistant_cases.yaml, home_assistant_logic.py). Then it spoils the examples in many ways, and each spoilt one
must be refused. Prints every problem; exit code 1 if there is any.

Usage: tests/examples/check_home_assistant.py
"""

import functools
import json
import pathlib
import re
import sys

import jinja2
import jsonschema
import yaml

import home_assistant_logic as logic

TOP = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = TOP / "examples/home-assistant"
DOCUMENT = TOP / "docs/home-assistant.md"
RULES = json.loads((HERE / "home_assistant_rules.json").read_text())
TEMPLATE = re.compile(r"\{[{%]")
ENTITY = re.compile(
    r"\b(sensor|binary_sensor|button|event|number|select|switch|light|fan|update|camera|image)\.([a-z0-9_]+)(?![a-z0-9_]*[.*])"
)
# Words of Home Assistant itself that are states.
STATES = {"on", "off", "unknown", "unavailable"}


class Input(str):
    """The name of an input of a blueprint, where its value is put."""


class Loader(yaml.SafeLoader):
    """As Home Assistant's: with its tags; a key that is there twice is an error."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f'the key "{key}" is there twice', node.start_mark)
        return super().construct_mapping(node, deep)


Loader.add_constructor("!input", lambda loader, node: Input(loader.construct_scalar(node)))
Loader.add_constructor("!secret", lambda loader, node: loader.construct_scalar(node))


def strings(value):
    """Every text in a value, keys included."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from strings(key)
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, str) and not isinstance(value, Input):
        yield value


def inputs_of(value):
    if isinstance(value, Input):
        yield str(value)
    elif isinstance(value, dict):
        for each in value.values():
            yield from inputs_of(each)
    elif isinstance(value, list):
        for each in value:
            yield from inputs_of(each)


def substitute(value, values):
    if isinstance(value, Input):
        return values[value]
    if isinstance(value, dict):
        return {key: substitute(each, values) for key, each in value.items()}
    if isinstance(value, list):
        return [substitute(each, values) for each in value]
    return value


@functools.cache
def recorded(path):
    """A recorded output of the gateway; one that is equal to another names it."""
    text = (TOP / path).read_text()
    same = re.fullmatch(r"as (\S+)\n?", text)
    return recorded(f"tests/golden/recorded/{same.group(1)}") if same else text


class Gateway:
    """What the gateway has, from its documents."""

    def __init__(self):
        text = (TOP / "docs/entities.md").read_text()
        self.entities = []  # (id, component, class), with {ams}, {n}, {external_spool}
        for row in re.findall(r"^\| ([a-z_{}]+) \| (\w+) \| (\w*) \|", section(text, "The table"), re.M):
            self.entities.append(row)
        bridge = re.findall(r"`(bridge_\w+)`\s+\((\w+)(?:, (connectivity))?", section(text, "The table"))
        self.entities += bridge
        self.attributes = set(re.findall(r"`(\w+)`", section(text, "Attributes")))
        self.words = {
            word for row in re.findall(r"^\|.*\|$", section(text, "Values"), re.M) for word in re.findall(r"`([a-z_0-9]+)`", row)
        }
        event = json.loads((TOP / "docs/schemas/event.json").read_text())["properties"]
        self.events, self.event_keys = set(event["event_type"]["enum"]), set(event)
        self.commands = {
            path.stem: json.loads(path.read_text()) for path in (TOP / "docs/schemas/command").glob("*.json")
        }
        self.subtypes = dict(
            re.findall(
                r'\\"type\\":\\"(\w+)\\",\s*\\"subtype\\":\\"([^"\\]+)\\"',
                recorded("tests/golden/recorded/discovery-developer-mode/x1c.txt"),
            )
        )
        for name in ("entities", "attributes", "words", "events", "commands", "subtypes"):
            if len(getattr(self, name)) < 10:
                raise SystemExit(f"check_home_assistant.py: no {name} found: the documents have another form")
        if len(bridge) != 3 or self.subtypes.keys() != self.events:
            raise SystemExit("check_home_assistant.py: the bridge's entities or the device triggers were not found")

    def expression(self, entity):
        return (
            re.escape(entity)
            .replace(re.escape("{ams}"), r"ams_(?:(?:lite|ht)_)?\d")
            .replace(re.escape("{n}"), r"\d")
            .replace(re.escape("{external_spool}"), "external_spool(?:_left|_right)?")
        )

    def find(self, entity):
        """The rows of an entity's id, as in the table or as in Home Assistant."""
        return [row for row in self.entities if entity == row[0] or re.fullmatch(self.expression(row[0]), entity)]


def section(text, heading):
    return re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.M | re.S).group(1)


class Checker:
    def __init__(self, gateway, cases):
        self.gateway, self.cases, self.problems, self.place = gateway, cases, [], ""

    def problem(self, text):
        self.problems.append(f"{self.place}: {text}")

    def shape(self, value, rule, where, common=None):
        """A map has the required keys, no unknown ones, and values of the right kind."""
        if not isinstance(value, dict):
            self.problem(f"{where}: is not a map")
            return False
        keys = {**(common or {}), **rule["keys"]}
        for key in rule["required"]:
            if key not in value:
                self.problem(f"{where}: {key} is missing")
        for key, each in value.items():
            if key not in keys:
                self.problem(f"{where}: unknown key {key}")
            elif keys[key]:
                schema = {"$ref": f"#/$defs/{keys[key]}", "$defs": RULES["$defs"]}
                if not jsonschema.Draft202012Validator(schema).is_valid(each):
                    self.problem(f"{where}: {key}: {each!r} is no {keys[key]}")
        return True

    def kind(self, value, family, name, where):
        """A trigger, condition, action or card of a known kind; its shape."""
        rule = RULES[family]["kinds"].get(name)
        if rule is None:
            self.problem(f"{where}: unknown kind {name}")
            return False
        return self.shape(value, rule, where, RULES[family]["common"])

    # --- texts: entities, attributes, events, topics, templates ---

    def check_texts(self, value, strict=True):
        for text in strings(value):
            self.check_entities(text)
            self.check_topics(text)
            names = re.findall(r"(?:state_attr\([^()]*?,|\.get\()\s*'(\w+)'\s*[,)]", text)
            names += re.findall(r"(?:to_state|from_state)\.attributes\.(\w+)|payload_json\.(\w+)|\bitem\.(\w+)", text)
            known = self.gateway.attributes | self.gateway.event_keys | {"level", "area", "text"}
            for name in (each for found in names for each in ([found] if isinstance(found, str) else found) if each):
                if name not in known:
                    self.problem(f"unknown attribute or key of an event: {name}")
            for found in re.findall(r"event_type\s*[!=]=\s*'(\w+)'|event_type (?:not )?in \[([^]]*)\]", text):
                for word in re.findall(r"\w+", " ".join(found)):
                    if word not in self.gateway.events:
                        self.problem(f"unknown event type {word}")
            if TEMPLATE.search(text) and strict:
                try:
                    logic.environment().from_string(text)
                except jinja2.TemplateError as error:
                    self.problem(f"template: {error}")

    def check_entities(self, text):
        for component, name in ENTITY.findall(text):
            service = f"{component}.{name}"
            if service in RULES["services"] or service in ("button.press", "sensor.printer"):
                continue
            printer = re.fullmatch(r"((?:a1mini|x1c|p1s|p2s)_\d{4}|bambu2mqtt)_(.+?)_?", name)
            if not printer:
                self.problem(f"{service}: does not begin with the id of a printer like x1c_0001")
                continue
            model, entity = printer.group(1).split("_")[0], printer.group(2)
            partial = name.endswith("_")  # in a template, continued with a number
            rows = self.gateway.find(entity + "_1" if partial else entity)
            if not rows:
                self.problem(f"{service}: no such entity in docs/entities.md")
            elif component not in [row[1] for row in rows]:
                self.problem(f"{service}: is a {rows[0][1]}")
            elif model != "bambu2mqtt" and not partial and not self.model_has(model, component, entity):
                self.problem(f"{service}: a printer of this model does not have it")

    def model_has(self, model, component, entity):
        path = f"tests/golden/recorded/discovery-developer-mode/{model}.txt"
        unit = re.sub(r"ams_(ht_)?\d", r"ams_(?:ht_)?\\d", re.escape(entity).replace(r"\_", "_"))
        return re.search(rf'\\"{component}\.{model}_0000_{unit}\\"', recorded(path)) is not None

    def check_topics(self, text):
        for topic in re.findall(r"bambu2mqtt/[\w+/#]+", text):
            levels = topic.split("/")
            if "command" in levels[2:3] and len(levels) > 3 and levels[3] not in self.gateway.commands:
                self.problem(f"{topic}: unknown command {levels[3]}")
            if "event" in levels[2:3] and len(levels) > 3 and levels[3] not in self.gateway.events:
                self.problem(f"{topic}: unknown event type {levels[3]}")
        for name in re.findall(r"\}\}/command/(\w+)", text):
            if name not in self.gateway.commands:
                self.problem(f"unknown command {name}")

    # --- automations ---

    def check_automation(self, automation):
        self.shape(automation, {**RULES["automation"]}, "automation")
        if automation.get("mode") not in RULES["modes"]:
            self.problem(f"unknown mode {automation.get('mode')}")
        ids = {trigger.get("id") for trigger in automation["triggers"]}
        for number, trigger in enumerate(automation["triggers"], 1):
            where = f"trigger {number}"
            if self.kind(trigger, "triggers", trigger.get("trigger"), where):
                self.check_trigger(trigger, where)
        self.check_conditions(automation.get("conditions", []), "condition", ids)
        self.check_actions(automation["actions"], "action", ids)

    def check_states(self, value, where):
        for state in logic.as_list(value):
            if state not in self.gateway.words | STATES:
                self.problem(f"{where}: unknown state {state}")

    def check_trigger(self, trigger, where):
        if trigger["trigger"] == "device":
            if trigger.get("domain") != "mqtt" or self.gateway.subtypes.get(trigger.get("type")) != trigger.get("subtype"):
                self.problem(f"{where}: unknown device trigger {trigger.get('type')}, {trigger.get('subtype')}")
        if trigger["trigger"] == "state":
            if not {"to", "not_to"} & trigger.keys():
                self.problem(f"{where}: fires on unknown and unavailable, too")
            for key in ("from", "to", "not_from", "not_to"):
                self.check_states(trigger.get(key, []), where)

    def check_conditions(self, conditions, where, ids):
        for number, condition in enumerate(conditions, 1):
            here = f"{where} {number}"
            if not isinstance(condition, dict) or not self.kind(condition, "conditions", condition.get("condition"), here):
                continue
            if "conditions" in condition:
                self.check_conditions(condition["conditions"], here, ids)
            if condition["condition"] == "trigger" and not set(logic.as_list(condition["id"])) <= ids:
                self.problem(f"{here}: no trigger has the id {condition['id']}")
            if condition["condition"] == "state":
                self.check_states(condition.get("state", []), here)

    def check_actions(self, actions, where, ids):
        for number, step in enumerate(actions, 1):
            here = f"{where} {number}"
            if "condition" in step:
                self.check_conditions([step], here, ids)
                continue
            name = next((each for each in RULES["actions"]["kinds"] if each in step), None)
            if not self.kind(step, "actions", name, here):
                continue
            if name == "action":
                self.check_service(step, here)
            for key in ("then", "else", "default", "sequence"):
                if isinstance(step.get(key), list):
                    self.check_actions(step[key], here, ids)
            if name == "if":
                self.check_conditions(step["if"], here, ids)

    def check_service(self, step, where):
        data = RULES["services"].get(step["action"])
        if data is None:
            self.problem(f"{where}: unknown action {step['action']}")
            return
        self.shape(step.get("data", {}), {"required": [], "keys": data}, f"{where}: data")
        if step["action"] == "mqtt.publish":
            if step["data"].get("retain"):
                self.problem(f"{where}: a retained command is ignored by the gateway")
        elif step["action"].split(".")[0] in ("button", "light", "switch") and "entity_id" not in step.get("target", {}):
            self.problem(f"{where}: target.entity_id is missing")

    # --- blueprints ---

    def check_blueprint(self, document, values):
        head = document["blueprint"]
        self.shape(head, RULES["blueprint"], "blueprint")
        if head.get("domain") != "automation":
            self.problem("blueprint.domain: is not automation")
        version = head.get("homeassistant", {}).get("min_version")
        if not isinstance(version, str) or not re.fullmatch(r"\d+\.\d+\.\d+", version):
            self.problem('blueprint.homeassistant.min_version: is no text like "2024.11.0"')
        declared = head.get("input", {})
        body = {key: value for key, value in document.items() if key != "blueprint"}
        used = set(inputs_of(body))
        for name in sorted(used - declared.keys()):
            self.problem(f"input {name} is used but not declared")
        for name in sorted(declared.keys() - used):
            self.problem(f"input {name} is declared but not used")
        for name, description in declared.items():
            if self.shape(description, RULES["input"], f"input {name}"):
                self.check_selector(description.get("selector", {}), f"input {name}")
                if "default" in description:
                    self.check_default(description, name)
        self.check_texts(body)
        self.check_texts(head)
        missing = declared.keys() - values.keys() - {name for name in declared if "default" in declared[name]}
        if missing or used - declared.keys() or values.keys() - declared.keys():
            if missing or values.keys() - declared.keys():
                self.problem(f"home_assistant_cases.yaml: inputs {sorted(missing | (values.keys() - declared.keys()))} do not fit")
            return None
        inputs = {name: values.get(name, declared[name].get("default")) for name in declared}
        automation = substitute(body, inputs)
        self.check_automation(automation)
        return automation

    def check_selector(self, selector, where):
        if len(selector) != 1:
            self.problem(f"{where}: a selector has one kind")
            return
        (name, options), = selector.items()
        if name not in RULES["selectors"]:
            self.problem(f"{where}: unknown selector {name}")
            return
        options = options or {}
        self.shape(options, {"required": ["options"] if name == "select" else [], "keys": RULES["selectors"][name]}, f"{where}: {name}")
        if name == "number" and not {"min", "max"} <= options.keys() and options.get("mode") != "box":
            self.problem(f"{where}: min and max are missing")
        for each in logic.as_list(options.get("filter", [])):
            self.shape(each, {"required": [], "keys": RULES["entity_filter"]}, f"{where}: filter")
            if each.get("integration") == "mqtt":
                classes = logic.as_list(each.get("device_class", []))
                rows = [row for row in self.gateway.entities if row[1] in logic.as_list(each.get("domain", []))]
                if not rows or any(device_class not in {row[2] for row in rows} for device_class in classes):
                    self.problem(f"{where}: the gateway has no entity for this filter")
        for option in options.get("options", []):
            value = option["value"] if isinstance(option, dict) else option
            if isinstance(option, dict):
                self.shape(option, {"required": ["label", "value"], "keys": {"label": "text", "value": "text"}}, f"{where}: option")
            known = self.gateway.events | self.gateway.words | {"fatal", "serious", "common", "info", "error", "warning"}
            if value not in known and not self.gateway.find(f"{value}_humidity"):
                self.problem(f"{where}: unknown event type, state or unit {value}")

    def check_default(self, description, name):
        (selector, options), = list(description["selector"].items())[:1] or [("", {})]
        value, options = description["default"], options or {}
        fits = {
            "boolean": lambda: isinstance(value, bool),
            "number": lambda: isinstance(value, (int, float)) and options["min"] <= value <= options["max"],
            "text": lambda: isinstance(value, str),
            "duration": lambda: isinstance(value, dict) and value.keys() <= {"days", "hours", "minutes", "seconds"},
            "action": lambda: isinstance(value, list),
            "condition": lambda: isinstance(value, list),
            "entity": lambda: isinstance(value, list) == bool(options.get("multiple")),
            "select": lambda: set(logic.as_list(value))
            <= {each["value"] if isinstance(each, dict) else each for each in options["options"]}
            and isinstance(value, list) == bool(options.get("multiple")),
        }.get(selector, lambda: True)
        if not fits():
            self.problem(f"input {name}: the default {value!r} does not fit the selector")

    # --- dashboards ---

    def check_dashboard(self, document):
        self.shape(document, RULES["dashboard"], "dashboard")
        self.check_texts(document)
        for number, view in enumerate(document["views"], 1):
            where = f"view {number}"
            self.shape(view, RULES["view"], where)
            if view.get("type") not in RULES["view_types"]:
                self.problem(f"{where}: unknown type {view.get('type')}")
            if (view.get("type") == "sections") != ("sections" in view):
                self.problem(f"{where}: sections and type do not fit")
            for badge in view.get("badges", []):
                self.shape(badge, RULES["badge"], f"{where}: badge")
                self.check_visibility(badge, f"{where}: badge")
            for index, part in enumerate(view.get("sections", []), 1):
                self.shape(part, RULES["section"], f"{where}: section {index}")
                self.check_cards(part["cards"], f"{where}: section {index}")
            self.check_cards(view.get("cards", []), where)

    def check_visibility(self, card, where):
        for condition in card.get("visibility", []):
            keys = RULES["visibility"].get(condition.get("condition"))
            if keys is None:
                self.problem(f"{where}: visibility: unknown condition {condition.get('condition')}")
            else:
                self.shape(condition, {"required": ["entity"], "keys": {"condition": "text", **keys}}, f"{where}: visibility")

    def check_cards(self, cards, where):
        for number, card in enumerate(cards, 1):
            here = f"{where}: card {number}"
            kind = card.get("type", "")
            if kind.startswith("custom:"):
                self.problem(f"{here}: is a custom card")
                continue
            if not self.kind(card, "cards", kind, here):
                continue
            self.check_visibility(card, here)
            for badge in card.get("badges", []):
                self.shape(badge, RULES["badge"], f"{here}: badge")
            for row in card.get("entities", []):
                if isinstance(row, dict) and self.shape(row, RULES["row"], f"{here}: row") and row.get("format", "date") not in RULES["formats"]:
                    self.problem(f"{here}: unknown format {row['format']}")
            if "tap_action" in card:
                action = card["tap_action"]
                self.shape(action, RULES["tap_action"], f"{here}: tap_action")
                if action.get("perform_action") not in RULES["services"]:
                    self.problem(f"{here}: unknown action {action.get('perform_action')}")
                if action.get("target") != {"entity_id": card.get("entity")}:
                    self.problem(f"{here}: the action is for another entity")
            for feature in card.get("features", []):
                rule = RULES["features"].get(feature.get("type"))
                if rule is None or card["entity"].split(".")[0] not in rule["domains"]:
                    self.problem(f"{here}: unknown feature {feature.get('type')} of this entity")
                else:
                    self.shape(feature, {"required": [], "keys": {"type": "text", **rule["keys"]}}, f"{here}: feature")

    # --- files ---

    def check_cases(self, automation, entry):
        for case in entry["cases"]:
            try:
                done = logic.run(automation, case, entry.get("states", {}), self.cases["devices"])
            except (jinja2.TemplateError, NotImplementedError, TypeError, ValueError) as error:
                self.problem(f"case \"{case['name']}\": {type(error).__name__}: {error}")
                continue
            expected = case.get("expect", [])
            found = [{key: each[key] for key in ("action", "target", "data") if each[key]} for each in done]
            if found != expected:
                self.problem(f"case \"{case['name']}\": expected {expected}, found {found}")
            for each in done:
                if each["action"] == "mqtt.publish":
                    self.check_payload(each["data"])

    def check_payload(self, data):
        match = re.fullmatch(r"bambu2mqtt/[a-z0-9_]+/command/(\w+)", data["topic"])
        payload = data["payload"] if isinstance(data["payload"], dict) else json.loads(data["payload"])
        if not match or match.group(1) not in self.gateway.commands:
            self.problem(f"{data['topic']}: is no topic of a command")
            return
        for error in jsonschema.Draft202012Validator(self.gateway.commands[match.group(1)]).iter_errors(payload):
            self.problem(f"{data['topic']}: {error.message}")

    def check_rendered(self, document, entry):
        texts = [text for text in strings(document) if TEMPLATE.search(text)]
        for case in entry["rendered"]:
            world = logic.World(case["states"], self.cases["devices"])
            try:
                result = "\n".join(world.environment.from_string(text).render() for text in texts)
            except (jinja2.TemplateError, TypeError, ValueError) as error:
                self.problem(f"case \"{case['name']}\": {type(error).__name__}: {error}")
                continue
            for line in case["lines"]:
                if line not in result.split("\n"):
                    self.problem(f"case \"{case['name']}\": the line {line!r} is missing in {result!r}")
            if re.search(r"\|\n\s*\n+\|", result):
                self.problem(f"case \"{case['name']}\": an empty line ends the table")

    def check_text(self, name, text):
        """One file of the examples, with its cases."""
        self.place = name
        entry = self.cases["files"].get(name)
        try:
            document = yaml.load(text, Loader)
        except yaml.YAMLError as error:
            self.problem(f"YAML: {error}")
            return
        if entry is None:
            self.problem("has no cases in home_assistant_cases.yaml")
            return
        if isinstance(document, list):
            self.check_texts(document)
            for automation in document:
                self.place = f"{name}: {automation.get('alias')}"
                self.check_automation(automation)
                self.check_cases(automation, entry[automation.get("alias")])
        elif "blueprint" in document:
            automation = self.check_blueprint(document, entry.get("inputs", {}))
            if automation is not None:
                self.check_cases(automation, entry)
        else:
            self.check_dashboard(document)
            self.check_rendered(document, entry)

    def check_document(self):
        """The guide: its YAML, its links to examples, and the new ids in its tables."""
        self.place = DOCUMENT.name
        text = DOCUMENT.read_text()
        for block in re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S):
            try:
                self.check_texts(yaml.load(block, Loader))
            except yaml.YAMLError as error:
                self.problem(f"YAML: {error}")
        for path in EXAMPLES.rglob("*.yaml"):
            if f"](../{path.relative_to(TOP)})" not in text:
                self.problem(f"has no link to {path.relative_to(TOP)}")
        rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|[^|\n]*\|?$", section(text, "From ha-bambulab"), re.M)
        ids = [entity for _, new in rows for entity in re.findall(r"`([a-z_{}]+)`", new)]
        if len(ids) < 50:
            self.problem("the table of old and new ids was not found")
        for entity in ids:
            if not self.gateway.find(entity) and entity not in self.gateway.events | self.gateway.commands.keys():
                self.problem(f"the table names {entity}, which is no entity, event or command")


def check_spoilt(gateway, cases, texts):
    """Each spoilt example must be refused, with the right problem."""
    problems = []
    for spoilt in cases["spoilt"]:
        name, text = spoilt["file"], texts[spoilt["file"]]
        if spoilt["replace"] not in text:
            problems.append(f"spoilt: {name} does not contain {spoilt['replace']!r}")
            continue
        checker = Checker(gateway, cases)
        checker.check_text(name, text.replace(spoilt["replace"], spoilt["with"], 1))
        if not any(spoilt["problem"] in each for each in checker.problems):
            problems.append(f"spoilt: {name} with {spoilt['with']!r} is not refused with {spoilt['problem']!r}: {checker.problems}")
    return problems


def main():
    gateway = Gateway()
    cases = yaml.safe_load((HERE / "home_assistant_cases.yaml").read_text())
    texts = {str(path.relative_to(EXAMPLES)): path.read_text() for path in sorted(EXAMPLES.rglob("*.yaml"))}
    checker = Checker(gateway, cases)
    for name, text in texts.items():
        checker.check_text(name, text)
    checker.place = "home_assistant_cases.yaml"
    for name in cases["files"].keys() - texts.keys():
        checker.problem(f"there is no example {name}")
    checker.check_document()
    problems = checker.problems + check_spoilt(gateway, cases, texts)
    number = sum(
        len(part.get("cases", part.get("rendered", [])))
        for name, entry in cases["files"].items()
        for part in (entry.values() if name == "automations.yaml" else [entry])
    )
    print("\n".join(problems) or f"examples: ok; {len(texts)} files, {number} cases, {len(cases['spoilt'])} spoilt ones refused")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
