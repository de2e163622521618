"""Writes botocore_shapes.txt: every operation that we use or serve and every shape it reaches, a line a member.

    python -m mock_bedrock.shape_table      (in tests/; after a new botocore: then read what git shows as changed)
"""
import pathlib

import botocore

from . import shapes

TABLE = pathlib.Path(__file__).with_name("botocore_shapes.txt")
_LIMITS = ("min", "max", "pattern")


def _type(shape):
    if shape.type_name == "list":
        return f"list of {_type(shape.member)}"
    if shape.type_name == "map":
        return f"map of {_type(shape.value)}"
    if shape.type_name == "structure":
        return "document" if getattr(shape, "is_document_type", False) else shape.name
    limits = "".join(f" {k}={shape.metadata[k]}" for k in _LIMITS if k in shape.metadata)
    enum = f" {'|'.join(shape.enum)}" if getattr(shape, "enum", None) else ""
    return shape.type_name + enum + limits


def _members(shape):
    traits = [word for word, on in (("union", getattr(shape, "is_tagged_union", False)), ("exception", shape.metadata.get("exception")),
                                    ("event stream", shape.serialization.get("eventstream") or getattr(shape, "is_eventstream", False))) if on]
    status = (shape.metadata.get("error") or {}).get("httpStatusCode")
    yield f"  {shape.name}{' (' + ', '.join(traits) + ')' if traits else ''}{f' {status}' if status else ''}"
    for name, member in sorted(shape.members.items()):
        place = " ".join(f"{k}={v}" for k, v in sorted(member.serialization.items()) if k in ("location", "name"))
        needed = " required" if name in shape.required_members else ""
        bounds = "".join(f" {k}={member.metadata[k]}" for k in ("min", "max") if member.type_name in ("list", "map") and k in member.metadata)
        yield f"    {name}: {_type(member)}{bounds}{needed}{' @' + place if place else ''}"


def _reach(shape, found):
    if shape is None:
        return
    if shape.type_name == "list":
        _reach(shape.member, found)
    elif shape.type_name == "map":
        _reach(shape.value, found)
    elif shape.type_name == "structure" and shape.name not in found:
        found[shape.name] = shape
        for member in shape.members.values():
            _reach(member, found)


def lines():
    yield "# Made by python -m mock_bedrock.shape_table; not written by hand."
    operations = shapes.load()
    for service in shapes.SERVICES:
        yield f"{service}"
        found = {}
        for operation in (o for o in operations if o.service == service):
            model = operation.model
            answer = model.output_shape.name if model.output_shape else "nothing"
            yield f"  {operation.name}: {operation.method} {model.http['requestUri']} {operation.status} {model.input_shape.name} -> {answer}"
            yield f"    errors: {', '.join(sorted(e.name for e in model.error_shapes))}"
            for shape in (model.input_shape, model.output_shape, *model.error_shapes):
                _reach(shape, found)
        for _, shape in sorted(found.items()):
            yield from _members(shape)


if __name__ == "__main__":
    TABLE.write_text("\n".join(lines()) + "\n")
    print(f"{TABLE.name}: botocore {botocore.__version__}, {len(TABLE.read_text().splitlines())} lines")
