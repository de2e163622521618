"""What arrived at a provider, in the words of Converse, and how it is told what to reply."""
import base64
import json

from mock_bedrock import claude

STOPS = {"end_turn": "stop", "tool_use": "tool_calls", "max_tokens": "length", "content_filtered": "content_filter"}


class Bedrock:
    name, fixture, operation = "converse", "bedrock_mock", "Converse"
    model = "us.anthropic.claude-sonnet-4-20250514-v1:0"

    def faulty(self, status, kind):
        return f"{self.model}.fault.status-{status}.type-{kind}"

    def prepare(self, mock, case):
        mock.reset()
        mock.reply(text="x", blocks=case.blocks, stopReason=case.stop, usage=case.usage)

    def arrived(self, mock):
        record, = mock.attempts()
        assert record["operation"].startswith(self.operation) and record["status"] == 200, record
        return self.request_of(record["body"])

    def request_of(self, body):
        return body


class BedrockInvoke(Bedrock):
    """The same models in Claude's own words: the settings of the server say that this one is asked so."""
    name, operation, model = "invoke", "InvokeModel", "eu.anthropic.claude-sonnet-4-20250514-v1:0"

    def request_of(self, body):
        return claude.to_converse(body)


class OpenAI:
    name, fixture, model = "openai", "openai_mock", "openai/echo"

    def faulty(self, status, kind):
        return f"openai/echo.status-{status}"

    def prepare(self, mock, case):
        mock.reset()
        text = "".join(b.get("text", "") for b in case.blocks)
        calls = [{"id": b["toolUse"]["toolUseId"], "type": "function", "function": {"name": b["toolUse"]["name"], "arguments": json.dumps(b["toolUse"]["input"])}}
                 for b in case.blocks if "toolUse" in b]
        read, written = case.usage.get("cacheReadInputTokens", 0), case.usage.get("cacheWriteInputTokens", 0)
        prompt = case.usage["inputTokens"] + read + written
        usage = {"prompt_tokens": prompt, "completion_tokens": case.usage["outputTokens"], "total_tokens": prompt + case.usage["outputTokens"],
                 "prompt_tokens_details": {"cached_tokens": read, "cache_write_tokens": written}}
        mock.reply({"role": "assistant", "content": text or None} | ({"tool_calls": calls} if calls else {}), STOPS[case.stop], usage)

    def arrived(self, mock):
        record, = mock.attempts("/v1/chat/completions")
        body = record["body"]
        request = {"messages": []}
        for message in body["messages"]:
            if message["role"] in ("system", "developer"):
                request.setdefault("system", []).extend(_parts(message["content"]))
            elif message["role"] == "tool":
                result = {"toolResult": {"toolUseId": message["tool_call_id"], "content": _parts(message["content"])}}
                if request["messages"][-1]["role"] != "user":
                    request["messages"].append({"role": "user", "content": []})
                request["messages"][-1]["content"].append(result)
            else:
                calls = [{"toolUse": {"toolUseId": c["id"], "name": c["function"]["name"], "input": json.loads(c["function"]["arguments"])}} for c in message.get("tool_calls", ())]
                request["messages"].append({"role": message["role"], "content": _parts(message.get("content")) + calls})
        names = {"max_completion_tokens": "maxTokens", "max_tokens": "maxTokens", "temperature": "temperature", "top_p": "topP", "stop": "stopSequences"}
        request["inferenceConfig"] = {ours: body[theirs] for theirs, ours in names.items() if theirs in body}
        if "tools" in body:
            request["toolConfig"] = {"tools": [{"toolSpec": {"name": t["function"]["name"], "description": t["function"]["description"],
                                                             "inputSchema": {"json": t["function"]["parameters"]}}} for t in body["tools"]]}
            choice = body.get("tool_choice", "auto")
            if choice != "auto":
                request["toolConfig"]["toolChoice"] = {"any": {}} if choice == "required" else {"tool": {"name": choice["function"]["name"]}}
        return request


def _parts(content):
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [{"text": content}]
    return [{"text": p["text"]} if p["type"] == "text" else _image(p["image_url"]["url"]) for p in content]


def _image(url):
    head, _, data = url.partition(";base64,")
    base64.b64decode(data, validate=True)
    return {"image": {"format": head.removeprefix("data:image/"), "source": {"bytes": data}}}


PROVIDERS = [Bedrock(), BedrockInvoke(), OpenAI()]
SETTINGS = {"CAPROCK_BEDROCK_INVOKE_MODELS": f"{BedrockInvoke.model}=claude"}


def normal(request):
    """A conversation without what says nothing: defaults, empty members, how texts are divided where nothing stands between."""
    out = {"messages": [{"role": m["role"], "content": _joined(m["content"])} for m in request["messages"]], "system": _joined(request.get("system") or []),
           "settings": {k: v for k, v in (request.get("inferenceConfig") or {}).items() if v not in (None, [])}}
    tools = request.get("toolConfig") or {}
    choice = tools.get("toolChoice")
    out["tools"], out["choice"] = _joined(tools.get("tools") or []), None if choice in (None, {"auto": {}}) else choice
    out["thinking"] = ((request.get("additionalModelRequestFields") or {}).get("thinking") or {}).get("budget_tokens")
    return out


def _joined(blocks):
    kept = []
    for block in blocks:
        block = {k: v for k, v in block.items() if v is not None}
        if "toolResult" in block:
            result = block["toolResult"]
            block = {"toolResult": {"toolUseId": result["toolUseId"], "content": _joined(result["content"]), "status": result.get("status") or "success"}}
        if "cachePoint" in block:
            block = {"cachePoint": {"type": "default", "ttl": block["cachePoint"].get("ttl") or "5m"}}
        kept.append(block)
    return kept
