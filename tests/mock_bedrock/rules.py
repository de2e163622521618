"""What Bedrock demands of a conversation beyond its shapes. Wording as Bedrock's where it is known."""
import base64
import hashlib
import hmac
import json

from .errors import AwsError, model_said, validation

_MAGIC = {"png": (b"\x89PNG\r\n\x1a\n",), "jpeg": (b"\xff\xd8\xff",), "gif": (b"GIF87a", b"GIF89a"), "webp": (b"RIFF",)}
_IMAGE_TOKENS = 258
_SIGNING_KEY = b"signs the thoughts of the mock"


def sign(text):
    return base64.b64encode(hmac.new(_SIGNING_KEY, text.encode(), hashlib.sha512).digest()).decode()


def redacted(text):
    return base64.b64encode(b"redacted:" + text.encode()[::-1]).decode()


def kind_of(block):
    return next((k for k, v in block.items() if v is not None), "")


def text_tokens(text):
    return (len(text.encode()) + 3) // 4


def tokens_of(block):
    """An estimate that is the same every time: four bytes a token, a fixed price for a picture."""
    kind = kind_of(block)
    if kind == "text":
        return text_tokens(block["text"])
    if kind == "cachePoint":
        return 0
    if kind == "image":
        return _IMAGE_TOKENS
    if kind == "toolResult":
        return sum(tokens_of(item) for item in block["toolResult"]["content"])
    return text_tokens(json.dumps(block, ensure_ascii=False))


def check_conversation(model, request):
    messages = request["messages"] if "messages" in request else []
    if not messages:
        raise validation("A conversation must have at least one message. Try again with a conversation that has at least one message.")
    if messages[0]["role"] != "user":
        raise validation("A conversation must start with a user message. Try again with a conversation that starts with a user message.")
    for i, message in enumerate(messages):
        _check_message(model, request, messages, i, message)
    if open_calls := _calls(messages[-1]):
        raise validation(f"Expected toolResult blocks at messages.{len(messages)}.content for the following Ids: {', '.join(open_calls)}")
    for i, block in enumerate(request.get("system") or []):
        if kind_of(block) == "text" and not block["text"].strip():
            raise validation(f"The text field in the SystemContentBlock object at system.{i} is blank. Add text to the text field, and try again.")
    _check_settings(model, request)


def _check_message(model, request, messages, i, message):
    if i and messages[i - 1]["role"] == message["role"]:
        raise validation("A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.")
    if not message["content"]:
        raise validation(f"The content field in the Message object at messages.{i} is empty. Add a ContentBlock object to the content field and try again.")
    for j, block in enumerate(message["content"]):
        _check_block(model, request, f"messages.{i}.content.{j}", message["role"], block)
    _check_results(messages, i)
    if message["role"] == "assistant" and thinks(request) and _calls(message) and kind_of(message["content"][0]) != "reasoningContent":
        raise model_said(f"messages.{i}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{_claude_name(message['content'][0])}`. When `thinking` is enabled, a final `assistant` message must start with a thinking block.")


def _claude_name(block):
    return {"toolUse": "tool_use"}.get(kind_of(block), kind_of(block))


def _check_block(model, request, where, role, block):
    kind = kind_of(block)
    if kind == "text" and not block["text"].strip():
        raise validation(f"The text field in the ContentBlock object at {where} is blank. Add text to the text field, and try again.")
    if kind in ("toolUse", "toolResult") and not request.get("toolConfig"):
        raise validation("The toolConfig field must be defined when using toolUse and toolResult content blocks.")
    if kind == "image":
        _check_image(model, where, block["image"])
    if kind == "document" and "documents" not in model.features:
        raise validation("This model doesn't support documents. Remove the document content block and try again.")
    if kind == "reasoningContent":
        _check_reasoning(where, role, block["reasoningContent"])
    if kind == "cachePoint" and "cache" not in model.features:
        raise AwsError(403, "AccessDeniedException", "You invoked an unsupported model or your request did not allow prompt caching. See the documentation for more information.")


