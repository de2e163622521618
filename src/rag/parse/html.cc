#include <gumbo.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "rag/parse/builder.h"
#include "rag/parse/formats.h"
#include "rag/parse/html_tags.h"
#include "rag/parse/table.h"
#include "rag/parse/text/encoding.h"

namespace caprock::rag {
namespace {

// Memory of one parse, given back at once: gumbo frees its tree by recursion, which a deep document turns
// into a stack overflow.
class Arena {
 public:
  void* take(std::size_t size) {
    constexpr std::size_t kAlign = alignof(std::max_align_t);
    constexpr std::size_t kSlab = 256UL << 10;
    size = (size + kAlign - 1) / kAlign * kAlign;
    if (size > left_) {
      left_ = size > kSlab ? size : kSlab;
      slabs_.push_back(std::make_unique_for_overwrite<std::byte[]>(left_));
      next_ = slabs_.back().get();
    }
    void* taken = next_;
    next_ += size;
    left_ -= size;
    return taken;
  }

 private:
  std::vector<std::unique_ptr<std::byte[]>> slabs_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
};

const GumboOutput* parse_tree(const std::string& text, Arena& arena) {
  GumboOptions options = kGumboDefaultOptions;
  options.userdata = &arena;
  options.allocator = [](void* self, std::size_t size) { return static_cast<Arena*>(self)->take(size); };
  options.deallocator = [](void*, void*) {};
  options.max_errors = 0;
  return gumbo_parse_with_options(&options, text.data(), text.size());
}

// Goes through a tree without recursion. `enter` says whether to go into the element.
template <class Enter, class Leave, class Text>
void walk(const GumboNode* root, Enter enter, Leave leave, Text text) {
  struct Step {
    const GumboNode* node;
    unsigned child;
  };
  if (!is_element(root) || !enter(*root)) return;
  std::vector<Step> stack{{root, 0}};
  while (!stack.empty()) {
    Step& step = stack.back();
    const GumboVector& children = step.node->v.element.children;
    if (step.child == children.length) {
      leave(*step.node);
      stack.pop_back();
      continue;
    }
    const auto* child = static_cast<const GumboNode*>(children.data[step.child++]);
    if (is_element(child)) {
      if (enter(*child)) stack.push_back({child, 0});
    } else if (child->type == GUMBO_NODE_TEXT || child->type == GUMBO_NODE_WHITESPACE ||
               child->type == GUMBO_NODE_CDATA) {
      text(std::string_view(child->v.text.text));
    }
  }
}

std::size_t text_size(const GumboNode* root) {
  std::size_t size = 0;
  walk(
      root, [](const GumboNode& n) { return !is_skipped(n); }, [](const GumboNode&) {},
      [&](std::string_view text) {
        size += text.find_first_not_of(" \t\n\r") == std::string_view::npos ? 0 : text.size();
      });
  return size;
}

// <main>, role="main" or the only <article>, if it holds a good part of the page's text; else the body.
const GumboNode* main_content(const GumboNode* root) {
  const GumboNode* main = nullptr;
  const GumboNode* article = nullptr;
  std::size_t articles = 0;
  walk(
      root,
      [&](const GumboNode& node) {
        if (main == nullptr && (tag_of(node) == GUMBO_TAG_MAIN || attribute(node, "role") == "main"))
          main = &node;
        if (tag_of(node) == GUMBO_TAG_ARTICLE && articles++ == 0) article = &node;
        return true;
      },
      [](const GumboNode&) {}, [](std::string_view) {});
  const std::size_t all = text_size(root);
  if (main != nullptr && text_size(main) * 4 >= all) return main;
  if (articles == 1 && text_size(article) * 2 >= all) return article;
  return root;
}

class HtmlReader {
 public:
  explicit HtmlReader(std::size_t max_text) : max_text_(max_text) {}

  base::Result<ParsedDocument> read(const GumboNode* root) {
    take_title(root);
    const GumboNode* main = main_content(root);
    // Inside the main content a <header> or <aside> belongs to it.
    inside_main_ = main != root;
    walk(
        main, [this](const GumboNode& node) { return enter(node); },
        [this](const GumboNode& node) { leave(node); }, [this](std::string_view text) { add_text(text); });
    flush();
    if (builder_.bytes() > max_text_) return base::failure(text_too_large(max_text_));
    return builder_.finish();
  }

 private:
  void take_title(const GumboNode* root) {
    std::string title;
    bool inside = false;
    walk(
        root,
        [&](const GumboNode& node) {
          if (tag_of(node) == GUMBO_TAG_TITLE && title.empty()) inside = true;
          return tag_of(node) != GUMBO_TAG_SVG && builder_.bytes() == 0;
        },
        [&](const GumboNode& node) { inside = inside && tag_of(node) != GUMBO_TAG_TITLE; },
        [&](std::string_view text) {
          if (inside) title += text;
        });
    builder_.set_title(title);
  }

