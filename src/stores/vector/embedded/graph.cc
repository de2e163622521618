#include "stores/vector/embedded/graph.h"

#include <hnswlib/hnswlib.h>

#include <cstring>

#include "stores/vector/embedded/half.h"

namespace caprock::stores {
namespace {

using base::failure;
using base::Result;

constexpr std::size_t kLinks = 16;
constexpr std::size_t kConstructionEffort = 200;
constexpr std::size_t kFirstCapacity = 1024;
constexpr std::uint32_t kMaxLevel = 64;
// Labels are slots; what was deleted while the process was away has no slot.
constexpr hnswlib::labeltype kGhost = 1ULL << 40;
constexpr char kMagic[8] = {'C', 'A', 'P', 'H', 'N', 'S', 'W', '1'};

/// What an element of the graph holds: where its row is.
using RowPointer = const Half*;

// hnswlib lays out an element as its links, this, and its label, and writes the label as a whole word: four
// bytes more put every label on a multiple of eight.
struct Element {
  RowPointer row;
  std::uint32_t padding = 0;
};
constexpr std::size_t kElementSize = sizeof(RowPointer) + sizeof(std::uint32_t);
constexpr std::size_t kLinksSize = (2 * kLinks + 1) * sizeof(hnswlib::tableint);
static_assert((kLinksSize + kElementSize) % alignof(hnswlib::labeltype) == 0);

RowPointer row_at(const void* element) {
  RowPointer row = nullptr;
  std::memcpy(static_cast<void*>(&row), element, sizeof(row));
  return row;
}

struct Metric {
  decltype(Kernels::dot_rows) dot;
  std::size_t dimension;
};

float distance(const void* a, const void* b, const void* metric) {
  const auto* m = static_cast<const Metric*>(metric);
  return 1.0F - m->dot(row_at(a), row_at(b), m->dimension);
}

class RowSpace final : public hnswlib::SpaceInterface<float> {
 public:
  explicit RowSpace(std::size_t dimension) : metric_{best_kernels().dot_rows, dimension} {}
  std::size_t get_data_size() override { return kElementSize; }
  hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }
  void* get_dist_func_param() override { return &metric_; }

 private:
  Metric metric_;
};

class Allowed final : public hnswlib::BaseFilterFunctor {
 public:
  explicit Allowed(const std::function<bool(std::uint32_t)>& allowed) : allowed_(allowed) {}
  bool operator()(hnswlib::labeltype label) override {
    return label < kGhost && allowed_(static_cast<std::uint32_t>(label));
  }

 private:
  const std::function<bool(std::uint32_t)>& allowed_;
};

using Index = hnswlib::HierarchicalNSW<float>;

struct Header {
  char magic[8];
  std::uint32_t dimension;
  std::uint32_t links;
  std::uint32_t count;
  std::int32_t max_level;
  std::uint32_t entry;
  std::uint32_t reserved;
  std::int64_t watermark;
};

// FNV-1a over words of 8 bytes: fast, and enough against torn or rotten files.
std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, std::min<std::size_t>(8, bytes.size() - i));
    hash = (hash ^ word) * 0x100000001b3ULL;
    hash ^= hash >> 29;
  }
  return hash;
}

void append(std::string& out, const void* bytes, std::size_t size) {
  out.append(static_cast<const char*>(bytes), size);
}

base::Error damaged(const char* what) {
  return base::internal_error(std::string("the stored vector graph is damaged: ") + what);
}

/// Takes bytes from the front; what is missing shows in ok().
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}
  bool take(void* to, std::size_t size) {
    ok_ = ok_ && size <= left_.size();
    if (!ok_) return false;
    if (size > 0) std::memcpy(to, left_.data(), size);
    left_.remove_prefix(size);
    return true;
  }
  bool done() const { return ok_ && left_.empty(); }
  std::size_t left() const { return left_.size(); }

 private:
  std::string_view left_;
  bool ok_ = true;
};

}  // namespace

struct Graph::State {
  State(const Matrix& matrix, std::size_t capacity)
      : rows(matrix),
        space(matrix.dimension()),
        nowhere(matrix.dimension()),
        index(&space, std::max(capacity, kFirstCapacity), kLinks, kConstructionEffort) {
    std::memset(static_cast<void*>(index.linkLists_), 0, index.max_elements_ * sizeof(char*));
  }

