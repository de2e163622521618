"""A case in a surface's words, and its answer in common terms: {text, calls, reasoning, signature, stop, usage}."""
import json
from dataclasses import dataclass, field

from botocore.eventstream import EventStreamBuffer

from mock_bedrock import claude


@dataclass
class Outcome:
    text: str = ""
    calls: list = field(default_factory=list)
    reasoning: str = ""
    signature: str = ""
    stop: str | None = None
    usage: dict = field(default_factory=dict)


def used(input, output, read=0, written=0):
    return {"input": input, "output": output, "read": read or 0, "written": written or 0}


def sse(text):
    for block in text.split("\n\n"):
        data = [line[6:] for line in block.split("\n") if line.startswith("data: ")]
        if data and data[0] != "[DONE]":
            yield json.loads(data[0])


class Surface:
    streams = (False, True)

    def says(self, case):
        """Whether the surface has words for a case at all."""
        return True


class Bedrock(Surface):
    name = "bedrock"
    stops = {s: s for s in ("end_turn", "tool_use", "max_tokens", "content_filtered")}

    def post(self, client, model, request, stream):
        path = "/model/" + model.replace(":", "%3A").replace("/", "%2F") + ("/converse-stream" if stream else "/converse")
        return client.post(path, json=request)

    def refusal(self, answer):
        assert answer.headers["x-amzn-errortype"] == "ValidationException", answer.headers
        return answer.json()["message"]

    def whole(self, answer):
        body = answer.json()
        return self._outcome(body["output"]["message"]["content"], body["stopReason"], body["usage"])

    def streamed(self, answer):
        buffer, blocks, stop, usage = EventStreamBuffer(), {}, None, None
        buffer.add_data(answer.content)
        for message in buffer:
            event = json.loads(message.payload)
            assert message.headers[":message-type"] == "event", event
            kind = message.headers[":event-type"]
            block = blocks.setdefault(event.get("contentBlockIndex"), {})
            if kind == "contentBlockStart":
                block["toolUse"] = event["start"]["toolUse"] | {"input": ""}
            elif kind == "contentBlockDelta":
                self._add(block, event["delta"])
            stop, usage = event.get("stopReason", stop), event.get("usage", usage)
        for block in blocks.values():
            if "toolUse" in block:
                block["toolUse"]["input"] = json.loads(block["toolUse"]["input"])
        return self._outcome(list(blocks.values()), stop, usage)

    @staticmethod
    def _add(block, delta):
        if "toolUse" in delta:
            block["toolUse"]["input"] += delta["toolUse"]["input"]
        elif "text" in delta:
            block["text"] = block.get("text", "") + delta["text"]
        else:
            text = block.setdefault("reasoningContent", {"reasoningText": {}})["reasoningText"]
            for name, piece in delta["reasoningContent"].items():
                text[name] = text.get(name, "") + piece

    @staticmethod
    def _outcome(blocks, stop, usage):
        thoughts = [b["reasoningContent"]["reasoningText"] for b in blocks if "reasoningContent" in b]
        return Outcome("".join(b.get("text", "") for b in blocks), [(b["toolUse"]["toolUseId"], b["toolUse"]["name"], b["toolUse"]["input"]) for b in blocks if "toolUse" in b],
                       "".join(t["text"] for t in thoughts), "".join(t.get("signature", "") for t in thoughts), stop,
                       used(usage["inputTokens"], usage["outputTokens"], usage.get("cacheReadInputTokens"), usage.get("cacheWriteInputTokens")))


