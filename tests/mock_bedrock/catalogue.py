"""The models that this Bedrock has. Ids and figures are of real models; what they say is ours."""
import re
from dataclasses import dataclass, field

from .errors import AwsError, validation

REGION, ACCOUNT = "us-east-1", "123456789012"


@dataclass
class Model:
    id: str
    provider: str
    family: str
    name: str = ""
    context: int = 200_000
    inputs: tuple = ("TEXT",)
    outputs: tuple = ("TEXT",)
    streaming: bool = True
    types: tuple = ("ON_DEMAND",)
    status: str = "ACTIVE"
    dims: tuple = ()
    profiles: tuple = ()
    converse: bool = True
    features: tuple = field(default=())

    @property
    def arn(self):
        return f"arn:aws:bedrock:{REGION}::foundation-model/{self.id}"


_PROFILES = ("us", "eu", "global")
_SIGHT = ("TEXT", "IMAGE")
_CLAUDE = ("tools", "images", "documents", "cache", "reasoning", "schema")

MODELS = {m.id: m for m in [
    Model("anthropic.claude-3-5-sonnet-20240620-v1:0", "Anthropic", "claude", "Claude 3.5 Sonnet", inputs=_SIGHT, features=_CLAUDE),
    Model("anthropic.claude-3-haiku-20240307-v1:0", "Anthropic", "claude", "Claude 3 Haiku", inputs=_SIGHT, features=_CLAUDE, profiles=("us",)),
    Model("anthropic.claude-sonnet-4-20250514-v1:0", "Anthropic", "claude", "Claude Sonnet 4", inputs=_SIGHT, features=_CLAUDE,
          types=("INFERENCE_PROFILE",), profiles=_PROFILES),
    Model("anthropic.claude-sonnet-4-5-20250929-v1:0", "Anthropic", "claude", "Claude Sonnet 4.5", inputs=_SIGHT,
          features=(*_CLAUDE, "temperature_xor_top_p"), types=("INFERENCE_PROFILE",), profiles=_PROFILES),
    Model("anthropic.claude-small-context-v1:0", "Anthropic", "claude", "Claude with a small window (of the mock only)", context=2_000, inputs=_SIGHT, features=_CLAUDE),
    Model("anthropic.claude-denied-v1:0", "Anthropic", "claude", "Claude without access (of the mock only)", features=("denied",)),
    Model("anthropic.claude-invoke-only-v1:0", "Anthropic", "claude", "Claude that Converse does not know (of the mock only)", inputs=_SIGHT, features=_CLAUDE, converse=False),
    Model("anthropic.claude-v2:1", "Anthropic", "claude", "Claude 2.1", features=("end_of_life",), status="LEGACY"),
    Model("amazon.nova-lite-v1:0", "Amazon", "nova", "Nova Lite", context=300_000, inputs=_SIGHT, features=("tools", "images", "documents", "cache", "reasoning"), profiles=("us", "eu")),
    Model("amazon.titan-text-express-v1", "Amazon", "titan", "Titan Text Express", context=8_000, status="LEGACY"),
    Model("meta.llama2-70b-chat-v1", "Meta", "llama", "Llama 2 Chat 70B", context=4_000, status="LEGACY"),
    Model("meta.llama3-2-90b-instruct-v1:0", "Meta", "llama", "Llama 3.2 90B Instruct", context=128_000, inputs=_SIGHT, features=("images", "tools"), profiles=("us",)),
    Model("meta.llama4-scout-17b-instruct-v1:0", "Meta", "llama", "Llama 4 Scout 17B Instruct", context=128_000, profiles=("us",), features=("tools",)),
    Model("meta.llama3-70b-instruct-v1:0", "Meta", "llama", "Llama 3 70B Instruct", context=8_000),
    Model("meta.llama3-1-70b-instruct-v1:0", "Meta", "llama", "Llama 3.1 70B Instruct", context=128_000, profiles=("us",), features=("tools",)),
    Model("mistral.mistral-large-2402-v1:0", "Mistral AI", "mistral", "Mistral Large", context=32_000, features=("tools",)),
    Model("mistral.mistral-large-2407-v1:0", "Mistral AI", "mistral_chat", "Mistral Large (24.07)", context=128_000, features=("tools",)),
    Model("mistral.pixtral-large-2502-v1:0", "Mistral AI", "mistral_chat", "Pixtral Large (25.02)", context=128_000, inputs=_SIGHT, features=("tools", "images")),
    Model("cohere.command-r-plus-v1:0", "Cohere", "cohere_chat", "Command R+", context=128_000, features=("tools",)),
    Model("cohere.command-text-v14", "Cohere", "cohere", "Command", context=4_000, status="LEGACY"),
    Model("ai21.jamba-1-5-large-v1:0", "AI21 Labs", "jamba", "Jamba 1.5 Large", context=256_000, features=("tools",)),
    Model("ai21.j2-ultra-v1", "AI21 Labs", "jurassic", "Jurassic-2 Ultra", context=8_000, streaming=False, status="LEGACY", converse=False),
    Model("amazon.titan-embed-text-v1", "Amazon", "titan_embed_v1", "Titan Embeddings G1 - Text", context=8_192, outputs=("EMBEDDING",), streaming=False, dims=(1536,), converse=False),
    Model("amazon.titan-embed-text-v2:0", "Amazon", "titan_embed_v2", "Titan Text Embeddings V2", context=8_192, outputs=("EMBEDDING",), streaming=False, dims=(1024, 512, 256), converse=False),
    Model("amazon.titan-embed-image-v1", "Amazon", "titan_embed_mm", "Titan Multimodal Embeddings G1", context=256, inputs=_SIGHT, outputs=("EMBEDDING",), streaming=False, dims=(1024, 384, 256), converse=False),
    Model("amazon.nova-2-multimodal-embeddings-v1:0", "Amazon", "nova_embed", "Nova Multimodal Embeddings", context=8_172, inputs=_SIGHT, outputs=("EMBEDDING",), streaming=False, dims=(3072, 1024, 384, 256), converse=False),
    Model("cohere.embed-english-v3", "Cohere", "cohere_embed_v3", "Embed English", context=512, outputs=("EMBEDDING",), streaming=False, dims=(1024,), converse=False),
    Model("cohere.embed-multilingual-v3", "Cohere", "cohere_embed_v3", "Embed Multilingual", context=512, outputs=("EMBEDDING",), streaming=False, dims=(1024,), converse=False),
    Model("cohere.embed-v4:0", "Cohere", "cohere_embed_v4", "Embed v4", context=128_000, inputs=_SIGHT, outputs=("EMBEDDING",), streaming=False, dims=(1536, 1024, 512, 256), profiles=_PROFILES, converse=False),
    Model("cohere.rerank-v3-5:0", "Cohere", "rerank", "Rerank 3.5", context=4_000, streaming=False, converse=False),
    Model("amazon.rerank-v1:0", "Amazon", "rerank", "Rerank 1.0", context=4_000, streaming=False, converse=False),
]}

