"""What the mock says: the same to the same question, and by the model's name."""
import hashlib
import json
import math
import re

MODELS = ("grounded", "liar", "echo", "tools", "thinker", "refuser", "text-embedding-3-small")
PASSAGE = re.compile(r'<(passage-[0-9a-f]+) ref="(\d+)"[^>]*>\n(.*?)\n</\1>', re.S)


def text_of(message):
    content = message.get("content") or ""
    return content if isinstance(content, str) else " ".join(p.get("text", "") for p in content)


def last_user(messages):
    return text_of(next(m for m in reversed(messages) if m["role"] == "user"))


def words(text):
    return set(re.findall(r"\w+", text.lower()))


def grounded(messages, honest=True):
    """The sentence of the passages that shares most words with the question, quoted as Caprock asks for it."""
    prompt = last_user(messages)
    question = prompt.rsplit("Question: ", 1)[-1]
    found = [(len(words(s) & words(question)), int(ref), s.strip())
             for _, ref, content in PASSAGE.findall(prompt) for s in re.split(r"(?<=[.!?])\s+", content)]
    if not found:
        return json.dumps({"explanation": "", "quotes": [], "answer": "is_blank", "answer_value": "is_blank", "ref_id": []})
    _, ref, sentence = max(found, key=lambda f: f[0])
    quote = sentence if honest else "The moon is made of green cheese, as everyone knows."
    return json.dumps({"explanation": "It is said in so many words.", "quotes": [{"ref": ref, "quote": quote}],
                       "answer": f"{quote} [{ref}]", "answer_value": "is_blank", "ref_id": [ref]})


def plan(messages):
    return json.dumps({"question": last_user(messages).rsplit("User: ", 1)[-1], "queries": []})


def tool_calls(body):
    if not body.get("tools") or any(m["role"] == "tool" for m in body["messages"]):
        return []
    return [{"id": f"call_{i}", "type": "function",
             "function": {"name": t["function"]["name"], "arguments": json.dumps({"n": i})}}
            for i, t in enumerate(body["tools"][:2])]


def reply(body):
    """The message of an answer, and its finish_reason."""
    model, messages = body["model"].split(".")[0], body["messages"]
    if model in ("grounded", "liar"):
        is_plan = "You prepare searches" in text_of(messages[0])
        text = plan(messages) if is_plan else grounded(messages, model == "grounded")
        return {"role": "assistant", "content": text}, "stop"
    if model == "tools" and (calls := tool_calls(body)):
        return {"role": "assistant", "content": None, "tool_calls": calls}, "tool_calls"
    if model == "tools":
        results = [text_of(m) for m in messages if m["role"] == "tool"]
        return {"role": "assistant", "content": "Results: " + ", ".join(results)}, "stop"
    if model == "thinker":
        return {"role": "assistant", "content": "So it is.", "reasoning_content": "Let me think."}, "stop"
    if model == "refuser":
        return {"role": "assistant", "content": None, "refusal": "I cannot help with that."}, "stop"
    images = sum(p.get("type") == "image_url" for m in messages if isinstance(m.get("content"), list) for p in m["content"])
    return {"role": "assistant", "content": last_user(messages) + (f" [{images} images]" if images else "")}, "stop"


def usage(body, message):
    prompt = sum(len(text_of(m).split()) for m in body["messages"])
    completion = len((message.get("content") or "x").split())
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": 0}, "completion_tokens_details": {"reasoning_tokens": 0}}


def deltas(message):
    """The message in pieces, as a stream has them."""
    yield {"role": "assistant", "content": ""}
    for name in ("reasoning_content", "content", "refusal"):
        text = message.get(name) or ""
        for at in range(0, len(text), 7):
            yield {name: text[at:at + 7]}
    for index, call in enumerate(message.get("tool_calls", ())):
        arguments = call["function"]["arguments"]
        yield {"tool_calls": [{"index": index, "id": call["id"], "type": "function",
                               "function": {"name": call["function"]["name"], "arguments": ""}}]}
        for at in range(0, len(arguments), 3):
            yield {"tool_calls": [{"index": index, "function": {"arguments": arguments[at:at + 3]}}]}


def vector(text, dimension):
    """Texts that share words are near each other."""
    values = [0.0] * dimension
    for word in words(text):
        values[int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % dimension] += 1.0
    length = math.sqrt(sum(v * v for v in values)) or 1.0
    return [v / length for v in values]
