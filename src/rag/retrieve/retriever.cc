#include "rag/retrieve/retriever.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "base/all_of.h"
#include "base/log.h"
#include "rag/retrieve/fusion.h"

namespace caprock::rag {
namespace {

using stores::IndexHit;

constexpr std::size_t kRerankDepth = 30;  ///< passages that are loaded for reranking, at least top_k
constexpr std::uint32_t kSpread = 4;  ///< how much deeper the next round looks when too much was invisible

class Stopwatch {
 public:
  explicit Stopwatch(double& milliseconds) : milliseconds_(milliseconds) {}
  ~Stopwatch() {
    milliseconds_ +=
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  double& milliseconds_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// One retrieval: its parts run side by side and are all awaited by it.
class Run {
 public:
  Run(const Retriever::Parts& parts, const RetrieveSettings& settings, bool by_ranks,
      const base::RequestContext& context, RetrieveRequest request)
      : parts_(parts),
        settings_(settings),
        by_ranks_(by_ranks),
        context_(context),
        request_(std::move(request)),
        collection_{context.principal.tenant, request_.collection} {}

  base::Awaitable<base::Result<Retrieval>> run();

 private:
  using Done = base::Awaitable<base::Result<void>>;
  base::Result<void> check_depth();
  Done search(std::uint32_t depth);
  Done search_text(std::uint32_t depth);
  Done search_vectors(std::uint32_t depth);
  Done embed();
  Done fetch_cosines();
  Done join(std::size_t wanted);
  Done load();
  Done rerank();
  bool all_found(std::uint32_t depth) const {
    return input_.text.size() < depth && input_.vectors.size() < depth;
  }

  const Retriever::Parts& parts_;
  const RetrieveSettings& settings_;
  const bool by_ranks_;
  const base::RequestContext& context_;
  const RetrieveRequest request_;
  const stores::CollectionKey collection_;
  FusionInput input_;
  std::vector<Fused> visible_;  ///< best first
  std::unordered_map<std::string, std::shared_ptr<const stores::VisibleDocument>>
      documents_;  ///< null: not visible
  Retrieval out_;
};

base::Result<void> Run::check_depth() {
  const std::uint32_t text = parts_.text.capabilities().max_k;
  const std::uint32_t vectors = parts_.vectors.capabilities().max_k;
  if (request_.top_k == 0) return base::failure(base::invalid_argument("top_k", "must be at least 1"));
  if (request_.top_k > text)
    return base::failure(base::invalid_argument(
        "top_k", "must be at most " + std::to_string(text) + ", the text index's maximum"));
  if (request_.use_vectors && parts_.models != nullptr && request_.top_k > vectors)
    return base::failure(base::invalid_argument(
        "top_k", "must be at most " + std::to_string(vectors) + ", the vector index's maximum"));
  return {};
}

Run::Done Run::search_text(std::uint32_t depth) {
  const Stopwatch watch(out_.timings.text_ms);
  const auto can = parts_.text.capabilities();
  stores::TextQuery query{.text = request_.query,
                          .k = std::min(depth, can.max_k),
                          .filter = request_.filter,
                          .document_scores = can.document_scores};
  CAPROCK_CO_TRY(input_.text, co_await parts_.text.search(context_, collection_, std::move(query)));
  co_return base::Result<void>();
}

/// By the first model that is there. Without one the words must do: that is told, not failed.
Run::Done Run::embed() {
  const Stopwatch watch(out_.timings.embed_ms);
  for (ServingModel& model : parts_.models->choose(collection_)) {
    auto embedded = co_await model.embedder->embed(context_, std::vector<std::string>{request_.query},
                                                   llm::EmbedPurpose::kQuery);
    if (embedded) {
      out_.query_vector = std::move(embedded->values);
      out_.query_model = std::move(model.embedder);
      out_.usage = embedded->usage;
      out_.degraded = std::move(model.gap);
      break;
    }
    const base::ErrorKind kind = embedded.error().kind;
    if (kind != base::ErrorKind::kUnavailable && kind != base::ErrorKind::kUpstream)
      co_return base::failure(std::move(embedded).error());
    out_.degraded = embedded.error().message;
  }
  co_return base::Result<void>();
}

Run::Done Run::search_vectors(std::uint32_t depth) {
  if (parts_.models == nullptr || !request_.use_vectors) co_return base::Result<void>();
  if (out_.query_vector.empty() && out_.degraded.empty()) CAPROCK_CO_CHECK(co_await embed());
  if (out_.query_vector.empty()) co_return base::Result<void>();
  const Stopwatch watch(out_.timings.vector_ms);
  const std::string fingerprint = out_.query_model->info().fingerprint;
  CAPROCK_CO_TRY(const bool ready, co_await parts_.vectors.ready(context_, collection_, fingerprint));
  if (!ready) {
    out_.query_vector.clear();
    out_.query_model.reset();
    out_.degraded = "the vectors of this collection are still being read; this was found by words alone";
    co_return base::Result<void>();
  }
  stores::VectorQuery query{.vector = out_.query_vector,
                            .k = std::min(depth, parts_.vectors.capabilities().max_k),
                            .filter = request_.filter};
  CAPROCK_CO_TRY(input_.vectors,
                 co_await parts_.vectors.search(context_, collection_, out_.query_model->info().fingerprint,
                                                std::move(query)));
  co_return base::Result<void>();
}

/// The true cosines of what the words found; those that the vectors found too are known.
Run::Done Run::fetch_cosines() {
  input_.text_cosines.clear();
  if (out_.query_vector.empty() || !parts_.vectors.capabilities().fetch) co_return base::Result<void>();
  const Stopwatch watch(out_.timings.vector_ms);
  std::vector<stores::ChunkKey> keys;
  keys.reserve(input_.text.size());
  for (const IndexHit& hit : input_.text) keys.push_back(hit.key);
  CAPROCK_CO_TRY(input_.text_cosines,
                 co_await parts_.vectors.fetch(context_, collection_, out_.query_model->info().fingerprint,
                                               out_.query_vector, std::move(keys)));
  co_return base::Result<void>();
}

Run::Done Run::search(std::uint32_t depth) {
  std::vector<Done> both;
  both.push_back(search_text(depth));
  both.push_back(search_vectors(depth));
  CAPROCK_CO_CHECK(co_await base::all_of(std::move(both)));
  co_return co_await fetch_cosines();
}

/// Leaves in visible_ the best `wanted` passages whose version searches see.
Run::Done Run::join(std::size_t wanted) {
  std::vector<Fused> all;
  {
    const Stopwatch watch(out_.timings.fuse_ms);
    all = fuse(input_, {.reciprocal_ranks = by_ranks_,
                        .dense_weight = settings_.dense_weight,
                        .rrf_k = settings_.rrf_k,
                        .similarity_threshold = settings_.similarity_threshold});
  }
  const Stopwatch watch(out_.timings.load_ms);
  visible_.clear();
  for (std::size_t at = 0; at < all.size() && visible_.size() < wanted;) {
    const std::size_t end = std::min(all.size(), at + 2 * wanted);
    std::vector<stores::DocumentId> unknown;
    for (std::size_t i = at; i < end; ++i)
      if (documents_.try_emplace(all[i].key.document.str()).second) unknown.push_back(all[i].key.document);
    if (!unknown.empty()) {
      CAPROCK_CO_TRY(auto found,
                     co_await parts_.documents.visible(context_, collection_, std::move(unknown)));
      for (stores::VisibleDocument& document : found) {
        const std::string id = document.id.str();
        documents_[id] = std::make_shared<const stores::VisibleDocument>(std::move(document));
      }
    }
    for (; at < end && visible_.size() < wanted; ++at) {
      const auto& document = documents_[all[at].key.document.str()];
      if (document && document->version == all[at].key.version) visible_.push_back(std::move(all[at]));
    }
  }
  co_return base::Result<void>();
}

Run::Done Run::load() {
  const Stopwatch watch(out_.timings.load_ms);
  std::vector<stores::ChunkKey> keys;
  keys.reserve(visible_.size());
  for (const Fused& fused : visible_) keys.push_back(fused.key);
  CAPROCK_CO_TRY(auto records, co_await parts_.chunks.get(context_, collection_, std::move(keys)));
  std::size_t next = 0;
  for (const Fused& fused : visible_) {
    // A document that was deleted in between has no chunks any more.
    if (next == records.size() || records[next].key != fused.key) continue;
    const auto& document = documents_[fused.key.document.str()];
    out_.passages.push_back({.key = fused.key,
                             .chunk = std::move(records[next].chunk),
                             .title = document->title,
                             .source = document->source,
                             .metadata = document->metadata,
                             .score = fused.score,
                             .bm25 = fused.bm25,
                             .cosine = fused.cosine,
                             .text_rank = fused.text_rank,
                             .vector_rank = fused.vector_rank});
    ++next;
  }
  co_return base::Result<void>();
}

/// Reorders what was loaded; a reranker that is out leaves the order as it is.
Run::Done Run::rerank() {
  std::vector<std::string> texts;
  texts.reserve(out_.passages.size());
  for (const Passage& passage : out_.passages) texts.push_back(passage.chunk.content);
  auto scores = co_await parts_.reranker->rerank(context_, request_.query, std::move(texts));
  if (!scores || scores->size() != out_.passages.size()) {
    if (!scores)
      base::log_error(context_, "passages stay in the order of their fused scores", scores.error());
    co_return base::Result<void>();
  }
  std::vector<std::size_t> order(out_.passages.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(-(*scores)[i], i); });
  std::vector<Passage> reordered;
  reordered.reserve(order.size());
  for (const std::size_t i : order) reordered.push_back(std::move(out_.passages[i]));
  out_.passages = std::move(reordered);
  co_return base::Result<void>();
}

base::Awaitable<base::Result<Retrieval>> Run::run() {
  CAPROCK_CO_CHECK(check_depth());
  const bool reranks = settings_.rerank && parts_.reranker != nullptr;
  const std::size_t wanted = reranks ? std::max<std::size_t>(request_.top_k, kRerankDepth) : request_.top_k;
  const std::uint32_t deepest = parts_.text.capabilities().max_k;
  auto depth = static_cast<std::uint32_t>(std::min<std::uint64_t>(
      deepest, std::max<std::uint64_t>(static_cast<std::uint64_t>(settings_.candidates),
                                       std::uint64_t{2} * request_.top_k)));
  while (true) {
    CAPROCK_CO_CHECK(co_await search(depth));
    CAPROCK_CO_CHECK(co_await join(wanted));
    if (visible_.size() >= wanted || all_found(depth) || depth >= deepest) break;
    // Old versions that are not collected yet may stand in front.
    if (visible_.size() >= request_.top_k) break;
    depth = std::min(deepest, depth * kSpread);
  }
  CAPROCK_CO_CHECK(co_await load());
  if (reranks) CAPROCK_CO_CHECK(co_await rerank());
  if (out_.passages.size() > request_.top_k) out_.passages.resize(request_.top_k);
  co_return std::move(out_);
}

/// "laws=rrf": the collection, and whether by ranks.
std::optional<std::pair<std::string, bool>> read_entry(const std::string& entry) {
  const std::size_t equals = entry.rfind('=');
  if (equals == std::string::npos || equals == 0) return std::nullopt;
  const std::string fusion = entry.substr(equals + 1);
  if (fusion != "rrf" && fusion != "weighted") return std::nullopt;
  return std::pair(entry.substr(0, equals), fusion == "rrf");
}

}  // namespace

base::SettingsSection RetrieveSettings::describe() {
  return {
      .name = "retrieve",
      .help = "How passages are found",
      .settings = {{.key = "fusion",
                    .target = &fusion,
                    .help = "How words and vectors are combined: weighted scores, or reciprocal rank fusion",
                    .choices = {"weighted", "rrf"}},
                   {.key = "fusion_of_collections",
                    .target = &fusion_of_collections,
                    .help = "Collections that are combined otherwise: \"laws=rrf\", \"notes=weighted\""},
                   {.key = "dense_weight",
                    .target = &dense_weight,
                    .help = "Weight of the vectors in weighted fusion; words have the rest",
                    .min = 0,
                    .max = 1},
                   {.key = "rrf_k",
                    .target = &rrf_k,
                    .help = "Constant of reciprocal rank fusion",
                    .min = 1,
                    .max = 1000},
                   {.key = "candidates",
                    .target = &candidates,
                    .help = "Passages taken from each index before they are combined",
                    .min = 10,
                    .max = 10'000},
                   {.key = "similarity_threshold",
                    .target = &similarity_threshold,
                    .help = "Cosine below which a passage found by vectors alone does not count",
                    .min = -1,
                    .max = 1,
                    .environment = {"SIMILARITY_THRESHOLD"}},
                   {.key = "rerank",
                    .target = &rerank,
                    .help = "Reorder the best passages by a reranking model, where one is set up"}}};
}

base::Result<void> RetrieveSettings::check() const {
  for (const std::string& entry : fusion_of_collections)
    if (!read_entry(entry))
      return base::failure(base::invalid_argument(
          "retrieve.fusion_of_collections",
          "'" + entry + "' is not a collection with its fusion: write \"laws=rrf\" or \"laws=weighted\""));
  return {};
}

Retriever::Retriever(Parts parts, RetrieveSettings settings) : parts_(parts), settings_(std::move(settings)) {
  for (const std::string& entry : settings_.fusion_of_collections)
    if (auto read = read_entry(entry)) by_ranks_.insert_or_assign(std::move(read->first), read->second);
}

base::Awaitable<base::Result<Retrieval>> Retriever::retrieve(const base::RequestContext& context,
                                                             RetrieveRequest request) const {
  const auto own = by_ranks_.find(request.collection);
  const bool by_ranks = own != by_ranks_.end() ? own->second : settings_.fusion == "rrf";
  Run run(parts_, settings_, by_ranks, context, std::move(request));
  co_return co_await run.run();
}

}  // namespace caprock::rag
