"""The part of JSON Schema that our published schemas use, so that tests need no package."""

import re

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def errors(value, schema, root=None, where="$") -> list[str]:
    """What is wrong, with paths; empty when the value fits. An unknown keyword is an error of the schema."""
    root = root or schema
    found = []
    for keyword, rule in schema.items():
        check = RULES.get(keyword)
        if check is None and keyword not in ("$schema", "$defs", "title"):
            raise ValueError(f"{keyword} is not checked")
        if check:
            found += check(value, rule, schema, root, where)
    return found


def is_type(value, name) -> bool:
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def _properties(value, rule, schema, root, where):
    if not isinstance(value, dict):
        return []
    return [e for key, one in rule.items() if key in value for e in errors(value[key], one, root, f"{where}.{key}")]


def _additional(value, rule, schema, root, where):
    others = [key for key in value if key not in schema.get("properties", {})] if isinstance(value, dict) else []
    if rule is False:
        return [f"{where}: unexpected {key}" for key in others]
    return [e for key in others for e in errors(value[key], rule, root, f"{where}.{key}")]


def _reference(value, rule, schema, root, where):
    target = root
    for part in rule.removeprefix("#/").split("/"):
        target = target[part]
    return errors(value, target, root, where)


def _items(value, rule, schema, root, where):
    return [e for i, one in enumerate(value) for e in errors(one, rule, root, f"{where}[{i}]")] if isinstance(value, list) else []


def _length(value, count, rule, where):
    return [] if len(value) >= count else [f"{where}: {rule} {count}"]


RULES = {
    "type": lambda v, r, s, root, w: [] if is_type(v, r) else [f"{w}: no {r}: {v!r}"],
    "required": lambda v, r, s, root, w: [f"{w}: {key} is missing" for key in r if isinstance(v, dict) and key not in v],
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "enum": lambda v, r, s, root, w: [] if v in r else [f"{w}: {v!r} is none of {r}"],
    "pattern": lambda v, r, s, root, w: [] if not isinstance(v, str) or re.search(r, v) else [f"{w}: {v!r} is not {r}"],
    "minimum": lambda v, r, s, root, w: [] if not is_type(v, "integer") or v >= r else [f"{w}: {v} is below {r}"],
    "minLength": lambda v, r, s, root, w: _length(v, r, "minLength", w) if isinstance(v, str) else [],
    "minItems": lambda v, r, s, root, w: _length(v, r, "minItems", w) if isinstance(v, list) else [],
    "minProperties": lambda v, r, s, root, w: _length(v, r, "minProperties", w) if isinstance(v, dict) else [],
    "oneOf": lambda v, r, s, root, w: [] if sum(not errors(v, one, root, w) for one in r) == 1 else [f"{w}: fits not one of {len(r)}"],
    "$ref": _reference,
}
