"""Strands Agents: a BedrockModel in an Agent, whose own loop calls the tools."""
import asyncio
import threading

from botocore.exceptions import ClientError
from strands import Agent
from strands.event_loop._retry import ModelRetryStrategy
from strands.models import BedrockModel
from strands.tools.tools import PythonAgentTool

from .driver import image_of, new_turn, run, usage


def tool_of(spec, result):
    def answer(use, **_):
        return {"toolUseId": use["toolUseId"], "status": "success", "content": [{"text": result}]}
    return PythonAgentTool(spec["name"], {"name": spec["name"], "description": spec["description"], "inputSchema": {"json": spec["schema"]}}, answer)


def agent_of(call):
    extra = {"thinking": {"type": "enabled", "budget_tokens": call["thinking"]}} if call.get("thinking") else None
    model = BedrockModel(model_id=call["model"], max_tokens=call["max_tokens"], streaming=bool(call.get("stream")), additional_request_fields=extra)
    system = None
    if call.get("system"):
        system = [{"text": call["system"]}] + ([{"cachePoint": {"type": "default"}}] if call.get("cache_system") else [])
    return Agent(model=model, system_prompt=system, tools=[tool_of(t, call["results"][t["name"]]) for t in call.get("tools", ())],
                 callback_handler=None, retry_strategy=ModelRetryStrategy(max_attempts=1))


def turn_of(message):
    content = message["content"]
    return new_turn(text="".join(b.get("text", "") for b in content), calls=[{"name": b["toolUse"]["name"], "input": b["toolUse"]["input"]} for b in content if "toolUse" in b],
                    reasoning="".join(b["reasoningContent"]["reasoningText"]["text"] for b in content if "reasoningContent" in b))


async def converse(call, turns):
    agent = agent_of(call)
    content = [{"text": call["text"]}]
    if data := image_of(call):
        content.append({"image": {"format": "png", "source": {"bytes": data}}})
    turns.append(seen := new_turn())
    result = None
    async for event in agent.stream_async(content):
        if "data" in event:
            seen["text"] += event["data"]
            seen["deltas"] += 1
        result = event.get("result", result)
    spent = result.metrics.accumulated_usage
    turns[:] = [turn_of(m) | {"stop": "tool_use"} for m in agent.messages if m["role"] == "assistant"]
    turns[-1] |= {"stop": result.stop_reason, "deltas": seen["deltas"],
                  "usage": usage(spent["inputTokens"], spent["outputTokens"], spent.get("cacheReadInputTokens"), spent.get("cacheWriteInputTokens"))}


async def leave(call, turns):
    """The model alone: Agent.cancel() takes its signal back when the call ends, often before the thread that reads has seen it."""
    turns.append(seen := new_turn())
    enough = threading.Event()
    async for event in agent_of(call).model.stream([{"role": "user", "content": [{"text": call["text"]}]}], cancel_signal=enough):
        seen["deltas"] += "text" in event.get("contentBlockDelta", {}).get("delta", {})
        if seen["deltas"] == call["leave_after"]:
            enough.set()


def ask(call, turns):
    asyncio.run((leave if call.get("leave_after") else converse)(call, turns))


def failed(error):
    cause = error if isinstance(error, ClientError) else error.__cause__
    status = cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode") if isinstance(cause, ClientError) else None
    return (error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__), status


if __name__ == "__main__":
    run(ask, failed)
