"""Calls that every client makes: name → call. They are what agreement is tested on."""
import base64
import json

from . import rules

CLAUDE = "anthropic.claude-3-5-sonnet-20240620-v1:0"
PROFILE = "us.anthropic.claude-sonnet-4-20250514-v1:0"
ARN = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd1234efgh"
RERANKER = "arn:aws:bedrock:us-east-1::foundation-model/cohere.rerank-v3-5:0"
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
TOOLS = [{"toolSpec": {"name": name, "description": f"Tells the {name}.", "inputSchema": {"json": {
    "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city", "days"]}}}} for name in ("weather", "time")]


def bytes_(data):
    return {"$bytes": base64.b64encode(data).decode()}


def user(*content):
    return {"role": "user", "content": [{"text": c} if isinstance(c, str) else c for c in content]}


def assistant(*content):
    return user(*content) | {"role": "assistant"}


def thought(text, signature=None):
    return {"reasoningContent": {"reasoningText": {"text": text, "signature": signature or rules.sign(text)}}}


def _converse(*messages, model=CLAUDE, **more):
    return {"modelId": model, "messages": list(messages), **more}


def _invoke(model, body):
    return {"modelId": model, "contentType": "application/json", "accept": "application/json", "body": bytes_(json.dumps(body).encode())}


def _claude(*messages, **more):
    return {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 2000, "messages": list(messages), **more}


_CALLS = [{"toolUse": {"toolUseId": "tooluse_a", "name": "weather", "input": {"city": "Köln", "days": 2}}},
          {"toolUse": {"toolUseId": "tooluse_b", "name": "time", "input": {}}}]
_RESULTS = [{"toolResult": {"toolUseId": "tooluse_a", "content": [{"json": {"degrees": 7.5}}]}},
            {"toolResult": {"toolUseId": "tooluse_b", "content": [{"text": "no clock"}], "status": "error"}}]
_THINKING = {"additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}}, "inferenceConfig": {"maxTokens": 4000}}
_CACHED = _converse(user("Long text. " * 50, {"cachePoint": {"type": "default", "ttl": "1h"}}, "And now?"), system=[{"text": "Be brief."}, {"cachePoint": {"type": "default"}}])
_SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}, "sure": {"type": "boolean"}}, "required": ["answer", "sure"]}

