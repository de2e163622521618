"""InvokeModel of the families that take a list of messages of their own: Jamba, Mistral's chat, Cohere's Command R.

Bodies are turned into Converse's words for the common rules, and replies back.
"""
import json

from . import converse, replies, rules
from .prompts import _checked, _reason, malformed


def _call_text(call):
    return {"toolUse": {"toolUseId": call["id"], "name": call["function"]["name"], "input": json.loads(call["function"]["arguments"])}}


def _content(content, where):
    if isinstance(content, str):
        return [{"text": content}] if content else []
    if not isinstance(content, list):
        raise malformed(f"{where}: expected type: String, found: {type(content).__name__}")
    blocks = []
    for part in content:
        if part["type"] == "text":
            blocks.append({"text": part["text"]})
        else:
            kind, _, data = part["image_url"]["url"].removeprefix("data:image/").partition(";base64,")
            blocks.append({"image": {"format": kind, "source": {"bytes": data}}})
    return blocks


def _openai_messages(body, lists):
    """Messages of OpenAI's form; `lists`: content may be a list of parts."""
    if not isinstance(body["messages"], list) or not body["messages"]:
        raise malformed("#/messages: expected minimum item count: 1, found: 0")
    system, messages = [], []
    for i, message in enumerate(body["messages"]):
        where = f"#/messages/{i}"
        _checked(message, ("role", "content", "tool_calls", "tool_call_id"), ("role", "content"), where)
        if not lists and not isinstance(message["content"], str):
            raise malformed(f"{where}/content: expected type: String, found: {type(message['content']).__name__}")
        if message["role"] == "system":
            system.append({"text": message["content"]})
            continue
        if message["role"] == "tool":
            role, blocks = "user", [{"toolResult": {"toolUseId": message["tool_call_id"], "content": [{"text": message["content"]}]}}]
        else:
            role = message["role"]
            if role not in ("user", "assistant"):
                raise malformed(f"{where}/role: {role} is not a valid enum value")
            blocks = _content(message["content"], f"{where}/content") + [_call_text(c) for c in message.get("tool_calls") or []]
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"] += blocks
        else:
            messages.append({"role": role, "content": blocks})
    return system, messages


def _inference(body, limit, stops):
    out = {}
    if body.get(limit) is not None:
        if isinstance(body[limit], bool) or not isinstance(body[limit], int):
            raise malformed(f"#/{limit}: expected type: Integer, found: {type(body[limit]).__name__}")
        out["maxTokens"] = body[limit]
    if body.get(stops):
        out["stopSequences"] = [body[stops]] if isinstance(body[stops], str) else body[stops]
    return out


def _openai_tools(body):
    tools = [{"toolSpec": {"name": t["function"]["name"], "inputSchema": {"json": t["function"]["parameters"]}}} for t in body.get("tools") or []]
    choice = body.get("tool_choice", "auto")
    if choice not in ("auto", "any", "none"):
        raise malformed(f"#/tool_choice: {choice} is not a valid enum value")
    return {"toolConfig": {"tools": tools, "toolChoice": {choice: {}}}} if tools and choice != "none" else {}


class _OpenAiLike:
    known, lists, finish = (), False, "finish_reason"

    def request(self, body):
        _checked(body, self.known, ("messages",))
        system, messages = _openai_messages(body, self.lists)
        return {"messages": messages, "system": system, "inferenceConfig": _inference(body, "max_tokens", "stop")} | _openai_tools(body)

    def _message(self, reply):
        text = "".join(b.get("text", "") for b in reply.blocks)
        calls = [{"id": b["toolUse"]["toolUseId"], "type": "function", "function": {"name": b["toolUse"]["name"], "arguments": json.dumps(b["toolUse"]["input"])}}
                 for b in reply.blocks if b.get("toolUse")]
        return {"role": "assistant", "content": text} | ({"tool_calls": calls} if calls else {})

    def _finish(self, reply):
        return "tool_calls" if reply.stop == "tool_use" else _reason(reply.stop, "length", "stop")

    def _usage(self, usage):
        return {"usage": {"prompt_tokens": usage["inputTokens"], "completion_tokens": usage["outputTokens"], "total_tokens": usage["totalTokens"]}}

    def document(self, reply):
        return {"id": "chat-mock", "choices": [{"index": 0, "message": self._message(reply), self.finish: self._finish(reply)}]} | self._usage(reply.usage)

    def events(self, reply):
        message = self._message(reply)
        for part in converse.pieces(message["content"], reply.deltas):
            yield self._chunk({"role": "assistant", "content": part}, None)
        last = {"role": "assistant", "content": ""} | ({"tool_calls": message["tool_calls"]} if "tool_calls" in message else {})
        yield self._chunk(last, self._finish(reply)) | self._usage(reply.usage)

    def _chunk(self, delta, finish):
        return {"id": "chat-mock", "choices": [{"index": 0, "delta": delta, self.finish: finish}]}