class OpenAIChat(Surface):
    name = "chat"
    stops = {"end_turn": "stop", "tool_use": "tool_calls", "max_tokens": "length", "content_filtered": "content_filter"}

    def post(self, client, model, request, stream):
        settings = request.get("inferenceConfig", {})
        body = {"model": model, "messages": ([{"role": "system", "content": self._parts(request["system"])}] if "system" in request else []) + list(self._messages(request))}
        for ours, theirs in (("maxTokens", "max_completion_tokens"), ("temperature", "temperature"), ("topP", "top_p"), ("stopSequences", "stop")):
            if ours in settings:
                body[theirs] = settings[ours]
        if tools := request.get("toolConfig"):
            body["tools"] = [{"type": "function", "function": {"name": t["toolSpec"]["name"], "description": t["toolSpec"]["description"],
                                                               "parameters": t["toolSpec"]["inputSchema"]["json"]}} for t in tools["tools"]]
            choice = tools.get("toolChoice", {"auto": {}})
            body["tool_choice"] = {"type": "function", "function": choice["tool"]} if "tool" in choice else "required" if "any" in choice else "auto"
        if thinking := request.get("additionalModelRequestFields", {}).get("thinking"):
            body["reasoning"] = {"max_tokens": thinking["budget_tokens"]}
        if stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        return client.post("/v1/chat/completions", json=body)

    def _messages(self, request):
        for message in request["messages"]:
            results = [b["toolResult"] for b in message["content"] if "toolResult" in b]
            yield from ({"role": "tool", "tool_call_id": r["toolUseId"], "content": r["content"][0]["text"]} for r in results)
            rest = [b for b in message["content"] if "toolResult" not in b]
            if rest:
                yield self._message(message["role"], rest)

    def _message(self, role, blocks):
        said = {"role": role, "content": self._parts([b for b in blocks if b.keys() & {"text", "image", "cachePoint"}])}
        calls = [{"id": b["toolUse"]["toolUseId"], "type": "function", "function": {"name": b["toolUse"]["name"], "arguments": json.dumps(b["toolUse"]["input"])}}
                 for b in blocks if "toolUse" in b]
        thoughts = [b["reasoningContent"]["reasoningText"] for b in blocks if "reasoningContent" in b]
        details = [{"type": "reasoning.text", "text": t["text"], "signature": t["signature"], "format": "anthropic-claude-v1", "index": i} for i, t in enumerate(thoughts)]
        return said | ({"tool_calls": calls} if calls else {}) | ({"reasoning_details": details} if details else {})

    @staticmethod
    def _parts(blocks):
        parts = []
        for block in blocks:
            if "cachePoint" in block:
                ttl = block["cachePoint"].get("ttl")
                parts[-1]["cache_control"] = {"type": "ephemeral"} | ({"ttl": ttl} if ttl else {})
            elif "image" in block:
                image = block["image"]
                parts.append({"type": "image_url", "image_url": {"url": f"data:image/{image['format']};base64,{image['source']['bytes']}"}})
            else:
                parts.append({"type": "text", "text": block["text"]})
        return parts

    def refusal(self, answer):
        error = answer.json()["error"]
        assert error["type"] == "invalid_request_error", error
        return f"{error['param']} {error['message']}"

    def whole(self, answer):
        body = answer.json()
        choice = body["choices"][0]
        return self._outcome(choice["message"], choice["finish_reason"], body["usage"])

    def streamed(self, answer):
        message, calls, details, stop, usage = {"content": "", "reasoning_content": ""}, {}, {}, None, None
        for chunk in sse(answer.text):
            assert "error" not in chunk, chunk
            usage = chunk.get("usage") or usage
            for choice in chunk["choices"]:
                stop = choice["finish_reason"] or stop
                delta = choice["delta"]
                for name in ("content", "reasoning_content"):
                    message[name] += delta.get(name) or ""
                for call in delta.get("tool_calls", ()):
                    known = calls.setdefault(call["index"], {"id": call.get("id"), "function": {"name": "", "arguments": ""}})
                    for name, piece in call["function"].items():
                        known["function"][name] += piece
                for detail in delta.get("reasoning_details", ()):
                    known = details.setdefault(detail.get("index", 0), {})
                    known["signature"] = known.get("signature", "") + (detail.get("signature") or "")
        return self._outcome(message | {"tool_calls": list(calls.values()), "reasoning_details": list(details.values())}, stop, usage)

    @staticmethod
    def _outcome(message, stop, usage):
        details = usage.get("prompt_tokens_details") or {}
        read, written = details.get("cached_tokens", 0), details.get("cache_write_tokens", 0) or 0
        return Outcome(message.get("content") or "", [(c["id"], c["function"]["name"], json.loads(c["function"]["arguments"])) for c in message.get("tool_calls") or ()],
                       message.get("reasoning_content") or "", "".join(d.get("signature") or "" for d in message.get("reasoning_details") or ()), stop,
                       used(usage["prompt_tokens"] - read - written, usage["completion_tokens"], read, written))