CONVERSE = {
    "text": _converse(user("Hello – “wörld” 你好")),
    "settings": _converse(user("Hi"), system=[{"text": "Be brief."}], inferenceConfig={"maxTokens": 100, "temperature": 0.5, "topP": 0.9, "stopSequences": ["zzz"]}),
    "profile": _converse(user("Hi"), model=PROFILE),
    "arn": _converse(user("Hi"), model=ARN),
    "two_tools": _converse(user("What is the weather and the time?"), toolConfig={"tools": TOOLS}),
    "tool_results": _converse(user("Weather and time?"), assistant("I look.", *_CALLS), user(*_RESULTS), toolConfig={"tools": TOOLS}),
    "forced_tool": _converse(user("Hi"), toolConfig={"tools": TOOLS, "toolChoice": {"tool": {"name": "time"}}}),
    "reasoning": _converse(user("Think hard"), **_THINKING),
    "reasoning_redacted": _converse(user("Think hard [[mock: redacted]]"), **_THINKING),
    "reasoning_back": _converse(user("Think"), assistant(thought("I thought."), "So it is.", _CALLS[0]), user(_RESULTS[0]), toolConfig={"tools": TOOLS}, **_THINKING),
    "image": _converse(user("What is this?", {"image": {"format": "png", "source": {"bytes": bytes_(PNG)}}})),
    "document": _converse(user("Read.", {"document": {"format": "pdf", "name": "report", "source": {"bytes": bytes_(b"%PDF-1.4 ...")}}})),
    "cache_write": _CACHED,
    "cache_read": _CACHED,
    "schema": _converse(user("Say"), outputConfig={"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {"schema": json.dumps(_SCHEMA), "name": "a"}}}}),
    "max_tokens": _converse(user("[[mock: words=400]]"), inferenceConfig={"maxTokens": 20}),
    "stop_sequence": _converse(user("[[mock: words=50]]"), inferenceConfig={"stopSequences": ["word7"]}, additionalModelResponseFieldPaths=["/stop_sequence"]),
    "stop_guardrail": _converse(user("[[mock: stop=guardrail_intervened]]")),
    "many_deltas": _converse(user("[[mock: words=200; deltas=64]]")),
    "prompt_100kB": _converse(user("x y z " * 17_000)),
    "other_families": _converse(user("Hi"), model="meta.llama3-1-70b-instruct-v1:0", toolConfig={"tools": TOOLS[:1]}),
}

ERRORS = {  # input, status, type, words of the message
    "unknown_model": (_converse(user("x"), model="anthropic.claude-none-v9"), 400, "ValidationException", "model identifier is invalid"),
    "malformed_arn": (_converse(user("x"), model="arn:aws:bedrock:us-east-1:1:nothing/x"), 400, "ValidationException", "regular expression"),
    "denied": (_converse(user("x"), model="anthropic.claude-denied-v1:0"), 403, "AccessDeniedException", "don't have access"),
    "end_of_life": (_converse(user("x"), model="anthropic.claude-v2:1"), 404, "ResourceNotFoundException", "end of its life"),
    "needs_profile": (_converse(user("x"), model="anthropic.claude-sonnet-4-20250514-v1:0"), 400, "ValidationException", "on-demand throughput"),
    "too_long": (_converse(user("x " * 5_000), model="anthropic.claude-small-context-v1:0"), 400, "ValidationException", "prompt is too long"),
    "no_messages": (_converse(), 400, "ValidationException", "at least one message"),
    "assistant_first": (_converse(assistant("x")), 400, "ValidationException", "must start with a user message"),
    "not_alternating": (_converse(user("x"), user("y")), 400, "ValidationException", "alternate"),
    "empty_content": (_converse(user()), 400, "ValidationException", "messages.0 is empty"),
    "blank_text": (_converse(user(" ")), 400, "ValidationException", "messages.0.content.0 is blank"),
    "result_without_call": (_converse(user(_RESULTS[0]), toolConfig={"tools": TOOLS}), 400, "ValidationException", "exceeds the number of toolUse blocks"),
    "call_without_result": (_converse(user("x"), assistant(*_CALLS), user(_RESULTS[0]), toolConfig={"tools": TOOLS}), 400, "ValidationException", "tooluse_b"),
    "tools_without_config": (_converse(user("x"), assistant(_CALLS[0]), user(_RESULTS[0])), 400, "ValidationException", "toolConfig field must be defined"),
    "tool_name_too_long": (_converse(user("x"), toolConfig={"tools": [{"toolSpec": TOOLS[0]["toolSpec"] | {"name": "n" * 65}}]}), 400, "ValidationException", "length less than or equal to 64"),
    "image_of_other_type": (_converse(user("x", {"image": {"format": "jpeg", "source": {"bytes": bytes_(PNG)}}})), 400, "ValidationException", "Could not process image"),
    "signature_changed": (_converse(user("x"), assistant(thought("I thought.", "bm8="), "y"), user("z"), **_THINKING), 400, "ValidationException", "Invalid `signature`"),
    "thought_left_out": (_converse(user("x"), assistant(_CALLS[0]), user(_RESULTS[0]), toolConfig={"tools": TOOLS}, **_THINKING), 400, "ValidationException", "Expected `thinking`"),
    "unfit_settings": (_converse(user("x"), model="us.anthropic.claude-sonnet-4-5-20250929-v1:0", inferenceConfig={"temperature": 0.1, "topP": 0.1}), 400, "ValidationException", "cannot both be specified"),
    "embedding_model": (_converse(user("x"), model="cohere.embed-english-v3"), 400, "ValidationException", "doesn't support the model"),
}

_SAY = {"role": "user", "content": "Say hello"}
_FUNCTIONS = [{"type": "function", "function": {"name": t["toolSpec"]["name"], "description": t["toolSpec"]["description"], "parameters": t["toolSpec"]["inputSchema"]["json"]}} for t in TOOLS]
INVOKE = {
    "claude": _invoke(CLAUDE, _claude(_SAY)),
    "claude_tools": _invoke(CLAUDE, _claude(_SAY, tools=[{"name": t["toolSpec"]["name"], "input_schema": t["toolSpec"]["inputSchema"]["json"]} for t in TOOLS])),
    "claude_thinking": _invoke(CLAUDE, _claude(_SAY, thinking={"type": "enabled", "budget_tokens": 1024})),
    "claude_cache": _invoke(CLAUDE, _claude({"role": "user", "content": [{"type": "text", "text": "Long. " * 99, "cache_control": {"type": "ephemeral", "ttl": "1h"}}]})),
    "claude_image": _invoke(CLAUDE, _claude({"role": "user", "content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": base64.b64encode(PNG).decode()}}, {"type": "text", "text": "?"}]})),
    "titan": _invoke("amazon.titan-text-express-v1", {"inputText": "Hi there", "textGenerationConfig": {"maxTokenCount": 50, "stopSequences": []}}),
    "llama": _invoke("meta.llama3-70b-instruct-v1:0", {"prompt": "Hi there", "max_gen_len": 50, "temperature": 0.1}),
    "mistral": _invoke("mistral.mistral-large-2402-v1:0", {"prompt": "<s>[INST] Hi [/INST]", "max_tokens": 50}),
    "cohere": _invoke("cohere.command-text-v14", {"prompt": "Hi there", "max_tokens": 50}),
    "jamba": _invoke("ai21.jamba-1-5-large-v1:0", {"messages": [_SAY], "max_tokens": 50}),
    "jamba_tools": _invoke("ai21.jamba-1-5-large-v1:0", {"messages": [_SAY], "tools": _FUNCTIONS}),
    "llama_image": _invoke("meta.llama3-2-90b-instruct-v1:0", {"prompt": "<|image|>What is it?", "images": [base64.b64encode(PNG).decode()]}),
    "mistral_chat": _invoke("mistral.mistral-large-2407-v1:0", {"messages": [{"role": "system", "content": "Be brief."}, _SAY], "max_tokens": 50}),
    "mistral_tools": _invoke("mistral.mistral-large-2407-v1:0", {"messages": [_SAY], "tools": _FUNCTIONS, "tool_choice": "any"}),
    "cohere_chat": _invoke("cohere.command-r-plus-v1:0", {"message": "Hi there", "chat_history": [{"role": "USER", "message": "Hi"}, {"role": "CHATBOT", "message": "Hello"}], "preamble": "Be brief."}),
    "cohere_tools": _invoke("cohere.command-r-plus-v1:0", {"message": "Weather?", "tools": [{"name": "weather", "description": "Tells it.", "parameter_definitions": {"city": {"type": "str", "required": True}}}]}),
    "claude_invoke_only": _invoke("anthropic.claude-invoke-only-v1:0", _claude(_SAY)),
}
INVOKE_ONLY = {
    "jurassic": _invoke("ai21.j2-ultra-v1", {"prompt": "Hi there", "maxTokens": 50}),
    "titan_embed_v1": _invoke("amazon.titan-embed-text-v1", {"inputText": "a cat"}),
    "titan_embed_v2": _invoke("amazon.titan-embed-text-v2:0", {"inputText": "a cat", "dimensions": 256, "normalize": True, "embeddingTypes": ["float", "binary"]}),
    "titan_embed_image": _invoke("amazon.titan-embed-image-v1", {"inputText": "a cat", "inputImage": base64.b64encode(PNG).decode(), "embeddingConfig": {"outputEmbeddingLength": 384}}),
    "nova_embed": _invoke("amazon.nova-2-multimodal-embeddings-v1:0", {"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": {
        "embeddingPurpose": "GENERIC_INDEX", "embeddingDimension": 384, "text": {"truncationMode": "END", "value": "a cat"}}}),
    "cohere_embed_v3": _invoke("cohere.embed-english-v3", {"texts": ["a cat", "a dog"], "input_type": "search_document"}),
    "cohere_embed_v4": _invoke("cohere.embed-v4:0", {"texts": ["a cat", "a dog"], "input_type": "search_query", "embedding_types": ["float"], "output_dimension": 256}),
}
INVOKE_ERRORS = {
    "converse_of_another_form": (_invoke("cohere.command-r-plus-v1:0", {"prompt": "x"}), 400, "ValidationException", "required key [message] not found"),
    "llama_image_without_its_mark": (_invoke("meta.llama3-2-90b-instruct-v1:0", {"prompt": "x", "images": ["eA=="]}), 400, "ValidationException", "number of image tokens"),
    "claude_extra_field": (_invoke(CLAUDE, _claude(_SAY, stream=True)), 400, "ValidationException", "stream: Extra inputs are not permitted"),
    "claude_no_max_tokens": (_invoke(CLAUDE, {"anthropic_version": "bedrock-2023-05-31", "messages": [_SAY]}), 400, "ValidationException", "max_tokens: Field required"),
    "titan_extra": (_invoke("amazon.titan-text-express-v1", {"inputText": "x", "prompt": "x"}), 400, "ValidationException", "extraneous key [prompt]"),
    "cohere_97_texts": (_invoke("cohere.embed-english-v3", {"texts": ["x"] * 97, "input_type": "search_query"}), 400, "ValidationException", "maximum item count: 96"),
    "titan_bad_size": (_invoke("amazon.titan-embed-text-v2:0", {"inputText": "x", "dimensions": 300}), 400, "ValidationException", "not a valid enum value"),
    "not_json": (_invoke(CLAUDE, {}) | {"body": bytes_(b"{")}, 400, "ValidationException", "Malformed input request"),
}

