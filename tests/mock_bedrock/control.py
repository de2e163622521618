"""Everything beside conversations: guardrails, reranking, counting tokens, models, profiles, asynchronous calls.

Each handler takes (state, labels, query, body) and gives a document, already in the service's words.
"""
import base64
import datetime
import hashlib
import json
import re

from . import catalogue, claude, rules
from .errors import AwsError, validation

_STARTED = "2026-01-01T00:00:00Z"
BLOCKED = "forbidden"  # the word that every guardrail of the mock blocks
_EMAIL = re.compile(r"[\w.]+@[\w.]+\w")


def apply_guardrail(state, labels, query, body):
    identifier = labels["guardrailIdentifier"]
    if identifier == "missing00000":
        raise AwsError(404, "ResourceNotFoundException", f"The guardrail identifier or version provided in the request does not exist: {identifier}")
    texts = [item["text"]["text"] for item in body["content"] if item.get("text")]
    blocked = any(BLOCKED in text.lower() for text in texts)
    masked = [_EMAIL.sub("{EMAIL}", text) for text in texts]
    changed = masked != texts
    assessment = {}
    if blocked:
        assessment["wordPolicy"] = {"customWords": [{"match": BLOCKED, "action": "BLOCKED", "detected": True}], "managedWordLists": []}
    if changed:
        assessment["sensitiveInformationPolicy"] = {"regexes": [], "piiEntities": [
            {"match": found, "type": "EMAIL", "action": "ANONYMIZED", "detected": True} for text in texts for found in _EMAIL.findall(text)]}
    outputs = [{"text": "Sorry, the guardrail blocks this."}] if blocked else [{"text": text} for text in masked] if changed else []
    units = sum(len(text) // 1000 + 1 for text in texts)
    return {"usage": {"topicPolicyUnits": 0, "contentPolicyUnits": units, "wordPolicyUnits": units, "sensitiveInformationPolicyUnits": units,
                      "sensitiveInformationPolicyFreeUnits": 0, "contextualGroundingPolicyUnits": 0},
            "action": "GUARDRAIL_INTERVENED" if blocked or changed else "NONE", "outputs": outputs, "assessments": [assessment] if assessment else []}


def rerank(state, labels, query, body):
    config = body["rerankingConfiguration"]["bedrockRerankingConfiguration"]
    model = catalogue.find(config["modelConfiguration"]["modelArn"], state.profiles)
    if model.family != "rerank":
        raise validation(f"The model {model.id} does not support reranking.")
    words = set(re.findall(r"\w+", body["queries"][0]["textQuery"]["text"].lower()))
    count = config.get("numberOfResults", len(body["sources"]))
    if count > len(body["sources"]):
        raise validation("numberOfResults must not be greater than the number of sources.")
    scores = []
    for index, source in enumerate(body["sources"]):
        inline = source["inlineDocumentSource"]
        text = inline["textDocument"]["text"] if inline["type"] == "TEXT" else json.dumps(inline["jsonDocument"])
        found = set(re.findall(r"\w+", text.lower()))
        scores.append({"index": index, "relevanceScore": round(len(words & found) / (len(words) or 1), 6)})
    return {"results": sorted(scores, key=lambda s: (-s["relevanceScore"], s["index"]))[:count]}


def count_tokens(state, labels, query, body):
    model = catalogue.find(labels["modelId"], state.profiles, invoked=False)
    if model.family != "claude":
        raise validation("The provided model doesn't support counting tokens.")
    given = body["input"]
    if given.get("converse"):
        request = given["converse"]
    else:
        raw = json.loads(base64.b64decode(given["invokeModel"]["body"]))
        request = claude.to_converse(raw)
    rules.check_conversation(model, request)
    parts = [*((request.get("toolConfig") or {}).get("tools") or []), *(request.get("system") or [])]
    parts += [block for message in request["messages"] for block in message["content"]]
    return {"inputTokens": sum(rules.tokens_of(part) for part in parts)}


def _summary(model):
    return {"modelArn": model.arn, "modelId": model.id, "modelName": model.name, "providerName": model.provider, "inputModalities": list(model.inputs),
            "outputModalities": list(model.outputs), "responseStreamingSupported": model.streaming, "customizationsSupported": [],
            "inferenceTypesSupported": list(t for t in model.types if t != "INFERENCE_PROFILE"), "modelLifecycle": {"status": model.status}}


def list_foundation_models(state, labels, query, body):
    wanted = [("byProvider", lambda m, v: m.provider.lower() == v.lower()), ("byOutputModality", lambda m, v: v in m.outputs),
              ("byInferenceType", lambda m, v: v in m.types), ("byCustomizationType", lambda m, v: False)]
    models = [m for m in catalogue.MODELS.values() if all(fits(m, query[key]) for key, fits in wanted if key in query)]
    return {"modelSummaries": [_summary(m) for m in models]}


def get_foundation_model(state, labels, query, body):
    name = labels["modelIdentifier"].rpartition("/")[2]
    if name not in catalogue.MODELS:
        raise AwsError(404, "ResourceNotFoundException", f"The model {name} could not be found.")
    return {"modelDetails": _summary(catalogue.MODELS[name])}


def _profile(identifier, model, kind="SYSTEM_DEFINED"):
    region = identifier.split(".")[0]
    return {"inferenceProfileName": f"{region.upper()} {model.name}", "description": f"Routes requests to {model.name}.", "createdAt": _STARTED, "updatedAt": _STARTED,
            "inferenceProfileArn": f"arn:aws:bedrock:{catalogue.REGION}:{catalogue.ACCOUNT}:inference-profile/{identifier}",
            "models": [{"modelArn": model.arn}, {"modelArn": model.arn.replace(catalogue.REGION, "us-west-2")}],
            "inferenceProfileId": identifier, "status": "ACTIVE", "type": kind}


def _profiles(state):
    system = [_profile(i, m) for i, m in sorted(catalogue.PROFILES.items())]
    own = [_profile(arn.rpartition("/")[2], m, "APPLICATION") | {"inferenceProfileArn": arn, "inferenceProfileName": state.profile_names[arn]} for arn, m in state.profiles.items()]
    return system + own


def list_inference_profiles(state, labels, query, body):
    found = [p for p in _profiles(state) if query.get("type", p["type"]) == p["type"]]
    first, count = int(query.get("nextToken", 0)), int(query.get("maxResults", 1000))
    page = {"inferenceProfileSummaries": found[first:first + count]}
    return page | ({"nextToken": str(first + count)} if first + count < len(found) else {})


def get_inference_profile(state, labels, query, body):
    wanted = labels["inferenceProfileIdentifier"]
    for profile in _profiles(state):
        if wanted in (profile["inferenceProfileId"], profile["inferenceProfileArn"]):
            return profile
    raise AwsError(404, "ResourceNotFoundException", f"The inference profile {wanted} could not be found.")


def create_inference_profile(state, labels, query, body):
    model = catalogue.find(body["modelSource"]["copyFrom"], state.profiles)
    identifier = hashlib.sha256(body["inferenceProfileName"].encode()).hexdigest()[:12]
    arn = f"arn:aws:bedrock:{catalogue.REGION}:{catalogue.ACCOUNT}:application-inference-profile/{identifier}"
    state.profiles[arn], state.profile_names[arn] = model, body["inferenceProfileName"]
    return {"inferenceProfileArn": arn, "status": "ACTIVE"}


def start_async_invoke(state, labels, query, body):
    model = catalogue.find(body["modelId"], state.profiles)
    token = body.get("clientRequestToken") or f"none-{len(state.calls)}"
    known = next((arn for arn, call in state.calls.items() if call["clientRequestToken"] == token), None)
    if known and state.calls[known]["modelArn"] != model.arn:
        raise AwsError(400, "ConflictException", "A call with this clientRequestToken was made with other parameters.")
    if not known:
        known = f"arn:aws:bedrock:{catalogue.REGION}:{catalogue.ACCOUNT}:async-invoke/{hashlib.sha256(token.encode()).hexdigest()[:12]}"
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        state.calls[known] = {"invocationArn": known, "modelArn": model.arn, "clientRequestToken": token, "status": "InProgress", "submitTime": now,
                              "lastModifiedTime": now, "outputDataConfig": body["outputDataConfig"]}
    return {"invocationArn": known}


def get_async_invoke(state, labels, query, body):
    call = state.calls.get(labels["invocationArn"])
    if call is None:
        raise validation("The provided invocation ARN is invalid.")
    # The first look finds it at work, the next one done.
    shown = dict(call)
    call |= {"status": "Completed", "endTime": call["submitTime"]}
    return shown


def list_async_invokes(state, labels, query, body):
    found = [c for c in state.calls.values() if query.get("statusEquals", c["status"]) == c["status"]]
    return {"asyncInvokeSummaries": found}


HANDLERS = {
    "ApplyGuardrail": apply_guardrail, "Rerank": rerank, "CountTokens": count_tokens, "ListFoundationModels": list_foundation_models,
    "GetFoundationModel": get_foundation_model, "ListInferenceProfiles": list_inference_profiles, "GetInferenceProfile": get_inference_profile,
    "CreateInferenceProfile": create_inference_profile, "StartAsyncInvoke": start_async_invoke, "GetAsyncInvoke": get_async_invoke,
    "ListAsyncInvokes": list_async_invokes,
}
