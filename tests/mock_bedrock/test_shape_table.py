"""A new botocore shows what changed for us, line by line."""
import difflib

from botocore.model import ServiceModel
import botocore.loaders

from . import errors, faults, shape_table, shapes


def test_table_is_what_botocore_says():
    kept, now = shape_table.TABLE.read_text().splitlines(), list(shape_table.lines())
    changed = [line for line in difflib.unified_diff(kept, now, "botocore_shapes.txt", "botocore", lineterm="", n=1)]
    assert not changed, "botocore differs from the table (python -m mock_bedrock.shape_table writes it anew):\n" + "\n".join(changed[:80])


def test_statuses_of_errors_are_the_models():
    model = ServiceModel(botocore.loaders.Loader().load_service_model("bedrock-runtime", "service-2"), "bedrock-runtime")
    said = {shape.name: shape.metadata["error"]["httpStatusCode"] for shape in model.error_shapes}
    assert {kind: said[kind] for kind in errors.STATUS} == errors.STATUS
    for status, kind in faults._TYPE_OF_STATUS.items():
        assert errors.STATUS[kind] == status


def test_every_operation_is_answered():
    from . import control
    answered = set(control.HANDLERS) | {"Converse", "ConverseStream", "InvokeModel", "InvokeModelWithResponseStream"}
    assert answered == {o.name for o in shapes.load()}