_GUARD = {"guardrailIdentifier": "abc123def456", "guardrailVersion": "1", "source": "INPUT"}
OTHERS = {
    "count_converse": ("bedrock-runtime", "CountTokens", {"modelId": CLAUDE, "input": {"converse": {"messages": [user("How long is this?")]}}}),
    "count_invoke": ("bedrock-runtime", "CountTokens", {"modelId": CLAUDE, "input": {"invokeModel": {"body": bytes_(json.dumps(_claude(_SAY)).encode())}}}),
    "guardrail_none": ("bedrock-runtime", "ApplyGuardrail", _GUARD | {"content": [{"text": {"text": "All is well."}}]}),
    "guardrail_blocks": ("bedrock-runtime", "ApplyGuardrail", _GUARD | {"content": [{"text": {"text": "This is forbidden."}}]}),
    "guardrail_masks": ("bedrock-runtime", "ApplyGuardrail", _GUARD | {"content": [{"text": {"text": "Write to a@b.example."}}]}),
    "async_start": ("bedrock-runtime", "StartAsyncInvoke", {"clientRequestToken": "t-1", "modelId": "amazon.nova-2-multimodal-embeddings-v1:0", "modelInput": {"x": 1}, "outputDataConfig": {"s3OutputDataConfig": {"s3Uri": "s3://b/k"}}}),
    "rerank": ("bedrock-agent-runtime", "Rerank", {
        "queries": [{"type": "TEXT", "textQuery": {"text": "ice on the wing"}}],
        "sources": [{"type": "INLINE", "inlineDocumentSource": {"type": "TEXT", "textDocument": {"text": t}}} for t in ("a dog", "ice grew on the wing", "the wing")],
        "rerankingConfiguration": {"type": "BEDROCK_RERANKING_MODEL", "bedrockRerankingConfiguration": {"numberOfResults": 2, "modelConfiguration": {"modelArn": RERANKER}}}}),
    "models": ("bedrock", "ListFoundationModels", {}),
    "models_embedding": ("bedrock", "ListFoundationModels", {"byOutputModality": "EMBEDDING", "byProvider": "Cohere"}),
    "model": ("bedrock", "GetFoundationModel", {"modelIdentifier": CLAUDE}),
    "profiles": ("bedrock", "ListInferenceProfiles", {"typeEquals": "SYSTEM_DEFINED", "maxResults": 3}),
    "profile_made": ("bedrock", "CreateInferenceProfile", {"inferenceProfileName": "mine", "modelSource": {"copyFrom": RERANKER.replace("cohere.rerank-v3-5:0", CLAUDE)}}),
    "profile_one": ("bedrock", "GetInferenceProfile", {"inferenceProfileIdentifier": PROFILE}),
}