class Jamba(_OpenAiLike):
    known = ("messages", "max_tokens", "temperature", "top_p", "stop", "n", "frequency_penalty", "presence_penalty", "tools", "documents", "response_format")


class MistralChat(_OpenAiLike):
    """Its end is stop_reason, its chunks have a message, and the tokens stand in the headers and the figures of the invocation."""
    known, lists, finish = ("messages", "max_tokens", "temperature", "top_p", "tools", "tool_choice"), True, "stop_reason"

    def _usage(self, usage):
        return {}

    def _chunk(self, delta, finish):
        return {"choices": [{"index": 0, "message": delta, self.finish: finish}]}


class CohereChat:
    def request(self, body):
        _checked(body, ("message", "chat_history", "documents", "search_queries_only", "preamble", "max_tokens", "temperature", "p", "k", "prompt_truncation",
                        "frequency_penalty", "presence_penalty", "seed", "return_prompt", "tools", "tool_results", "stop_sequences", "raw_prompting"), ("message",))
        messages = []
        for i, said in enumerate(body.get("chat_history") or []):
            _checked(said, ("role", "message"), ("role", "message"), f"#/chat_history/{i}")
            if said["role"] not in ("USER", "CHATBOT"):
                raise malformed(f"#/chat_history/{i}/role: {said['role']} is not a valid enum value")
            messages.append({"role": "user" if said["role"] == "USER" else "assistant", "content": [{"text": said["message"]}]})
        messages.append({"role": "user", "content": [{"text": body["message"]}]})
        request = {"messages": messages, "inferenceConfig": _inference(body, "max_tokens", "stop_sequences")}
        if body.get("preamble"):
            request["system"] = [{"text": body["preamble"]}]
        if body.get("tools"):
            request["toolConfig"] = {"tools": [{"toolSpec": {"name": t["name"], "inputSchema": {"json": self._schema(t, i)}}} for i, t in enumerate(body["tools"])]}
        if body.get("tool_results"):
            calls = [{"toolUse": {"toolUseId": f"call{i}", "name": r["call"]["name"], "input": r["call"]["parameters"]}} for i, r in enumerate(body["tool_results"])]
            results = [{"toolResult": {"toolUseId": f"call{i}", "content": [{"text": json.dumps(o) if "text" not in o else o["text"]} for o in r["outputs"]]}} for i, r in enumerate(body["tool_results"])]
            request["messages"] += [{"role": "assistant", "content": calls}, {"role": "user", "content": results}]
        return request

    @staticmethod
    def _schema(tool, i):
        for name, about in tool.get("parameter_definitions", {}).items():
            _checked(about, ("description", "type", "required"), ("type",), f"#/tools/{i}/parameter_definitions/{name}")
        kinds = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
        return {"type": "object", "properties": {n: {"type": kinds[a["type"]]} for n, a in tool.get("parameter_definitions", {}).items()}}

    def _calls(self, reply):
        return [{"name": b["toolUse"]["name"], "parameters": b["toolUse"]["input"]} for b in reply.blocks if b.get("toolUse")]

    def document(self, reply):
        text, calls = "".join(b.get("text", "") for b in reply.blocks), self._calls(reply)
        return {"response_id": "mock", "generation_id": "mock-generation", "text": text, "chat_history": [], "finish_reason": _reason(reply.stop, "MAX_TOKENS", "COMPLETE")} | ({"tool_calls": calls} if calls else {})

    def events(self, reply):
        yield {"event_type": "stream-start", "is_finished": False, "generation_id": "mock-generation"}
        for part in converse.pieces("".join(b.get("text", "") for b in reply.blocks), reply.deltas):
            yield {"event_type": "text-generation", "is_finished": False, "text": part}
        if calls := self._calls(reply):
            yield {"event_type": "tool-calls-generation", "is_finished": False, "tool_calls": calls}
        yield {"event_type": "stream-end", "is_finished": True, "finish_reason": _reason(reply.stop, "MAX_TOKENS", "COMPLETE"), "response": self.document(reply)}


FAMILIES = {"jamba": Jamba(), "mistral_chat": MistralChat(), "cohere_chat": CohereChat()}


def prepare(model, body, identifier, state):
    request = FAMILIES[model.family].request(body)
    rules.check_conversation(model, request)
    return replies.make(model, request, state, identifier)


def document(model, reply):
    return FAMILIES[model.family].document(reply)


def events(model, reply):
    yield from FAMILIES[model.family].events(reply)
