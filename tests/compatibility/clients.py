"""The stock clients: how each is started and pointed at Caprock, in which dialect it speaks, and what it cannot say."""
import sys
from dataclasses import dataclass, field

from mock_bedrock.agreement import CLIENTS as NODE_FOLDER
from mock_bedrock.agreement import node

from .features import ERRORS


@dataclass(frozen=True)
class Dialect:
    """`ends` and `calls`: how a whole answer and a wish for tools end; `errors`: kind → the (type, status) that it may be."""
    ends: tuple
    calls: tuple
    errors: dict


@dataclass(frozen=True)
class Client:
    key: str
    title: str
    command: tuple
    point: str  # what a user changes
    environment: dict  # the same for the driver; {url}, {secure}, {certificate}, {api_key}, … stand for what is known later
    dialect: Dialect
    cannot: dict = field(default_factory=dict)  # feature → why not

    def marker(self, feature):
        return f"[{self.key}/{feature}]"


def errors(**kinds):
    assert kinds.keys() == ERRORS.keys()
    return {kind: found if isinstance(found, tuple) and isinstance(found[0], tuple) else (found,) for kind, found in kinds.items()}


_AWS = dict(throttled=("ThrottlingException", 429), unavailable=("ServiceUnavailableException", 503), failed=("InternalServerException", 500),
            denied=("AccessDeniedException", 403), unknown=("ResourceNotFoundException", 404), invalid=("ValidationException", 400),
            too_long=("ValidationException", 400))
BOTO3 = Dialect(("end_turn",), ("tool_use",), errors(**_AWS, broken=("modelStreamErrorException", None), cut=("modelStreamErrorException", None)))
AWS_JS = Dialect(("end_turn",), ("tool_use",), errors(**_AWS, broken=("ModelStreamErrorException", None), cut=("ModelStreamErrorException", None)))
STRANDS = Dialect(("end_turn",), ("tool_use",), errors(**_AWS | dict(throttled=("ModelThrottledException", 429), too_long=("ContextWindowOverflowException", None)),
                                                      broken=("modelStreamErrorException", None), cut=("modelStreamErrorException", None)))
VERCEL = Dialect(("stop",), ("tool-calls",), errors(**{kind: ("APICallError", status) for kind, (_, status) in _AWS.items()},
                                                   broken=("AI_StreamProviderError", 424), cut=("AI_StreamProviderError", 424)))
_SDK = dict(throttled=("RateLimitError", 429), unavailable=("InternalServerError", 503), failed=("InternalServerError", 500), denied=("PermissionDeniedError", 403),
            unknown=("NotFoundError", 404), invalid=("BadRequestError", 400), too_long=("BadRequestError", 400))
OPENAI = Dialect(("stop",), ("tool_calls",), errors(**_SDK, broken=("APIError", None), cut=("APIError", None)))
RESPONSES = Dialect(("completed",), ("completed",), OPENAI.errors)
_OVERLOADED = _SDK | dict(unavailable=("OverloadedError", 529))
ANTHROPIC = Dialect(("end_turn",), ("tool_use",), errors(**_OVERLOADED, broken=("APIStatusError", 200), cut=("APIStatusError", 200)))
ANTHROPIC_JS = Dialect(("end_turn",), ("tool_use",), errors(**_OVERLOADED, broken=("APIError", None), cut=("APIError", None)))

_KEYS = {"AWS_ACCESS_KEY_ID": "{access_key_id}", "AWS_SECRET_ACCESS_KEY": "{secret_access_key}"}
_SDK_ENVIRONMENT = {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "{url}", **_KEYS}
_ENDPOINT = "`AWS_ENDPOINT_URL_BEDROCK_RUNTIME={url}`, and the pair of an issued key as `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`"

_OPENAI_ENVIRONMENT = {"OPENAI_BASE_URL": "{url}/v1", "OPENAI_API_KEY": "{api_key}"}
_OPENAI_POINT = "`OPENAI_BASE_URL={url}/v1`, and the API key as `OPENAI_API_KEY`"

_ANTHROPIC_ENVIRONMENT = {"ANTHROPIC_BASE_URL": "{url}", "ANTHROPIC_API_KEY": "{api_key}"}
_ANTHROPIC_POINT = "`ANTHROPIC_BASE_URL={url}`, and the API key as `ANTHROPIC_API_KEY`"


def python(module):
    return (sys.executable, "-m", f"compatibility.drivers.{module}")


def javascript(file, *arguments):
    return (node(), str(NODE_FOLDER / file), *arguments)


CLIENTS = [
    Client("boto3", "boto3 `converse`", python("converse"), _ENDPOINT, _SDK_ENVIRONMENT, BOTO3),
    Client("boto3-invoke", "boto3 `invoke_model`, Claude's own bodies", python("invoke"), _ENDPOINT, _SDK_ENVIRONMENT, BOTO3),
    Client("boto3-bearer", "boto3 `converse`, API key over TLS", python("converse"),
           "`AWS_ENDPOINT_URL_BEDROCK_RUNTIME=https://…`, and the API key as `AWS_BEARER_TOKEN_BEDROCK` (boto3 sends it over TLS only)",
           {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "{secure}", "AWS_BEARER_TOKEN_BEDROCK": "{api_key}", "AWS_CA_BUNDLE": "{certificate}"}, BOTO3),
    Client("aws-js", "`@aws-sdk/client-bedrock-runtime`, its default (HTTP/2)", javascript("converse.mjs"), _ENDPOINT, _SDK_ENVIRONMENT, AWS_JS),
    Client("aws-js-http1", "`@aws-sdk/client-bedrock-runtime`, HTTP/1.1", javascript("converse.mjs", "http1"),
           "the same, with `requestHandler: new NodeHttpHandler()`", _SDK_ENVIRONMENT, AWS_JS),
    Client("strands", "Strands Agents `BedrockModel`", python("strands_agent"), _ENDPOINT, _SDK_ENVIRONMENT, STRANDS),
    Client("langchain", "LangChain `ChatBedrockConverse`", python("langchain"), _ENDPOINT, _SDK_ENVIRONMENT, BOTO3),
    Client("vercel", "Vercel `ai` with `@ai-sdk/amazon-bedrock`", javascript("vercel.mjs"),
           "`createAmazonBedrock({ baseURL: \"{url}\" })`, and the pair or the API key in the environment as above", {"CAPROCK_URL": "{url}", **_KEYS}, VERCEL),
    Client("openai", "`openai` for Python, chat completions", python("openai_chat"), _OPENAI_POINT, _OPENAI_ENVIRONMENT, OPENAI),
    Client("openai-responses", "`openai` for Python, responses", python("openai_responses"), _OPENAI_POINT, _OPENAI_ENVIRONMENT, RESPONSES),
    Client("openai-js", "`openai` for JavaScript, chat completions", javascript("openai.mjs"), _OPENAI_POINT, _OPENAI_ENVIRONMENT, OPENAI),
    Client("openai-js-responses", "`openai` for JavaScript, responses", javascript("responses.mjs"), _OPENAI_POINT, _OPENAI_ENVIRONMENT, RESPONSES),
    Client("anthropic", "`anthropic` for Python", python("anthropic_messages"), _ANTHROPIC_POINT, _ANTHROPIC_ENVIRONMENT, ANTHROPIC),
    Client("anthropic-js", "`@anthropic-ai/sdk`", javascript("anthropic.mjs"), _ANTHROPIC_POINT, _ANTHROPIC_ENVIRONMENT, ANTHROPIC_JS),
]