# fault → events that arrive whole, then the error's kind. The stream has 8 events, 0 to 7.
FAULTS = {
    "status-429": (0, "ThrottlingException"), "status-503": (0, "ServiceUnavailableException"), "status-500": (0, "InternalServerException"),
    "status-424.type-ModelErrorException": (0, "ModelErrorException"), "status-408": (0, "ModelTimeoutException"),
    "status-429.type-ModelNotReadyException": (0, "ModelNotReadyException"),
    "status-400.type-ServiceQuotaExceededException": (0, "ServiceQuotaExceededException"), "status-429.no-type": (0, "ThrottlingException"),
    "exception-3-throttlingException": (3, "ThrottlingException"), "exception-2": (2, "ModelStreamErrorException"),
    "exception-0-internalServerException": (0, "InternalServerException"), "exception-5-serviceUnavailableException": (5, "ServiceUnavailableException"),
    "exception-4-validationException": (4, "ValidationException"),
    "crc-3": (3, "broken"), "precrc-2": (2, "broken"), "fin-400": (None, "broken"), "rst-400": (None, "broken"), "fin--1": (0, "broken"), "rst--1": (0, "broken"),
    "trickle-7-1": (8, None), "delay-50": (8, None), "gap-5": (8, None), "stall-300-100": (8, None), "close": (8, None),
}