  void make_room() {
    if (index.cur_element_count < index.max_elements_) return;
    index.resizeIndex(index.max_elements_ + index.max_elements_ / 2);
  }
  bool is_sound(std::uint32_t element) const;
  bool read_links(Reader& reader, const Header& header);
  bool link_is_sound(const unsigned int* list, std::size_t most, int level) const;
  void name_elements(const std::vector<std::int64_t>& sequences,
                     const std::function<std::uint32_t(std::int64_t)>& slot_of);

  const Matrix& rows;
  RowSpace space;
  std::vector<Half> nowhere;  ///< stands for rows that were deleted since the graph was saved
  Index index;
};

Graph::Graph(const Matrix& rows) : state_(std::make_unique<State>(rows, 0)) {}
Graph::~Graph() = default;

void Graph::add(std::uint32_t slot) {
  state_->make_room();
  const Element element{.row = state_->rows.row(slot)};
  state_->index.addPoint(static_cast<const void*>(&element), slot);
}

void Graph::remove(std::uint32_t slot) { state_->index.markDelete(slot); }
std::size_t Graph::size() const { return state_->index.cur_element_count; }
std::size_t Graph::removed() const { return state_->index.num_deleted_; }

std::vector<Scored> Graph::search(const float* query, std::size_t k, std::size_t effort,
                                  const std::function<bool(std::uint32_t)>* allowed) const {
  std::optional<Allowed> filter;
  if (allowed != nullptr) filter.emplace(*allowed);
  // searchKnn looks at max(ef, k) candidates; asking for that many and cutting later keeps `ef_` out of it,
  // which concurrent searches share.
  std::vector<Half> halves(state_->rows.dimension());
  best_kernels().to_half(query, halves.data(), halves.size());
  const RowPointer row = halves.data();
  auto found = state_->index.searchKnn(static_cast<const void*>(&row), std::max(k, effort),
                                       filter ? &*filter : nullptr);
  std::vector<Scored> scored;
  for (; !found.empty(); found.pop())
    if (found.top().second < kGhost)
      scored.push_back({1.0F - found.top().first, static_cast<std::uint32_t>(found.top().second)});
  return scored;
}

std::string Graph::save(std::span<const std::int64_t> sequence_of_slot, std::int64_t watermark) const {
  const Index& index = state_->index;
  const auto count = static_cast<std::uint32_t>(index.cur_element_count);
  Header header{.dimension = static_cast<std::uint32_t>(state_->rows.dimension()),
                .links = kLinks,
                .count = count,
                .max_level = index.maxlevel_,
                .entry = index.enterpoint_node_,
                .reserved = 0,
                .watermark = watermark};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  std::string out;
  out.reserve(sizeof(header) + count * (index.size_links_level0_ + 24UL));
  append(out, &header, sizeof(header));
  for (std::uint32_t i = 0; i < count; ++i) {
    const hnswlib::labeltype label = index.getExternalLabel(i);
    const std::int64_t sequence = label < kGhost && !index.isMarkedDeleted(i) ? sequence_of_slot[label] : 0;
    append(out, &sequence, sizeof(sequence));
  }
  for (std::uint32_t i = 0; i < count; ++i) append(out, &index.element_levels_[i], sizeof(int));
  for (std::uint32_t i = 0; i < count; ++i) {
    append(out, index.get_linklist0(i), index.size_links_level0_);
    if (index.element_levels_[i] > 0)
      append(out, index.linkLists_[i],
             index.size_links_per_element_ * static_cast<std::size_t>(index.element_levels_[i]));
  }
  const std::uint64_t sum = checksum(out);
  append(out, &sum, sizeof(sum));
  return out;
}

bool Graph::State::link_is_sound(const unsigned int* list, std::size_t most, int level) const {
  const std::size_t size = index.getListCount(const_cast<unsigned int*>(list));
  if (size > most) return false;
  for (std::size_t i = 1; i <= size; ++i)
    if (list[i] >= index.cur_element_count || index.element_levels_[list[i]] < level) return false;
  return true;
}

