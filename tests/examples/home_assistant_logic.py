"""Runs automations as Home Assistant does, as far as the examples need it: triggers, conditions, templates and actions, with
given states. A condition about an entity that does not exist is false."""

import ast
import datetime
import json
import re

import jinja2
import jinja2.sandbox

NOW = datetime.datetime(2026, 1, 31, 18, 0, tzinfo=datetime.timezone.utc)
NUMERIC = re.compile(r"^[+-]?(?!0\d)\d*(?:\.\d*)?$")
UNKNOWN = ("unknown", "unavailable")


class Stopped(Exception):
    """A condition among the actions was false."""


class State:
    def __init__(self, entity_id, value):
        value = value if isinstance(value, dict) else {"state": value}
        self.entity_id, self.state = entity_id, value["state"]
        self.attributes = {"friendly_name": entity_id, **value.get("attributes", {})}


def as_list(value):
    return value if isinstance(value, list) else [value]


def number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


class World:
    """The states, and the device that all entities of one printer belong to: what stands before the id of the entity."""

    def __init__(self, states, devices, now=NOW):
        self.now = now
        self.states = {entity: State(entity, value) for entity, value in states.items()}
        self.devices = devices  # prefix of the entity: name of the device
        self.environment = environment(self)

    def device_of(self, entity):
        name = entity.split(".", 1)[1]
        return next((prefix for prefix in self.devices if name.startswith(prefix + "_")), None)

    def render(self, template, variables):
        """The result with the type that Home Assistant gives it."""
        text = self.environment.from_string(template).render(variables).strip()
        try:
            value = ast.literal_eval(text)
        except (ValueError, TypeError, SyntaxError, MemoryError):
            return text
        if isinstance(value, (str, complex)) or (isinstance(value, (int, float)) and not isinstance(value, bool) and not NUMERIC.match(text)):
            return text
        return value

    def resolve(self, value, variables):
        if isinstance(value, dict):
            return {key: self.resolve(each, variables) for key, each in value.items()}
        if isinstance(value, list):
            return [self.resolve(each, variables) for each in value]
        if isinstance(value, str) and re.search(r"\{[{%]", value):
            return self.render(value, variables)
        return value


def environment(world=None):
    states = world.states if world else {}

    def state(entity):
        return states[entity].state if entity in states else "unknown"

    def state_attr(entity, name):
        return states[entity].attributes.get(name) if entity in states else None

    def device_id(entity):
        return world.device_of(entity)

    def device_attr(target, name):
        device = world.device_of(target) if "." in target else target
        return world.devices.get(device) if name == "name" else None

    def timestamp(value, *default):
        try:
            value = datetime.datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else value
            return value.timestamp()
        except (AttributeError, ValueError) as error:
            if default:
                return default[0]
            raise ValueError(f"as_timestamp: {value} and no default") from error

    env = jinja2.sandbox.ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do"]
    )
    env.globals.update(
        states=state,
        state_attr=state_attr,
        is_state=lambda entity, value: state(entity) in as_list(value),
        has_value=lambda entity: state(entity) not in UNKNOWN,
        device_id=device_id,
        device_attr=device_attr,
        device_entities=lambda device: sorted(each for each in states if world.device_of(each) == device),
        integration_entities=lambda integration: sorted(states),
        is_number=lambda value: number(value) is not None,
        now=lambda: world.now,
        as_timestamp=timestamp,
    )
    env.filters["timestamp_custom"] = lambda value, form: datetime.datetime.fromtimestamp(value, datetime.timezone.utc).strftime(form)
    env.filters["to_json"] = json.dumps
    env.tests["search"] = lambda value, expression: bool(re.search(expression, value))
    env.tests["is_state"] = env.globals["is_state"]
    return env