  bool enter(const GumboNode& node) {
    if (is_skipped(node) || (!inside_main_ && is_page_furniture(node))) return false;
    const GumboTag tag = tag_of(node);
    if (in_cell_ > 0) {
      if (tag == GUMBO_TAG_BR || is_block(tag)) text_ += ' ';
      if (tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH) ++in_cell_;
      return true;
    }
    if (is_block(tag)) flush();
    switch (tag) {
      case GUMBO_TAG_BR:
        text_ += '\n';
        break;
      case GUMBO_TAG_PRE:
        ++in_pre_;
        break;
      case GUMBO_TAG_UL:
        lists_.push_back(-1);
        break;
      case GUMBO_TAG_OL:
        lists_.push_back(1);
        break;
      case GUMBO_TAG_LI:
        marker_ = next_marker();
        break;
      case GUMBO_TAG_TABLE:
        tables_.push_back({&node, is_data_table(node)});
        break;
      case GUMBO_TAG_TR:
        row_.clear();
        row_is_header_ = true;
        break;
      case GUMBO_TAG_TD:
      case GUMBO_TAG_TH:
        if (tables_.empty() || !tables_.back().data) break;
        in_cell_ = 1;
        row_is_header_ = row_is_header_ && tag == GUMBO_TAG_TH;
        break;
      default:
        break;
    }
    return true;
  }

  void leave(const GumboNode& node) {
    const GumboTag tag = tag_of(node);
    if (in_cell_ > 0) {
      if (tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH) --in_cell_;
      if (in_cell_ > 0) return;
      if (tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH) end_cell();
      return;
    }
    if (const int level = heading_level(tag); level > 0) return end_heading(level);
    if (is_block(tag)) flush();
    switch (tag) {
      case GUMBO_TAG_PRE:
        in_pre_ -= in_pre_ > 0;
        break;
      case GUMBO_TAG_UL:
      case GUMBO_TAG_OL:
        if (!lists_.empty()) lists_.pop_back();
        break;
      case GUMBO_TAG_LI:
        marker_.clear();
        break;
      case GUMBO_TAG_TR:
        end_row();
        break;
      case GUMBO_TAG_TABLE:
        table_.finish();
        if (!tables_.empty()) tables_.pop_back();
        break;
      default:
        break;
    }
  }

  // White space is one space, but for preformatted text; only <br> breaks a line.
  void add_text(std::string_view text) {
    if (in_pre_ > 0) {
      text_ += text;
      return;
    }
    for (const char c : text) {
      const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
      if (!space)
        text_ += c;
      else if (!text_.empty() && text_.back() != ' ' && text_.back() != '\n')
        text_ += ' ';
    }
  }

  void flush() {
    if (text_.find_first_not_of(" \t\n\r") != std::string::npos) {
      const Block::Kind kind = in_pre_ > 0      ? Block::Kind::kCode
                               : lists_.empty() ? Block::Kind::kParagraph
                                                : Block::Kind::kListItem;
      builder_.add(kind, marker_ + text_);
      marker_.clear();
    }
    text_.clear();
  }

  void end_heading(int level) {
    if (level == 1 && !builder_.has_title()) builder_.set_title(text_);
    builder_.heading(level, text_);
    text_.clear();
  }

  std::string next_marker() {
    if (lists_.empty() || lists_.back() < 0) return "- ";
    return std::to_string(lists_.back()++) + ". ";
  }

  void end_cell() {
    row_.push_back(collapse_space(text_));
    text_.clear();
  }

  void end_row() {
    if (tables_.empty() || !tables_.back().data || row_.empty()) return;
    if (row_is_header_)
      table_.add_header(row_);
    else
      table_.add(row_);
    row_.clear();
  }

  // A table that holds another one, a heading or says so itself only lays the page out.
  static bool is_data_table(const GumboNode& table) {
    const std::string_view role = attribute(table, "role");
    bool data = role != "presentation" && role != "none";
    walk(
        &table,
        [&](const GumboNode& node) {
          const GumboTag tag = tag_of(node);
          if (&node != &table && (tag == GUMBO_TAG_TABLE || heading_level(tag) > 0)) data = false;
          return data;
        },
        [](const GumboNode&) {}, [](std::string_view) {});
    return data;
  }

  struct Table {
    const GumboNode* node;
    bool data;
  };
  std::size_t max_text_;
  DocumentBuilder builder_{mime::kHtml};
  TableWriter table_{builder_};
  std::string text_;
  std::string marker_;
  std::vector<long> lists_;  ///< the next number of each open list, -1: bullets
  std::vector<Table> tables_;
  std::vector<std::string> row_;
  bool row_is_header_ = false;
  bool inside_main_ = false;
  int in_pre_ = 0;
  int in_cell_ = 0;
};

// <meta charset=…> stands within the first 1024 bytes (HTML standard, 4.2.5.4).
std::string declared_charset(const FormatInput& input) {
  if (!input.charset.empty()) return std::string(input.charset);
  std::string charset = charset_of(input.bytes.substr(0, 1024));
  return charset.substr(0, charset.find_first_of("\"'/> "));
}

}  // namespace

base::Result<ParsedDocument> parse_html(const FormatInput& input) {
  const std::string text = normalize_text(decode_text(input.bytes, declared_charset(input)));
  Arena arena;
  const GumboOutput* tree = parse_tree(text, arena);
  if (tree == nullptr || tree->root == nullptr)
    return base::failure(base::invalid_argument("content", "the HTML cannot be read"));
  return HtmlReader(input.max_text).read(tree->root);
}

}  // namespace caprock::rag
