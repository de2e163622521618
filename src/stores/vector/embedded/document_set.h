#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "stores/filter.h"
#include "stores/types.h"

namespace caprock::stores {

/// The documents of one index in memory: which slots their chunks have, and their metadata. Documents with
/// equal metadata share one class, so that a filter is evaluated once a class. Not thread safe.
class DocumentSet {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  struct Entry {
    DocumentId id;
    std::uint32_t version = 0;
    std::uint32_t metadata_class = kNone;
    std::uint32_t place = 0;           ///< within its class
    std::uint32_t vectors = 0;         ///< how many of `slots` are taken
    std::vector<std::uint32_t> slots;  ///< by chunk index; kNone where there is none
  };
  struct MetadataClass {
    Metadata metadata;
    std::vector<std::uint32_t> documents;
    std::uint64_t vectors = 0;
  };
  /// What a filter leaves, by class.
  struct Selection {
    std::vector<char> classes;
    std::uint64_t vectors = 0;
  };

  DocumentSet() : by_key_(16, Hash{this}, Equal{this}) {}
  DocumentSet(const DocumentSet&) = delete;
  DocumentSet& operator=(const DocumentSet&) = delete;

  /// kNone when it is not there.
  std::uint32_t find(const DocumentId& id, std::uint32_t version) const;
  std::uint32_t find_or_add(const DocumentId& id, std::uint32_t version, const Metadata& metadata);
  /// Its slots must be free already.
  void remove(std::uint32_t document);
  const Entry& operator[](std::uint32_t document) const { return entries_[document]; }
  /// The slot of a chunk becomes `slot`; gives what it was.
  std::uint32_t set_slot(std::uint32_t document, std::uint32_t chunk, std::uint32_t slot);
  void clear_slots(std::uint32_t document);

  Selection select(const Filter& filter) const;
  bool selected(const Selection& selection, std::uint32_t document) const {
    return selection.classes[entries_[document].metadata_class] != 0;
  }
  /// Calls `visit(slot)` for every vector of the selection.
  template <class Visit>
  void for_each_slot(const Selection& selection, Visit visit) const {
    for (std::size_t c = 0; c < classes_.size(); ++c) {
      if (selection.classes[c] == 0) continue;
      for (const std::uint32_t document : classes_[c].documents)
        for (const std::uint32_t slot : entries_[document].slots)
          if (slot != kNone) visit(slot);
    }
  }

 private:
  struct Key {
    std::string_view id;
    std::uint32_t version;
  };
  Key key_of(std::uint32_t document) const {
    return {entries_[document].id.str(), entries_[document].version};
  }
  struct Hash {
    using is_transparent = void;
    const DocumentSet* owner;
    std::size_t operator()(const Key& key) const {
      return std::hash<std::string_view>{}(key.id) ^ key.version;
    }
    std::size_t operator()(std::uint32_t document) const { return (*this)(owner->key_of(document)); }
  };
  struct Equal {
    using is_transparent = void;
    const DocumentSet* owner;
    static bool same(const Key& a, const Key& b) { return a.version == b.version && a.id == b.id; }
    bool operator()(std::uint32_t a, std::uint32_t b) const { return a == b; }
    bool operator()(const Key& a, std::uint32_t b) const { return same(a, owner->key_of(b)); }
    bool operator()(std::uint32_t a, const Key& b) const { return same(owner->key_of(a), b); }
  };
  std::uint32_t class_of(const Metadata& metadata);
  void join_class(std::uint32_t document, const Metadata& metadata);
  void leave_class(std::uint32_t document);

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_entries_;
  std::unordered_set<std::uint32_t, Hash, Equal> by_key_;  ///< holds no copy of the keys
  std::vector<MetadataClass> classes_;
  std::vector<std::uint32_t> free_classes_;
  std::unordered_multimap<std::size_t, std::uint32_t> class_by_hash_;
};

}  // namespace caprock::stores