def fires(trigger, change):
    """Whether a change {entity, from, to}, a message {topic, payload} or an event {type} of a device fires a trigger. `for` has
    elapsed."""
    kind = trigger["trigger"]
    if kind == "time_pattern":
        return change.get("time_pattern", False)
    if kind == "time":
        return change.get("time") in as_list(trigger["at"])
    if kind == "mqtt":
        pattern = re.escape(trigger["topic"]).replace(r"\+", "[^/]+").replace(r"\#", ".*")
        return "topic" in change and re.fullmatch(pattern, change["topic"]) is not None
    if kind == "device":
        return change.get("device_event") == trigger["type"]
    if "entity" not in change or change["entity"] not in as_list(trigger["entity_id"]):
        return False
    old, new = change["old"].state if change["old"] else None, change["new"].state
    if kind == "numeric_state":
        def inside(value):
            value = number(value)
            return value is not None and value > trigger.get("above", value - 1) and value < trigger.get("below", value + 1)

        return inside(new) and not inside(old)
    if kind == "state":
        if old == new:
            return False
        return not (
            ("from" in trigger and old not in as_list(trigger["from"]))
            or ("to" in trigger and new not in as_list(trigger["to"]))
            or ("not_from" in trigger and old in as_list(trigger["not_from"]))
            or ("not_to" in trigger and new in as_list(trigger["not_to"]))
        )
    raise NotImplementedError(kind)


def holds(condition, world, variables):
    kind = condition["condition"]
    if kind in ("and", "or", "not"):
        results = [holds(each, world, variables) for each in condition["conditions"]]
        return {"and": all, "or": any, "not": lambda found: not any(found)}[kind](results)
    if kind == "template":
        return str(world.render(condition["value_template"], variables)).lower() == "true"
    if kind == "trigger":
        return variables["trigger"]["id"] in as_list(condition["id"])
    if kind == "time":
        time, after, before = world.now.strftime("%H:%M:%S"), condition.get("after", "00:00"), condition.get("before", "24:00")
        return after <= time < before if after < before else time >= after or time < before
    found = [world.states.get(entity) for entity in as_list(condition["entity_id"])]
    if None in found:
        return False
    if kind == "state":
        return all(each.state in as_list(condition["state"]) for each in found)
    if kind == "numeric_state":
        values = [number(each.state) for each in found]
        return all(
            value is not None and value > condition.get("above", value - 1) and value < condition.get("below", value + 1)
            for value in values
        )
    raise NotImplementedError(kind)


def act(actions, world, variables, after_delay, done):
    for step in actions:
        if "action" in step:
            done.append(
                {"action": step["action"], "target": step.get("target", {}).get("entity_id"), "data": world.resolve(step.get("data", {}), variables)}
            )
        elif "delay" in step:
            for entity, value in after_delay.items():
                world.states[entity] = State(entity, value)
        elif "variables" in step:
            for name, value in step["variables"].items():
                variables[name] = world.resolve(value, variables)
        elif "condition" in step:
            if not holds(step, world, variables):
                raise Stopped
        elif "sequence" in step:
            act(step["sequence"], world, dict(variables), after_delay, done)
        elif "if" in step:
            met = all(holds(each, world, variables) for each in step["if"])
            act(step["then"] if met else step.get("else", []), world, dict(variables), after_delay, done)
        else:
            raise NotImplementedError(", ".join(step))


def run(automation, case, states, devices):
    """What an automation does on the change of a case: a list of actions."""
    states = {**states, **case.get("states", {})}
    change = dict(case["change"])
    if "entity" in change:
        entity = change["entity"]
        states[entity] = change["to"]
        change["old"] = State(entity, change["from"]) if change.get("from") is not None else None
        change["new"] = State(entity, change["to"])
    world = World(states, devices, datetime.datetime.fromisoformat(case["now"]) if "now" in case else NOW)
    fired = [(index, each) for index, each in enumerate(automation["triggers"]) if fires(each, change)]
    done = []
    for index, trigger in fired[:1]:
        variables = {
            "this": {"attributes": {"last_triggered": case.get("last_triggered")}},
            "trigger": {"id": trigger.get("id", str(index)), "platform": trigger["trigger"]},
        }
        if "entity" in change:
            variables["trigger"].update(entity_id=change["entity"], from_state=change["old"], to_state=change["new"])
        if "payload" in change:
            variables["trigger"].update(topic=change.get("topic"), payload_json=change["payload"])
        for name, value in automation.get("variables", {}).items():
            variables[name] = world.resolve(value, variables)
        if all(holds(each, world, variables) for each in automation.get("conditions", [])):
            try:
                act(automation["actions"], world, variables, case.get("after_delay", {}), done)
            except Stopped:
                pass
    return done