def _check_image(model, where, image):
    if "images" not in model.features:
        raise validation("This model doesn't support the image field. Remove image and try again.")
    data = image["source"].get("bytes")
    if data is None:
        return
    if not any(base64.b64decode(data).startswith(magic) for magic in _MAGIC[image["format"]]):
        raise model_said(f"{where}.image.source.bytes: Could not process image: the bytes are not of the format {image['format']}")


def _check_reasoning(where, role, reasoning):
    if role != "assistant":
        raise validation("The reasoningContent block is only allowed in messages of the assistant.")
    if "redactedContent" in reasoning:
        if not base64.b64decode(reasoning["redactedContent"]).startswith(b"redacted:"):
            raise model_said(f"{where}: Invalid `data` in `redacted_thinking` block")
        return
    text = reasoning["reasoningText"]
    if not hmac.compare_digest(text.get("signature") or "", sign(text["text"])):
        raise model_said(f"{where}: Invalid `signature` in `thinking` block")


def _calls(message):
    return [b["toolUse"]["toolUseId"] for b in message["content"] if b.get("toolUse")] if message["role"] == "assistant" else []


def _check_results(messages, i):
    wanted = _calls(messages[i - 1]) if i else []
    given = [b["toolResult"]["toolUseId"] for b in messages[i]["content"] if b.get("toolResult")]
    if len(given) > len(wanted):
        raise validation(f"The number of toolResult blocks at messages.{i}.content exceeds the number of toolUse blocks of previous turn.")
    if missing := [identifier for identifier in wanted if identifier not in given]:
        raise validation(f"Expected toolResult blocks at messages.{i}.content for the following Ids: {', '.join(missing)}")


def thinks(request):
    """The budget of reasoning that is asked for, in the spellings of Claude, Nova and DeepSeek; 0 for none."""
    extra = request.get("additionalModelRequestFields") or {}
    for name in ("thinking", "reasoningConfig"):
        config = extra.get(name)
        if isinstance(config, dict) and config.get("type") in ("enabled", "adaptive"):
            return config.get("budget_tokens") or config.get("budgetTokens") or 1024
    return 1024 if isinstance(extra.get("reasoning_config"), str) else 0


def _check_settings(model, request):
    inference = request.get("inferenceConfig") or {}
    tools = request.get("toolConfig") or {}
    if tools and "tools" not in model.features:
        raise validation("This model doesn't support tool use.")
    names = [t["toolSpec"]["name"] for t in tools.get("tools", []) if t.get("toolSpec")]
    if len(set(names)) != len(names):
        raise validation("The value at toolConfig.tools has two tools of one name. Tool names must be unique.")
    chosen = (tools.get("toolChoice") or {}).get("tool")
    if chosen and chosen["name"] not in names:
        raise validation(f"The tool {chosen['name']} at toolConfig.toolChoice is not among toolConfig.tools.")
    if "temperature_xor_top_p" in model.features and "temperature" in inference and "topP" in inference:
        raise model_said("`temperature` and `top_p` cannot both be specified for this model. Please use only one.")
    if budget := thinks(request):
        _check_thinking(model, request, inference, tools, budget)
    if ((request.get("outputConfig") or {}).get("textFormat")) and "schema" not in model.features:
        raise validation("This model doesn't support the outputConfig.textFormat field. Remove outputConfig.textFormat and try again.")


def _check_thinking(model, request, inference, tools, budget):
    if "reasoning" not in model.features:
        raise validation("This model doesn't support the reasoning fields of additionalModelRequestFields. Remove them and try again.")
    if model.family != "claude":
        return
    if budget < 1024:
        raise model_said("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
    if inference.get("maxTokens") is not None and inference["maxTokens"] <= budget:
        raise model_said("`max_tokens` must be greater than `thinking.budget_tokens`.")
    if inference.get("temperature", 1) != 1:
        raise model_said("`temperature` may only be set to 1 when thinking is enabled.")
    if {"any", "tool"} & set(tools.get("toolChoice") or {}):
        raise model_said("Thinking may not be enabled when tool_choice forces tool use.")


def check_length(model, tokens):
    if tokens > model.context:
        if model.family == "claude":
            raise model_said(f"prompt is too long: {tokens} tokens > {model.context} maximum")
        raise validation("Input is too long for requested model.")
