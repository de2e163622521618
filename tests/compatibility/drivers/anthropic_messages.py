"""anthropic's messages, whole and streamed."""
import anthropic

from .claude_request import request_of
from .driver import new_turn, run, usage

client = anthropic.Anthropic(max_retries=0)


def streamed(request, call, turn):
    with client.messages.stream(**request) as stream:
        for event in stream:
            if event.type == "text":
                turn["text"] += event.text
                turn["deltas"] += 1
                if turn["deltas"] == call.get("leave_after"):
                    return None
            elif event.type == "message_delta":
                turn["stop"] = event.delta.stop_reason
        return stream.get_final_message()


def ask(call, turns):
    request = request_of(call)
    while True:
        turns.append(turn := new_turn())
        message = streamed(request, call, turn) if call.get("stream") else client.messages.create(**request)
        if message is None:
            return
        found = message.usage
        turn |= {"stop": message.stop_reason, "usage": usage(found.input_tokens, found.output_tokens, found.cache_read_input_tokens, found.cache_creation_input_tokens),
                 "text": "".join(b.text for b in message.content if b.type == "text"), "reasoning": "".join(b.thinking for b in message.content if b.type == "thinking"),
                 "calls": [{"name": b.name, "input": b.input} for b in message.content if b.type == "tool_use"]}
        uses = [b for b in message.content if b.type == "tool_use"]
        if not uses:
            return
        results = [{"type": "tool_result", "tool_use_id": b.id, "content": call["results"][b.name]} for b in uses]
        request["messages"] += [{"role": "assistant", "content": message.content}, {"role": "user", "content": results}]


def failed(error):
    return type(error).__name__, getattr(error, "status_code", None)


if __name__ == "__main__":
    run(ask, failed)
