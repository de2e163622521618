"""Embeddings by InvokeModel. A vector is made of the words of its text, so that texts that share words are near."""
import base64
import hashlib
import math
import random
import re

from . import rules
from .errors import validation
from .prompts import malformed, _checked


def vector(text, size):
    values = [0.0] * size
    for word in re.findall(r"\w+", text.lower()) or ["∅"]:
        dice = random.Random(hashlib.sha256(word.encode()).digest())
        for _ in range(8):
            values[dice.randrange(size)] += dice.choice((-1.0, 1.0))
    length = math.sqrt(sum(v * v for v in values)) or 1.0
    return [round(v / length, 8) for v in values]


def _size(model, wanted, where):
    if wanted is None:
        return model.dims[0]
    if wanted not in model.dims:
        raise malformed(f"{where}: {wanted} is not a valid enum value")
    return wanted


def _text(value, where, longest):
    if not isinstance(value, str):
        raise malformed(f"{where}: expected type: String, found: {type(value).__name__}")
    if not value:
        raise malformed(f"{where}: expected minLength: 1, actual: 0")
    if len(value) > longest:
        raise malformed(f"{where}: expected maxLength: {longest}, actual: {len(value)}")
    return value


def _room(model, text):
    tokens = rules.text_tokens(text)
    if tokens > model.context:
        raise validation(f"400 Bad Request: Too many input tokens. Max input tokens: {model.context}, request input token count: {tokens} ")
    return tokens


def titan_v1(model, body):
    _checked(body, ("inputText",), ("inputText",))
    text = _text(body["inputText"], "#/inputText", 50_000)
    tokens = _room(model, text)
    return {"embedding": vector(text, 1536), "inputTextTokenCount": tokens}, tokens


def titan_v2(model, body):
    _checked(body, ("inputText", "dimensions", "normalize", "embeddingTypes"), ("inputText",))
    text = _text(body["inputText"], "#/inputText", 50_000)
    tokens, types = _room(model, text), body.get("embeddingTypes", ["float"])
    values = vector(text, _size(model, body.get("dimensions"), "#/dimensions"))
    if body.get("normalize", True) is False:
        values = [v * 3 for v in values]
    by_type = {kind: values if kind == "float" else [1 if v > 0 else 0 for v in values] for kind in types}
    out = {"embeddingsByType": by_type, "inputTextTokenCount": tokens}
    return (out | {"embedding": values} if "float" in types else out), tokens


def titan_image(model, body):
    _checked(body, ("inputText", "inputImage", "embeddingConfig"), ())
    config = _checked(body.get("embeddingConfig", {}), ("outputEmbeddingLength",), (), "#/embeddingConfig")
    if not body.get("inputText") and not body.get("inputImage"):
        raise malformed("#: at least one of [inputText] and [inputImage] is required")
    text, image = body.get("inputText", ""), body.get("inputImage", "")
    tokens = _room(model, text) if text else 0
    values = vector(text + " " + hashlib.sha256(base64.b64decode(image)).hexdigest() * bool(image), _size(model, config.get("outputEmbeddingLength"), "#/embeddingConfig/outputEmbeddingLength"))
    return {"embedding": values, "inputTextTokenCount": tokens, "message": None}, tokens


_PURPOSES = ("GENERIC_INDEX", "GENERIC_RETRIEVAL", "TEXT_RETRIEVAL", "IMAGE_RETRIEVAL", "VIDEO_RETRIEVAL", "DOCUMENT_RETRIEVAL", "AUDIO_RETRIEVAL", "CLASSIFICATION", "CLUSTERING")


def nova(model, body):
    _checked(body, ("schemaVersion", "taskType", "singleEmbeddingParams"), ("taskType", "singleEmbeddingParams"))
    if body["taskType"] != "SINGLE_EMBEDDING":
        raise malformed("#/taskType: only SINGLE_EMBEDDING is answered at once")
    params = _checked(body["singleEmbeddingParams"], ("embeddingPurpose", "embeddingDimension", "text", "image"), ("embeddingPurpose",), "#/singleEmbeddingParams")
    if params["embeddingPurpose"] not in _PURPOSES:
        raise malformed(f"#/singleEmbeddingParams/embeddingPurpose: {params['embeddingPurpose']} is not a valid enum value")
    text = _checked(params.get("text", {}), ("truncationMode", "value", "source"), ("truncationMode", "value"), "#/singleEmbeddingParams/text")
    if text["truncationMode"] not in ("START", "END", "NONE"):
        raise malformed(f"#/singleEmbeddingParams/text/truncationMode: {text['truncationMode']} is not a valid enum value")
    value = _text(text["value"], "#/singleEmbeddingParams/text/value", 8192)
    values = vector(value, _size(model, params.get("embeddingDimension"), "#/singleEmbeddingParams/embeddingDimension"))
    return {"embeddings": [{"embeddingType": "TEXT", "embedding": values}]}, rules.text_tokens(value)


def cohere(model, body):
    v4 = model.family.endswith("v4")
    known = ("texts", "images", "inputs", "input_type", "truncate", "embedding_types", *(("output_dimension", "max_tokens") if v4 else ()))
    _checked(body, known, ("input_type",))
    if body["input_type"] not in ("search_document", "search_query", "classification", "clustering", "image"):
        raise malformed(f"#/input_type: {body['input_type']} is not a valid enum value")
    if body.get("truncate", "NONE") not in ("NONE", "START", "END", *(("LEFT", "RIGHT") if v4 else ())):
        raise malformed(f"#/truncate: {body['truncate']} is not a valid enum value")
    texts = body.get("texts") or []
    if not texts or len(texts) > 96:
        raise malformed(f"#/texts: expected minimum item count: 1, maximum item count: 96, found: {len(texts)}")
    size = _size(model, body.get("output_dimension") if v4 else None, "#/output_dimension")
    tokens = 0
    for i, text in enumerate(texts):
        _text(text, f"#/texts/{i}", 1 << 20 if v4 else 2048)
        tokens += rules.text_tokens(text) if body.get("truncate", "NONE") != "NONE" else _room(model, text)
    vectors = [vector(text, size) for text in texts]
    types = body.get("embedding_types")
    out = {"id": "mock", "texts": texts, "response_type": "embeddings_by_type" if types else "embeddings_floats", "embeddings": vectors}
    if types:
        out["embeddings"] = {kind: vectors if kind == "float" else [[int(v * 127) for v in row] for row in vectors] for kind in types}
    return out, tokens


FAMILIES = {"titan_embed_v1": titan_v1, "titan_embed_v2": titan_v2, "titan_embed_mm": titan_image, "nova_embed": nova, "cohere_embed_v3": cohere, "cohere_embed_v4": cohere}


def answer(model, body):
    """(document, input tokens)"""
    return FAMILIES[model.family](model, body)
