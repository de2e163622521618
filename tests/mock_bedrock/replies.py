"""What the mock's models answer: always the same to the same request.

The last user text may steer by a directive: [[mock: key=value; key=value]] with
    text=T · words=N · deltas=N (pieces of the text in a stream) · gap=MS (between events) · tools=N (calls; 0 for none)
    redacted (reasoning comes redacted) · stop=REASON
Without one: tools that are offered are called, up to two in one turn; results of tools are repeated; anything else is echoed.
"""
import base64
import hashlib
import json
import re
from dataclasses import dataclass, field

from . import rules

_DIRECTIVE = re.compile(r"\[\[mock:(.*?)\]\]", re.S)


@dataclass
class Reply:
    blocks: list
    stop: str
    usage: dict
    deltas: int = 0
    gap: float = 0
    stop_sequence: str = ""
    extra: dict = field(default_factory=dict)


def directives(text):
    found = _DIRECTIVE.search(text)
    pairs = (part.partition("=") for part in found.group(1).split(";")) if found else ()
    return {key.strip(): value.strip() for key, _, value in pairs}


def last_user_text(messages):
    """The last text that a user wrote; results of tools that follow it do not count as one."""
    for message in reversed(messages):
        texts = [b["text"] for b in message["content"] if rules.kind_of(b) == "text"] if message["role"] == "user" else []
        if texts:
            return "\n".join(texts)
    return ""


