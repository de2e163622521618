#include "stores/vector/embedded/document_set.h"

#include <functional>

namespace caprock::stores {
namespace {

std::size_t mix(std::size_t seed, std::size_t value) { return seed * 0x9e3779b97f4a7c15ULL + value; }

std::size_t hash_of(const MetadataScalar& scalar) { return std::hash<MetadataScalar>{}(scalar); }

std::size_t hash_of(const MetadataValue& value) {
  if (const auto* list = std::get_if<std::vector<MetadataScalar>>(&value)) {
    std::size_t hash = list->size();
    for (const MetadataScalar& item : *list) hash = mix(hash, hash_of(item));
    return hash;
  }
  if (const auto* flag = std::get_if<bool>(&value)) return std::hash<bool>{}(*flag);
  if (const auto* number = std::get_if<double>(&value)) return std::hash<double>{}(*number);
  return std::hash<std::string>{}(std::get<std::string>(value));
}

std::size_t hash_of(const Metadata& metadata) {
  std::size_t hash = metadata.size();
  for (const auto& [key, value] : metadata)
    hash = mix(mix(hash, std::hash<std::string>{}(key)), hash_of(value));
  return hash;
}

}  // namespace

std::uint32_t DocumentSet::find(const DocumentId& id, std::uint32_t version) const {
  const auto found = by_key_.find(Key{id.str(), version});
  return found == by_key_.end() ? kNone : *found;
}

std::uint32_t DocumentSet::find_or_add(const DocumentId& id, std::uint32_t version,
                                       const Metadata& metadata) {
  if (const std::uint32_t known = find(id, version); known != kNone) return known;
  std::uint32_t document = 0;
  if (free_entries_.empty()) {
    document = static_cast<std::uint32_t>(entries_.size());
    entries_.emplace_back();
  } else {
    document = free_entries_.back();
    free_entries_.pop_back();
  }
  entries_[document] = Entry{.id = id, .version = version};
  join_class(document, metadata);
  by_key_.insert(document);
  return document;
}

void DocumentSet::remove(std::uint32_t document) {
  by_key_.erase(document);
  leave_class(document);
  entries_[document] = {};
  free_entries_.push_back(document);
}

std::uint32_t DocumentSet::set_slot(std::uint32_t document, std::uint32_t chunk, std::uint32_t slot) {
  Entry& entry = entries_[document];
  if (entry.slots.size() <= chunk) entry.slots.resize(chunk + 1, kNone);
  const std::uint32_t before = std::exchange(entry.slots[chunk], slot);
  if (before == kNone) {
    ++entry.vectors;
    ++classes_[entry.metadata_class].vectors;
  }
  return before;
}

void DocumentSet::clear_slots(std::uint32_t document) {
  Entry& entry = entries_[document];
  classes_[entry.metadata_class].vectors -= entry.vectors;
  entry.vectors = 0;
  entry.slots.clear();
}

DocumentSet::Selection DocumentSet::select(const Filter& filter) const {
  Selection selection{.classes = std::vector<char>(classes_.size(), 0)};
  for (std::size_t c = 0; c < classes_.size(); ++c) {
    if (classes_[c].documents.empty() || !matches(filter, classes_[c].metadata)) continue;
    selection.classes[c] = 1;
    selection.vectors += classes_[c].vectors;
  }
  return selection;
}

std::uint32_t DocumentSet::class_of(const Metadata& metadata) {
  const std::size_t hash = hash_of(metadata);
  for (auto [it, end] = class_by_hash_.equal_range(hash); it != end; ++it)
    if (classes_[it->second].metadata == metadata) return it->second;
  std::uint32_t made = static_cast<std::uint32_t>(classes_.size());
  if (free_classes_.empty()) {
    classes_.emplace_back();
  } else {
    made = free_classes_.back();
    free_classes_.pop_back();
  }
  classes_[made].metadata = metadata;
  class_by_hash_.emplace(hash, made);
  return made;
}

void DocumentSet::join_class(std::uint32_t document, const Metadata& metadata) {
  const std::uint32_t joined = class_of(metadata);
  entries_[document].metadata_class = joined;
  entries_[document].place = static_cast<std::uint32_t>(classes_[joined].documents.size());
  classes_[joined].documents.push_back(document);
}

void DocumentSet::leave_class(std::uint32_t document) {
  const std::uint32_t left = entries_[document].metadata_class;
  MetadataClass& from = classes_[left];
  const std::uint32_t place = entries_[document].place;
  from.documents[place] = from.documents.back();
  entries_[from.documents[place]].place = place;
  from.documents.pop_back();
  if (!from.documents.empty()) return;
  for (auto [it, end] = class_by_hash_.equal_range(hash_of(from.metadata)); it != end; ++it) {
    if (it->second != left) continue;
    class_by_hash_.erase(it);
    break;
  }
  from = {};
  free_classes_.push_back(left);
}

}  // namespace caprock::stores
