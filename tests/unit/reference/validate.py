"""Validates schemas, and samples against them: validate.py SCHEMAS SAMPLES

Every schema must be one. SAMPLES has a JSON object a line: a command, what was given, whether the program
takes it, and the form it makes of it. What a schema accepts the program must take, and the program's own form
the schema must accept. Prints what is wrong, and at the end how many samples were looked at.
"""
import json
import pathlib
import sys

import jsonschema

schemas = pathlib.Path(sys.argv[1])
validators = {}
for path in sorted(schemas.rglob("*.json")):
    schema = json.loads(path.read_text(encoding="utf-8"))
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        print(f"{path}: {error.message}")
    validators[path.stem] = jsonschema.Draft202012Validator(schema)

count = 0
with open(sys.argv[2], encoding="utf-8") as samples:
    for line in samples:
        sample = json.loads(line)
        validator = validators[sample["schema"]]
        count += 1
        if validator.is_valid(sample["given"]) and not sample["taken"]:
            print(f"{sample['schema']}: the schema alone accepts {json.dumps(sample['given'])[:200]}")
        if sample["taken"] and not validator.is_valid(sample["checked"]):
            print(f"{sample['schema']}: the schema refuses {json.dumps(sample['checked'])[:200]}")
print(f"{len(validators)} schemas, {count} samples")
