#include "rag/vectors/gap_walk.h"

namespace caprock::rag {
namespace {

constexpr std::uint32_t kDocumentsAStep = 200;

}  // namespace

base::Awaitable<base::Result<std::optional<GapWalk::Step>>> GapWalk::next(
    const base::RequestContext& context) {
  if (ended_) co_return std::nullopt;
  CAPROCK_CO_TRY(
      stores::Page<stores::Document> page,
      co_await documents_.list(context, {.status = std::nullopt, .collection = space_.collection.collection},
                               {.limit = kDocumentsAStep, .cursor = cursor_}));
  cursor_ = std::move(page.next_cursor);
  ended_ = cursor_.empty();
  std::erase_if(page.items, [](const stores::Document& document) { return document.version == 0; });

  std::vector<stores::DocumentVersion> versions;
  versions.reserve(page.items.size());
  for (const stores::Document& document : page.items) versions.push_back({document.id, document.version});
  CAPROCK_CO_TRY(const auto counts, co_await vectors_.counts(context, space_, std::move(versions)));
  Step step;
  for (std::size_t i = 0; i < page.items.size(); ++i) {
    const std::uint32_t chunks = page.items[i].chunk_count;
    step.chunks += chunks;
    if (counts[i] >= chunks) continue;
    step.missing += chunks - counts[i];
    step.incomplete.push_back(std::move(page.items[i]));
  }
  co_return step;
}

}  // namespace caprock::rag
