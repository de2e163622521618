"""InvokeModel of the families that take a prompt, and of Jamba's chat: bodies in, bodies and chunks out.

A family is: the keys it knows, those it needs, where prompt, length and stop words stand, and how an answer looks.
"""
import json

from . import converse, replies, rules
from .errors import validation


def malformed(what):
    return validation(f"Malformed input request: {what}, please reformat your input and try again.")


def _checked(body, known, required, where="#"):
    if not isinstance(body, dict):
        raise malformed(f"{where}: expected type: Object, found: {type(body).__name__}")
    for key in required:
        if key not in body:
            raise malformed(f"{where}: required key [{key}] not found")
    for key in body:
        if key not in known:
            raise malformed(f"{where}: extraneous key [{key}] is not permitted")
    return body


def _asked(prompt, limit=None, stops=None):
    if not isinstance(prompt, str):
        raise malformed(f"#/prompt: expected type: String, found: {type(prompt).__name__}")
    if not prompt:
        raise malformed("#/prompt: expected minLength: 1, actual: 0")
    inference = {}
    if limit is not None:
        if isinstance(limit, bool) or not isinstance(limit, int):
            raise malformed(f"#/max_tokens: expected type: Integer, found: {type(limit).__name__}")
        inference["maxTokens"] = limit
    if stops:
        inference["stopSequences"] = stops
    return {"messages": [{"role": "user", "content": [{"text": prompt}]}], "inferenceConfig": inference}


def _reason(stop, length, end):
    return length if stop == "max_tokens" else end


class Titan:
    def request(self, body):
        _checked(body, ("inputText", "textGenerationConfig"), ("inputText",))
        config = _checked(body.get("textGenerationConfig", {}), ("maxTokenCount", "temperature", "topP", "stopSequences"), (), "#/textGenerationConfig")
        return _asked(body["inputText"], config.get("maxTokenCount"), config.get("stopSequences"))

    def document(self, text, stop, usage):
        return {"inputTextTokenCount": usage["inputTokens"], "results": [{"tokenCount": usage["outputTokens"], "outputText": text, "completionReason": _reason(stop, "LENGTH", "FINISH")}]}

    def chunk(self, part, last, stop, usage):
        return {"outputText": part, "index": 0, "totalOutputTextTokenCount": usage["outputTokens"] if last else None,
                "completionReason": _reason(stop, "LENGTH", "FINISH") if last else None, "inputTextTokenCount": usage["inputTokens"] if last else None}


class Llama:
    def request(self, body):
        _checked(body, ("prompt", "max_gen_len", "temperature", "top_p", "images"), ("prompt",))
        return _asked(body["prompt"], body.get("max_gen_len"))

    def document(self, text, stop, usage):
        return {"generation": text, "prompt_token_count": usage["inputTokens"], "generation_token_count": usage["outputTokens"], "stop_reason": _reason(stop, "length", "stop")}

    def chunk(self, part, last, stop, usage):
        return {"generation": part, "prompt_token_count": usage["inputTokens"] if last else None, "generation_token_count": usage["outputTokens"],
                "stop_reason": _reason(stop, "length", "stop") if last else None}


class Mistral:
    def request(self, body):
        _checked(body, ("prompt", "max_tokens", "temperature", "top_p", "top_k", "stop"), ("prompt",))
        return _asked(body["prompt"], body.get("max_tokens"), body.get("stop"))

    def document(self, text, stop, usage):
        return {"outputs": [{"text": text, "stop_reason": _reason(stop, "length", "stop")}]}

    def chunk(self, part, last, stop, usage):
        return {"outputs": [{"text": part, "stop_reason": _reason(stop, "length", "stop") if last else None}]}


class Cohere:
    def request(self, body):
        _checked(body, ("prompt", "max_tokens", "temperature", "p", "k", "stop_sequences", "num_generations", "return_likelihoods", "stream", "logit_bias", "truncate"), ("prompt",))
        return _asked(body["prompt"], body.get("max_tokens"), body.get("stop_sequences"))

    def document(self, text, stop, usage):
        return {"id": "mock", "generations": [{"id": "mock-0", "text": text, "finish_reason": _reason(stop, "MAX_TOKENS", "COMPLETE")}], "prompt": ""}

    def chunk(self, part, last, stop, usage):
        return {"text": part, "is_finished": False} if not last else {"text": part, "is_finished": True, "finish_reason": _reason(stop, "MAX_TOKENS", "COMPLETE")}


class Jurassic:
    def request(self, body):
        _checked(body, ("prompt", "maxTokens", "temperature", "topP", "stopSequences", "presencePenalty", "frequencyPenalty", "countPenalty", "numResults", "minTokens", "topKReturn"), ("prompt",))
        return _asked(body["prompt"], body.get("maxTokens"), body.get("stopSequences"))

    def document(self, text, stop, usage):
        return {"id": 1234, "prompt": {"tokens": []}, "completions": [{"data": {"text": text}, "finishReason": {"reason": _reason(stop, "length", "endoftext")}}]}


class Jamba:
    def request(self, body):
        _checked(body, ("messages", "max_tokens", "temperature", "top_p", "stop", "n", "frequency_penalty", "presence_penalty", "tools", "documents", "response_format"), ("messages",))
        texts = [m for m in body["messages"] if m["role"] in ("user", "assistant", "tool")]
        if not texts:
            raise malformed("#/messages: expected minimum item count: 1, found: 0")
        stops = body.get("stop")
        return _asked(texts[-1]["content"], body.get("max_tokens"), [stops] if isinstance(stops, str) else stops)

    def document(self, text, stop, usage):
        return {"id": "mock", "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": _reason(stop, "length", "stop")}], "usage": self._usage(usage)}

    def chunk(self, part, last, stop, usage):
        out = {"id": "mock", "choices": [{"index": 0, "delta": {"content": part}, "finish_reason": _reason(stop, "length", "stop") if last else None}]}
        return out | ({"usage": self._usage(usage)} if last else {})

    @staticmethod
    def _usage(usage):
        return {"prompt_tokens": usage["inputTokens"], "completion_tokens": usage["outputTokens"], "total_tokens": usage["totalTokens"]}


FAMILIES = {"titan": Titan(), "llama": Llama(), "mistral": Mistral(), "cohere": Cohere(), "jurassic": Jurassic(), "jamba": Jamba()}


def prepare(model, body, identifier, state):
    return replies.make(model, FAMILIES[model.family].request(body), state, identifier)


def _text(reply):
    return "".join(b.get("text", "") for b in reply.blocks)


def document(model, reply):
    return FAMILIES[model.family].document(_text(reply), reply.stop, reply.usage)


def events(model, reply):
    parts = converse.pieces(_text(reply), reply.deltas) or [""]
    for i, part in enumerate(parts):
        yield FAMILIES[model.family].chunk(part, i == len(parts) - 1, reply.stop, reply.usage)
