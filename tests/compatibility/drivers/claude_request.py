"""A call in the words of Anthropic's Messages."""


def request_of(call):
    content = [{"type": "text", "text": call["text"]}]
    if call.get("image"):
        content.append({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": call["image"]}})
    request = {"model": call["model"], "max_tokens": call["max_tokens"], "messages": [{"role": "user", "content": content}]}
    if call.get("system"):
        request["system"] = [{"type": "text", "text": call["system"]} | ({"cache_control": {"type": "ephemeral"}} if call.get("cache_system") else {})]
    if call.get("tools"):
        request["tools"] = [{"name": t["name"], "description": t["description"], "input_schema": t["schema"]} for t in call["tools"]]
    if call.get("thinking"):
        request["thinking"] = {"type": "enabled", "budget_tokens": call["thinking"]}
    return request