def make(model, request, state, identifier):
    """`state` is the mock's: scripted replies and what is cached."""
    messages, text = request["messages"], last_user_text(request["messages"])
    order = directives(text)
    script = state.scripted(identifier, text)
    usage = _usage(model, request, state)
    blocks, stop = (script["blocks"], script.get("stopReason", "end_turn")) if script else _compose(model, request, order, text, messages)
    blocks, stop, sequence = _limits(request, blocks, order.get("stop", stop))
    usage["outputTokens"] = sum(rules.tokens_of(b) for b in blocks)
    usage["totalTokens"] = sum(usage.get(k, 0) for k in ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens"))
    if script and "usage" in script:
        usage |= script["usage"]
    return Reply(blocks, stop, usage, deltas=int(order.get("deltas", 0)), gap=float(order.get("gap", 0)) / 1000, stop_sequence=sequence)


def _compose(model, request, order, text, messages):
    blocks = []
    if rules.thinks(request):
        thought = f"Thinking about: {_short(_DIRECTIVE.sub('', text).strip(), 60)}"
        blocks.append({"reasoningContent": {"redactedContent": rules.redacted(thought)} if "redacted" in order
                       else {"reasoningText": {"text": thought, "signature": rules.sign(thought)}}})
    results = [b["toolResult"] for b in messages[-1]["content"] if b.get("toolResult")]
    if calls := _calls(request, order, results, len(messages)):
        return [*blocks, {"text": "I will use the tools."}, *calls], "tool_use"
    if schema := _schema(request):
        return [*blocks, {"text": json.dumps(instance(schema), ensure_ascii=False)}], "end_turn"
    return [*blocks, {"text": _say(order, text, results, messages)}], "end_turn"


def _calls(request, order, results, turn):
    config = request.get("toolConfig") or {}
    tools = [t["toolSpec"] for t in config.get("tools", []) if t.get("toolSpec")]
    choice = config.get("toolChoice") or {}
    if choice.get("tool"):
        tools = [t for t in tools if t["name"] == choice["tool"]["name"]]
    if not tools or (results and not choice.keys() & {"any", "tool"}):
        return []
    count = int(order.get("tools", min(2, len(tools))))
    return [{"toolUse": {"toolUseId": _call_id(turn, i, tools[i % len(tools)]["name"]), "name": tools[i % len(tools)]["name"],
                         "input": instance(tools[i % len(tools)]["inputSchema"]["json"])}} for i in range(count)]


def _call_id(turn, i, name):
    return "tooluse_" + hashlib.sha256(f"{turn}/{i}/{name}".encode()).hexdigest()[:22]


def _schema(request):
    form = (request.get("outputConfig") or {}).get("textFormat")
    return json.loads(form["structure"]["jsonSchema"]["schema"]) if form else None


def instance(schema, name="value"):
    """The simplest value that fits a JSON schema of the common kinds."""
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    if "anyOf" in schema:
        return instance(schema["anyOf"][0], name)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        wanted = schema.get("required") or list(schema.get("properties", {}))
        return {key: instance(schema.get("properties", {}).get(key, {}), key) for key in wanted}
    if kind == "array":
        return [instance(schema.get("items", {}), name)]
    return {"integer": 7, "number": 1.5, "boolean": True, "null": None}.get(kind, f"some {name} – “ü”")


def _say(order, text, results, messages):
    if "text" in order:
        return order["text"]
    if "words" in order:
        return " ".join(f"word{i}" for i in range(int(order["words"])))
    if results:
        return "Tool results: " + "; ".join(f"{r['toolUseId']}={r.get('status', 'success')}:{_result(r)}" for r in results)
    seen = [s for s in (_attachment(b) for b in messages[-1]["content"]) if s]
    return f"You said: {_short(_DIRECTIVE.sub('', text).strip(), 300)}" + "".join(f" [{s}]" for s in seen)


def _result(result):
    return " ".join(item["text"] if "text" in item else json.dumps(item.get("json"), sort_keys=True) if "json" in item else rules.kind_of(item) for item in result["content"])


def _attachment(block):
    kind = rules.kind_of(block)
    if kind not in ("image", "document"):
        return None
    source = block[kind]["source"]
    data = base64.b64decode(source["bytes"]) if "bytes" in source else json.dumps(source).encode()
    return f"{kind} {block[kind].get('format', '')} {len(data)} bytes {hashlib.sha256(data).hexdigest()[:8]}"


def _short(text, limit):
    return text if len(text) <= limit else text[:limit] + "…"


def _limits(request, blocks, stop):
    """max_tokens and stop sequences cut what would have come."""
    inference = request.get("inferenceConfig") or {}
    room = inference.get("maxTokens", 1 << 30) * 4
    kept = []
    for block in blocks:
        if rules.kind_of(block) != "text":
            kept.append(block)
            continue
        text = block["text"]
        for sequence in inference.get("stopSequences") or []:
            if sequence in text:
                return [*kept, {"text": text.partition(sequence)[0]}] if text.partition(sequence)[0] else kept, "stop_sequence", sequence
        raw = text.encode()
        if len(raw) > room:
            return [*kept, {"text": raw[:room].decode(errors="ignore")}], "max_tokens", ""
        room -= len(raw)
        kept.append(block)
    return kept, stop, ""


def _usage(model, request, state):
    """Input is what no cache point covers; what was seen before up to a cache point is read, the rest up to the last one written."""
    parts = [*((request.get("toolConfig") or {}).get("tools") or []), *(request.get("system") or [])]
    parts += [block for message in request["messages"] for block in message["content"]]
    total, read, covered, ttl, digest = 0, 0, 0, "5m", hashlib.sha256(model.id.encode())
    for part in parts:
        if part.get("cachePoint"):
            covered, ttl = total, part["cachePoint"].get("ttl") or "5m"
            if state.remember(digest.hexdigest()):
                read = total
            continue
        digest.update(json.dumps(part, sort_keys=True).encode())
        total += rules.tokens_of(part)
    rules.check_length(model, total)
    usage = {"inputTokens": total - covered}
    if any(part.get("cachePoint") for part in parts):
        usage |= {"cacheReadInputTokens": read, "cacheWriteInputTokens": covered - read}
        if covered > read:
            usage["cacheDetails"] = [{"ttl": ttl, "inputTokens": covered - read}]
    return usage