PROFILES = {f"{region}.{m.id}": m for m in MODELS.values() for region in m.profiles}
_ARN = re.compile(r"arn:aws(?:-[^:]+)?:bedrock:[a-z0-9-]+:\d*:(foundation-model|inference-profile|application-inference-profile|provisioned-model|custom-model-deployment)/(.+)$")
# Application profiles and provisioned models have opaque names; here all of them are this model.
BEHIND_OPAQUE = MODELS["anthropic.claude-3-5-sonnet-20240620-v1:0"]


def split_fault(identifier):
    """A model id may carry faults: MODEL.fault.WORD.WORD (see faults.py)."""
    model, _, fault = identifier.partition(".fault.")
    return model, fault


def find(identifier, profiles, invoked=True):
    """The model that an id, profile or ARN names; the errors are Bedrock's. Tokens are counted without a model being invoked."""
    found = _ARN.match(identifier)
    name = found.group(2) if found else identifier
    if found and found.group(1) in ("application-inference-profile", "provisioned-model", "custom-model-deployment"):
        model = profiles.get(identifier, BEHIND_OPAQUE)
    elif name in PROFILES:
        model = PROFILES[name]
    elif name in MODELS:
        model = MODELS[name]
        if invoked and "ON_DEMAND" not in model.types:
            raise validation(f"Invocation of model ID {name} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.")
    else:
        raise validation("The provided model identifier is invalid.")
    if "denied" in model.features:
        raise AwsError(403, "AccessDeniedException", "You don't have access to the model with the specified model ID.")
    if "end_of_life" in model.features:
        raise AwsError(404, "ResourceNotFoundException", "This model version has reached the end of its life. Please refer to the AWS documentation for more details.")
    return model
