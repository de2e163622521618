#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace caprock::llm {

// What messages are made of, after Amazon Bedrock's Converse, with what OpenAI and Anthropic can say besides:
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html
// Whoever writes a wire refuses, naming the field, what that wire cannot express; nothing is dropped
// silently. Members that end in _json are JSON texts, kept as they came so that nothing is lost by
// re-modelling.

/// Bytes, or where they are: exactly one of the two is set.
struct MediaSource {
  std::string bytes;              ///< decoded
  std::string uri = {};           ///< "s3://bucket/key", or "https://…" where the dialect fetches by itself
  std::string bucket_owner = {};  ///< account id of an S3 bucket
};

/// Where a statement of the model comes from. Which members count depends on `place`.
struct Citation {
  enum class Place : std::uint8_t {
    kUnknown,
    kWeb,            ///< url, domain
    kDocumentChar,   ///< index of the document in the request; start and end in characters
    kDocumentPage,   ///< the same in pages
    kDocumentChunk,  ///< the same in content blocks of the document
    kSearchResult    ///< index of the search result; start and end in its content blocks
  };
  Place place = Place::kUnknown;
  std::string title = {};
  std::string source = {};
  std::string cited_text = {};
  std::int64_t index = 0;
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::string url = {};
  std::string domain = {};
  std::string opaque = {};  ///< what the model wants back unchanged (Anthropic's encrypted_index)
  /// The part of the text that is supported, in characters, where the model says so (OpenAI's annotations).
  std::optional<std::int64_t> text_start = {};
  std::optional<std::int64_t> text_end = {};
};

/// With citations it is Converse's citationsContent.
struct TextBlock {
  std::string text;
  std::vector<Citation> citations = {};
};
struct ImageBlock {
  std::string format;  ///< png, jpeg, gif, webp; empty when only the uri knows
  MediaSource source;
  std::string detail = {};  ///< OpenAI: low, high, auto
};
struct DocumentBlock {
  std::string format;  ///< pdf, csv, doc, docx, xls, xlsx, html, txt, md
  std::string name;
  MediaSource source = {};                ///< or `text`, or `content`
  std::string text = {};                  ///< a plain-text document as it is
  std::vector<std::string> content = {};  ///< a document in blocks of text, which citations count
  std::string context = {};               ///< what the model may know about it but not cite
  std::optional<bool> citations = {};     ///< whether the model is to cite it
};
struct VideoBlock {
  std::string format;
  MediaSource source;
};
struct AudioBlock {
  std::string format;
  MediaSource source;
};
/// A passage that was found for the model, to be cited.
struct SearchResultBlock {
  std::string source;
  std::string title;
  std::vector<std::string> content;
  std::optional<bool> citations = {};
};
/// A part of the prompt that a guardrail looks at.
struct GuardBlock {
  std::string text;
  std::vector<std::string> qualifiers = {};  ///< grounding_source, query, guard_content
  std::optional<ImageBlock> image = {};      ///< instead of text
};

struct ToolUseBlock {
  std::string id;
  std::string name;
  std::string input_json;  ///< a JSON object, or what the model wrote instead
  std::string type = {};   ///< "server_tool_use" for a tool that the provider runs; else empty
};
struct JsonBlock {
  std::string json;
};
using ToolResultContent =
    std::variant<TextBlock, JsonBlock, ImageBlock, DocumentBlock, VideoBlock, SearchResultBlock>;
struct ToolResultBlock {
  std::string tool_use_id;
  std::vector<ToolResultContent> content;
  bool is_error = false;
  std::string type = {};  ///< of a tool that the provider ran
};

/// What the model thought. Text and signature go back unchanged, or the next turn is refused.
struct ReasoningBlock {
  std::string text;
  std::string signature = {};
  std::string redacted = {};  ///< encrypted reasoning: base64 as on the wire, never decoded
  std::string id = {};        ///< of the item, where the dialect counts them (OpenAI responses, OpenRouter)
  std::string format = {};    ///< OpenRouter: whose form the text and signature have
};
/// The model's refusal in words, where its dialect tells it from an answer (OpenAI).
struct RefusalBlock {
  std::string text;
};
/// What came before this may be cached.
struct CachePointBlock {
  std::string ttl = {};  ///< "5m", "1h", or empty for the default
};
/// From here on the model may (or may no longer) use a tool.
struct ToolChangeBlock {
  bool added = true;
  std::string name;
  std::string type = {};
  std::string server = {};
};

using ContentBlock = std::variant<TextBlock, ImageBlock, DocumentBlock, ToolUseBlock, ToolResultBlock,
                                  ReasoningBlock, CachePointBlock, VideoBlock, AudioBlock, SearchResultBlock,
                                  GuardBlock, RefusalBlock, ToolChangeBlock>;

/// The name of a block's kind as Converse spells it ("toolUse"), for messages about what cannot be expressed.
std::string_view kind_of(const ContentBlock& block);

}  // namespace caprock::llm
