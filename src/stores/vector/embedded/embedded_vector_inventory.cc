#include "stores/vector/embedded/embedded_vector_index.h"

namespace caprock::stores {
namespace {

using base::Result;

// Vectors removed in one write: some 3 MB of pages.
constexpr std::int64_t kDropSlice = 2000;

}  // namespace

base::Awaitable<Result<std::vector<SpaceKey>>> EmbeddedVectorIndex::spaces(
    const base::RequestContext& context) {
  co_return co_await db_.read(context, [](Connection& db) { return list_spaces(db); });
}

base::Awaitable<Result<std::uint64_t>> EmbeddedVectorIndex::count(const base::RequestContext& context,
                                                                  SpaceKey space) {
  auto work = [&](Connection& db) -> Result<std::uint64_t> {
    CAPROCK_TRY(const auto row, find_space(db, space));
    if (!row) return 0;
    return count_vectors(db, row->number);
  };
  co_return co_await db_.read(context, std::move(work));
}

base::Awaitable<Result<std::vector<std::uint32_t>>> EmbeddedVectorIndex::counts(
    const base::RequestContext& context, SpaceKey space, std::vector<DocumentVersion> versions) {
  auto work = [&](Connection& db) -> Result<std::vector<std::uint32_t>> {
    CAPROCK_TRY(const auto row, find_space(db, space));
    if (!row) return std::vector<std::uint32_t>(versions.size(), 0);
    return count_vectors_of(db, row->number, versions);
  };
  co_return co_await db_.read(context, std::move(work));
}

base::Awaitable<Result<std::vector<std::uint32_t>>> EmbeddedVectorIndex::held(
    const base::RequestContext& context, SpaceKey space, DocumentVersion version) {
  auto work = [&](Connection& db) -> Result<std::vector<std::uint32_t>> {
    CAPROCK_TRY(const auto row, find_space(db, space));
    if (!row) return std::vector<std::uint32_t>();
    return held_chunks(db, row->number, version);
  };
  co_return co_await db_.read(context, std::move(work));
}

base::Awaitable<Result<void>> EmbeddedVectorIndex::drop(const base::RequestContext& context, SpaceKey space) {
  bool gone = false;
  while (!gone) {
    CAPROCK_CO_CHECK(context.check());
    auto work = [&](Connection& db) -> Result<bool> {
      CAPROCK_TRY(const auto row, find_space(db, space));
      if (!row) return true;
      // The memory goes with the first slice: nobody searches it any more.
      db.after_commit([this, number = row->number] { forget({number}); });
      return drop_slice(db, row->number, kDropSlice);
    };
    CAPROCK_CO_TRY(gone, co_await db_.write(context, std::move(work)));
  }
  co_return Result<void>();
}

}  // namespace caprock::stores
