"""What OpenAI demands of a request. Unlike many servers of its protocol it refuses what it does not know, and so does
this mock: a member that a client misspells must not look as if it worked.
https://platform.openai.com/docs/api-reference/chat/create"""

CHAT = {
    "model": str, "messages": list, "max_completion_tokens": int, "max_tokens": int, "temperature": (int, float),
    "top_p": (int, float), "frequency_penalty": (int, float), "presence_penalty": (int, float), "seed": int,
    "stop": (str, list), "logit_bias": dict, "tools": list, "tool_choice": (str, dict), "parallel_tool_calls": bool,
    "response_format": dict, "reasoning_effort": str, "service_tier": str, "verbosity": str, "user": str,
    "prompt_cache_key": str, "stream": bool, "stream_options": dict, "n": int,
}
EMBEDDINGS = {"model": str, "input": (str, list), "encoding_format": str, "dimensions": int, "user": str}
PARTS = {"text": "text", "image_url": "image_url", "file": "file", "input_audio": "input_audio", "refusal": "refusal"}


class Refused(Exception):
    def __init__(self, message, param=None, status=400, code=None, kind="invalid_request_error", headers=()):
        super().__init__(message)
        self.status, self.headers = status, dict(headers)
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


def check_members(body, known, required):
    for name in required:
        if name not in body:
            raise Refused(f"Missing required parameter: '{name}'.", name, code="missing_required_parameter")
    for name, value in body.items():
        if name not in known:
            raise Refused(f"Unknown parameter: '{name}'.", name, code="unknown_parameter")
        wanted = known[name]
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise Refused(f"Invalid type for '{name}'.", name, code="invalid_type")


def check_content(message, where):
    content = message.get("content")
    if content is None and message["role"] == "assistant" and ("tool_calls" in message or "refusal" in message):
        return
    if isinstance(content, str):
        return
    if not isinstance(content, list) or not content:
        raise Refused(f"Invalid '{where}.content'.", f"{where}.content")
    for i, part in enumerate(content):
        if part.get("type") not in PARTS or PARTS[part["type"]] not in part:
            raise Refused(f"Invalid '{where}.content[{i}]'.", f"{where}.content[{i}]")


def check_messages(messages):
    if not messages:
        raise Refused("'messages' must not be empty.", "messages")
    waiting = set()
    for i, message in enumerate(messages):
        where, role = f"messages[{i}]", message.get("role")
        if role == "tool":
            if message.get("tool_call_id") not in waiting:
                raise Refused("A tool message must answer a preceding tool call.", f"{where}.tool_call_id")
            waiting.discard(message["tool_call_id"])
        elif waiting:
            raise Refused(f"No tool message answers {sorted(waiting)}.", where)
        elif role not in ("system", "developer", "user", "assistant"):
            raise Refused(f"Invalid value: '{role}'.", f"{where}.role")
        check_content(message, where)
        for call in message.get("tool_calls", ()):
            waiting.add(call["id"])
    if waiting:
        raise Refused(f"No tool message answers {sorted(waiting)}.", "messages")


def check_chat(body):
    check_members(body, CHAT, ("model", "messages"))
    if body.get("n", 1) != 1:
        raise Refused("only n=1", "n")
    if "stream_options" in body and not body.get("stream"):
        raise Refused("'stream_options' needs 'stream'.", "stream_options")
    check_messages(body["messages"])


def check_embeddings(body):
    check_members(body, EMBEDDINGS, ("model", "input"))
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    if not texts or len(texts) > 2048 or any(not isinstance(t, str) or not t for t in texts):
        raise Refused("'input' must be 1 to 2048 texts that are not empty.", "input")
    return texts