bool Graph::State::is_sound(std::uint32_t element) const {
  if (!link_is_sound(index.get_linklist0(element), index.maxM0_, 0)) return false;
  for (int level = 1; level <= index.element_levels_[element]; ++level)
    if (!link_is_sound(index.get_linklist(element, level), index.maxM_, level)) return false;
  return true;
}

bool Graph::State::read_links(Reader& reader, const Header& header) {
  for (std::uint32_t i = 0; i < header.count; ++i) {
    const int level = index.element_levels_[i];
    if (level < 0 || level > static_cast<int>(kMaxLevel) || level > header.max_level) return false;
    char* element = index.data_level0_memory_ + i * index.size_data_per_element_;
    std::memset(element, 0, index.size_data_per_element_);
    if (!reader.take(element + index.offsetLevel0_, index.size_links_level0_)) return false;
    // Whether it is deleted is decided by the table, not by the file.
    reinterpret_cast<unsigned char*>(index.get_linklist0(i))[2] = 0;
    if (level == 0) continue;
    const std::size_t size = index.size_links_per_element_ * static_cast<std::size_t>(level);
    // A search prefetches one link more than there are.
    index.linkLists_[i] = static_cast<char*>(std::calloc(1, size + sizeof(hnswlib::tableint)));
    if (index.linkLists_[i] == nullptr || !reader.take(index.linkLists_[i], size)) return false;
  }
  return true;
}

void Graph::State::name_elements(const std::vector<std::int64_t>& sequences,
                                 const std::function<std::uint32_t(std::int64_t)>& slot_of) {
  for (std::uint32_t i = 0; i < sequences.size(); ++i) {
    const std::uint32_t slot = sequences[i] == 0 ? kNoSlot : slot_of(sequences[i]);
    const hnswlib::labeltype label = slot == kNoSlot ? kGhost + i : slot;
    const RowPointer row = slot == kNoSlot ? nowhere.data() : rows.row(slot);
    index.setExternalLabel(i, label);
    std::memcpy(index.getDataByInternalId(i), static_cast<const void*>(&row), sizeof(row));
    index.label_lookup_[label] = i;
    if (slot == kNoSlot) index.markDeletedInternal(i);
  }
}

Result<std::unique_ptr<Graph>> Graph::load(const std::string& bytes, const Matrix& rows,
                                           const std::function<std::uint32_t(std::int64_t)>& slot_of) {
  Header header{};
  std::uint64_t sum = 0;
  if (bytes.size() < sizeof(header) + sizeof(sum)) return failure(damaged("too short"));
  const std::string_view content(bytes.data(), bytes.size() - sizeof(sum));
  std::memcpy(&sum, bytes.data() + content.size(), sizeof(sum));
  if (checksum(content) != sum) return failure(damaged("checksum"));
  Reader reader(content);
  reader.take(&header, sizeof(header));
  if (std::memcmp(header.magic, kMagic, sizeof(kMagic)) != 0 || header.links != kLinks ||
      header.dimension != rows.dimension() || header.count > reader.left() / sizeof(std::int64_t))
    return failure(damaged("header"));
  auto graph = std::make_unique<Graph>(rows);
  graph->state_ = std::make_unique<State>(rows, header.count);
  Index& index = graph->state_->index;
  std::vector<std::int64_t> sequences(header.count);
  reader.take(sequences.data(), sequences.size() * sizeof(std::int64_t));
  if (!reader.take(index.element_levels_.data(), header.count * sizeof(int)))
    return failure(damaged("levels"));
  const bool read = graph->state_->read_links(reader, header);
  // Set first: the destructor frees the links of so many elements.
  index.cur_element_count = header.count;
  if (!read || !reader.done()) {
    for (std::uint32_t i = 0; i < header.count; ++i)
      if (index.linkLists_[i] == nullptr) index.element_levels_[i] = 0;
    return failure(damaged("links"));
  }
  if (header.count == 0) return graph;
  if (header.entry >= header.count || index.element_levels_[header.entry] != header.max_level)
    return failure(damaged("entry point"));
  for (std::uint32_t i = 0; i < header.count; ++i)
    if (!graph->state_->is_sound(i)) return failure(damaged("link"));
  index.maxlevel_ = header.max_level;
  index.enterpoint_node_ = header.entry;
  graph->state_->name_elements(sequences, slot_of);
  return graph;
}

}  // namespace caprock::stores