def calls():
    """name → call, in the order in which they are made."""
    out = {}
    for name, given in CONVERSE.items():
        out[f"converse/{name}"] = {"service": "bedrock-runtime", "operation": "Converse", "input": given}
    for name, given in CONVERSE.items():
        # What was cached by Converse would be read: a stream writes and reads its own.
        given = json.loads(json.dumps(given).replace("Long text", "Long tale"))
        out[f"stream/{name}"] = {"service": "bedrock-runtime", "operation": "ConverseStream", "input": given}
    for name, (given, *_) in ERRORS.items():
        out[f"error/{name}"] = {"service": "bedrock-runtime", "operation": "Converse", "input": given}
        out[f"stream_error/{name}"] = {"service": "bedrock-runtime", "operation": "ConverseStream", "input": given}
    for name, given in (INVOKE | INVOKE_ONLY).items():
        out[f"invoke/{name}"] = {"service": "bedrock-runtime", "operation": "InvokeModel", "input": given}
    for name, given in INVOKE.items():
        out[f"invoke_stream/{name}"] = {"service": "bedrock-runtime", "operation": "InvokeModelWithResponseStream", "input": given}
    for name, (given, *_) in INVOKE_ERRORS.items():
        out[f"invoke_error/{name}"] = {"service": "bedrock-runtime", "operation": "InvokeModel", "input": given}
    for name, (service, operation, given) in OTHERS.items():
        out[f"other/{name}"] = {"service": service, "operation": operation, "input": given}
    for words in FAULTS:
        out[f"fault/{words}"] = {"service": "bedrock-runtime", "operation": "ConverseStream", "input": _converse(user("hi there")), "header": words}
    out["fault/in_the_model_id"] = {"service": "bedrock-runtime", "operation": "Converse", "input": _converse(user("x"), model=f"{CLAUDE}.fault.status-429")}
    return out
