"""What is asked and replied, in the words of Converse. `refused`: provider → the field that the refusal names,
in the words of one surface or another."""
import base64
from dataclasses import dataclass, field

from mock_bedrock.cases import PNG, assistant, thought, user

TOOLS = [{"toolSpec": {"name": name, "description": f"Tells the {name}.", "inputSchema": {"json": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}} for name in ("weather", "time")]
CALLS = [{"toolUse": {"toolUseId": "tooluse_a", "name": "weather", "input": {"city": "Köln – “Süd”"}}},
         {"toolUse": {"toolUseId": "tooluse_b", "name": "time", "input": {"city": "Bonn"}}}]
RESULTS = [{"toolResult": {"toolUseId": "tooluse_a", "content": [{"text": "7.5 – grüße"}]}},
           {"toolResult": {"toolUseId": "tooluse_b", "content": [{"text": "nine"}]}}]
THINKING = {"additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1500}}}
IMAGE = {"image": {"format": "png", "source": {"bytes": base64.b64encode(PNG).decode()}}}
POINT = {"cachePoint": {"type": "default"}}
HOUR = {"cachePoint": {"type": "default", "ttl": "1h"}}
USAGE = {"inputTokens": 13, "outputTokens": 5}
CACHED = {"inputTokens": 13, "outputTokens": 5, "cacheReadInputTokens": 40, "cacheWriteInputTokens": 70}


@dataclass(frozen=True)
class Case:
    name: str
    request: dict
    blocks: list = field(default_factory=lambda: [{"text": "Grüße – 水, so it is."}])
    stop: str = "end_turn"
    usage: dict = field(default_factory=lambda: USAGE)
    refused: dict = field(default_factory=dict)


def ask(*messages, **more):
    return {"messages": list(messages) or [user("What is it?")], "inferenceConfig": {"maxTokens": 3000}} | more


CASES = [
    Case("text", ask(user("Hello – “wörld” 你好"))),
    Case("conversation", ask(user("Hello"), assistant("Hi."), user("And now?"))),
    Case("settings", ask(system=[{"text": "Be brief."}], inferenceConfig={"maxTokens": 77, "temperature": 0.25, "stopSequences": ["zzz", "yyy"]})),
    Case("top_p", ask(inferenceConfig={"maxTokens": 77, "topP": 0.5})),
    Case("tools", ask(toolConfig={"tools": TOOLS}), [{"text": "I look."}, *CALLS], "tool_use"),
    Case("tools without a word", ask(toolConfig={"tools": TOOLS}), CALLS, "tool_use"),
    Case("tool results", ask(user("Weather?"), assistant("I look.", *CALLS), user(*RESULTS), toolConfig={"tools": TOOLS})),
    Case("forced tool", ask(toolConfig={"tools": TOOLS, "toolChoice": {"tool": {"name": "time"}}}), CALLS[1:], "tool_use"),
    Case("any tool", ask(toolConfig={"tools": TOOLS, "toolChoice": {"any": {}}}), CALLS[1:], "tool_use"),
    Case("image", ask(user("What is this?", IMAGE))),
    Case("reasoning", ask(**THINKING), [thought("Let me think – 水."), {"text": "So."}], refused={"openai": ("thinking",)}),
    Case("reasoning with tools", ask(toolConfig={"tools": TOOLS}, **THINKING), [thought("Hm."), *CALLS], "tool_use", refused={"openai": ("thinking",)}),
    Case("reasoning back", ask(user("Weather?"), assistant(thought("I thought."), "I look.", *CALLS), user(*RESULTS), toolConfig={"tools": TOOLS}, **THINKING),
         refused={"openai": ("reasoning", "messages.1.content.0")}),
    Case("cache points", ask(user("Long.", POINT, "Short."), system=[{"text": "Rules."}, HOUR]), usage=CACHED, refused={"openai": ("cachePoint", "cache_control")}),
    Case("cached usage", ask(), usage=CACHED),
    Case("limit reached", ask(), stop="max_tokens"),
    Case("filtered", ask(), stop="content_filtered"),
]

# kind → (upstream's status, its type at Bedrock), and what the client is told: status at Bedrock's surface, at the others.
ERRORS = {
    "throttled": ((429, "ThrottlingException"), {"bedrock": 429, "chat": 429, "anthropic": 429, "rest": 429}),
    "unavailable": ((503, "ServiceUnavailableException"), {"bedrock": 503, "chat": 503, "anthropic": (503, 529), "rest": 503}),
    "failed": ((500, "InternalServerException"), {"bedrock": 500, "chat": 500, "anthropic": (500, 502), "rest": 502}),
    "unknown": ((404, "ResourceNotFoundException"), {"bedrock": 404, "chat": 404, "anthropic": 404, "rest": 404}),
    "invalid": ((400, "ValidationException"), {"bedrock": 400, "chat": 400, "anthropic": 400, "rest": (400, 422)}),
}