class Anthropic(Surface):
    name = "anthropic"
    stops = {"end_turn": "end_turn", "tool_use": "tool_use", "max_tokens": "max_tokens", "content_filtered": "refusal"}

    def post(self, client, model, request, stream):
        settings = request.get("inferenceConfig", {})
        body = {"model": model, "max_tokens": settings["maxTokens"], "messages": [{"role": m["role"], "content": self._blocks(m["content"])} for m in request["messages"]]}
        for ours, theirs in (("temperature", "temperature"), ("topP", "top_p"), ("stopSequences", "stop_sequences")):
            if ours in settings:
                body[theirs] = settings[ours]
        if "system" in request:
            body["system"] = self._blocks(request["system"])
        if tools := request.get("toolConfig"):
            body["tools"] = [{"name": t["toolSpec"]["name"], "description": t["toolSpec"]["description"], "input_schema": t["toolSpec"]["inputSchema"]["json"]} for t in tools["tools"]]
            if choice := tools.get("toolChoice"):
                body["tool_choice"] = {"type": "tool", "name": choice["tool"]["name"]} if "tool" in choice else {"type": "any"}
        body |= request.get("additionalModelRequestFields", {})
        return client.post("/v1/messages", json=body | ({"stream": True} if stream else {}), headers={"anthropic-version": "2023-06-01"})

    @staticmethod
    def _blocks(blocks):
        out = []
        for block in blocks:
            if "cachePoint" in block:
                ttl = block["cachePoint"].get("ttl")
                out[-1]["cache_control"] = {"type": "ephemeral"} | ({"ttl": ttl} if ttl else {})
            elif "image" in block:
                out.append({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": block["image"]["source"]["bytes"]}})
            elif "toolResult" in block:
                out.append({"type": "tool_result", "tool_use_id": block["toolResult"]["toolUseId"], "content": block["toolResult"]["content"][0]["text"]})
            else:
                out.append(claude._written(block))
        return out

    def refusal(self, answer):
        error = answer.json()["error"]
        assert error["type"] == "invalid_request_error", error
        return error["message"]

    def whole(self, answer):
        body = answer.json()
        return self._outcome(body["content"], body["stop_reason"], body["usage"])

    def streamed(self, answer):
        blocks, stop, usage = {}, None, {}
        for event in sse(answer.text):
            kind = event["type"]
            assert kind != "error", event
            if kind == "message_start":
                usage |= event["message"]["usage"]
            elif kind == "content_block_start":
                blocks[event["index"]] = event["content_block"] | ({"input": ""} if event["content_block"]["type"] == "tool_use" else {})
            elif kind == "content_block_delta":
                self._add(blocks[event["index"]], event["delta"])
            elif kind == "message_delta":
                stop = event["delta"]["stop_reason"]
                usage |= {k: v for k, v in event["usage"].items() if v is not None}
        for block in blocks.values():
            if block["type"] == "tool_use":
                block["input"] = json.loads(block["input"] or "{}")
        return self._outcome(list(blocks.values()), stop, usage)

    @staticmethod
    def _add(block, delta):
        name = {"text_delta": "text", "input_json_delta": "partial_json", "thinking_delta": "thinking", "signature_delta": "signature"}[delta["type"]]
        into = "input" if name == "partial_json" else name
        block[into] = block.get(into, "") + delta[name]

    @staticmethod
    def _outcome(blocks, stop, usage):
        def of(kind):
            return [b for b in blocks if b["type"] == kind]
        return Outcome("".join(b["text"] for b in of("text")), [(b["id"], b["name"], b["input"]) for b in of("tool_use")], "".join(b["thinking"] for b in of("thinking")),
                       "".join(b["signature"] for b in of("thinking")), stop,
                       used(usage["input_tokens"], usage["output_tokens"], usage.get("cache_read_input_tokens"), usage.get("cache_creation_input_tokens")))


class Rest:
    """/generate: a prompt and its settings; it has words for no more, and no stream."""
    name, streams = "rest", (False,)
    stops = Bedrock.stops

    def says(self, case):
        blocks = case.request["messages"][0]["content"]
        return set(case.request) == {"messages", "inferenceConfig"} and len(case.request["messages"]) == len(blocks) == 1 and "text" in blocks[0]

    def post(self, client, model, request, stream):
        settings = request["inferenceConfig"]
        names = {"max_tokens": "maxTokens", "temperature": "temperature", "top_p": "topP", "stop_sequences": "stopSequences"}
        body = {"prompt": request["messages"][0]["content"][0]["text"], "model_preference": model}
        return client.post("/generate", json=body | {theirs: settings[ours] for theirs, ours in names.items() if ours in settings})

    def refusal(self, answer):
        return answer.json()["error"]["message"]

    def whole(self, answer):
        body = answer.json()
        usage = body["metadata"]["token_usage"]
        stop = body["metadata"]["stop_reason"]
        return Outcome(body["text"], stop="content_filtered" if stop == "refusal" else stop,  # Claude's own word for it, which is kept
                       usage=used(usage["input"], usage["output"], usage.get("cache_read"), usage.get("cache_write")))


SURFACES = [Bedrock(), OpenAIChat(), Anthropic(), Rest()]
