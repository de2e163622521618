"""InvokeModel of the families that take a prompt: bodies in, bodies and chunks out.

A family is: the keys it knows, those it needs, where prompt, length and stop words stand, and how an answer looks.
"""
import base64
import re

from . import converse, replies
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


# What the user said last, by the templates of Llama 2 and Mistral, of Llama 3 and of Llama 4.
_LAST_SAID = (re.compile(r"\[INST\] (?:<<SYS>>.*?<</SYS>>\n\n)?((?:(?!\[INST\]).)*) \[/INST\]$", re.S),
              re.compile(r"<\|start_header_id\|>user<\|end_header_id\|>\n\n((?:(?!<\|start_header_id\|>).)*)<\|eot_id\|><\|start_header_id\|>assistant<\|end_header_id\|>\n\n$", re.S),
              re.compile(r"<\|header_start\|>user<\|header_end\|>\n\n((?:(?!<\|header_start\|>).)*)<\|eot\|><\|header_start\|>assistant<\|header_end\|>\n\n$", re.S),
              re.compile(r"User: ((?:(?!\nUser: ).)*)\n+(?:Bot|Assistant|Chatbot):$", re.S))


def last_said(prompt):
    """A prompt that keeps to a template is answered as a conversation; any other is all one question."""
    return next((found.group(1) for template in _LAST_SAID if (found := template.search(prompt))), prompt)


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
    return {"messages": [{"role": "user", "content": [{"text": last_said(prompt)}]}], "inferenceConfig": inference}


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
        asked = _asked(body["prompt"], body.get("max_gen_len"))
        images = body.get("images") or []
        if len(images) != body["prompt"].count("<|image|>"):
            raise validation(f"The number of image tokens ({body['prompt'].count('<|image|>')}) should be the same as the number of images ({len(images)})")
        asked["messages"][0]["content"][0]["text"] = asked["messages"][0]["content"][0]["text"].replace("<|image|>", "")
        for image in images:
            kind = "png" if base64.b64decode(image).startswith(b"\x89PNG") else "jpeg"
            asked["messages"][0]["content"].append({"image": {"format": kind, "source": {"bytes": image}}})
        return asked

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


FAMILIES = {"titan": Titan(), "llama": Llama(), "mistral": Mistral(), "cohere": Cohere(), "jurassic": Jurassic()}


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
