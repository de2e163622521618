#include "stores/vector/embedded/vector_table.h"

#include <algorithm>

namespace caprock::stores {

using base::Result;

Result<std::uint64_t> count_vectors(Connection& db, std::int64_t space) {
  CAPROCK_TRY(
      const std::int64_t count,
      db.integer("SELECT COUNT(*) FROM vector_documents AS d JOIN vectors AS v ON v.document_no = d.no "
                 "WHERE d.space = ?",
                 0, space));
  return static_cast<std::uint64_t>(count);
}

Result<std::vector<std::uint32_t>> count_vectors_of(Connection& db, std::int64_t space,
                                                    const std::vector<DocumentVersion>& versions) {
  std::vector<std::uint32_t> counts;
  counts.reserve(versions.size());
  for (const DocumentVersion& one : versions) {
    CAPROCK_TRY(
        const std::int64_t count,
        db.integer("SELECT COUNT(*) FROM vector_documents AS d JOIN vectors AS v ON v.document_no = d.no "
                   "WHERE d.space = ? AND d.document = ? AND d.version = ?",
                   0, space, one.document.str(), one.version));
    counts.push_back(static_cast<std::uint32_t>(count));
  }
  return counts;
}

Result<std::vector<std::uint32_t>> held_chunks(Connection& db, std::int64_t space,
                                               const DocumentVersion& version) {
  CAPROCK_TRY(
      Statement rows,
      db.prepare("SELECT v.chunk_index FROM vector_documents AS d JOIN vectors AS v ON v.document_no = d.no "
                 "WHERE d.space = ? AND d.document = ? AND d.version = ? ORDER BY v.chunk_index"));
  rows.bind(space, version.document.str(), version.version);
  std::vector<std::uint32_t> chunks;
  while (true) {
    CAPROCK_TRY(const bool row, rows.step());
    if (!row) return chunks;
    chunks.push_back(static_cast<std::uint32_t>(rows.integer(0)));
  }
}

Result<bool> drop_slice(Connection& db, std::int64_t space, std::int64_t most) {
  while (most > 0) {
    CAPROCK_TRY(const std::int64_t no,
                db.integer("SELECT no FROM vector_documents WHERE space = ? LIMIT 1", 0, space));
    if (no == 0) {
      CAPROCK_CHECK(db.execute("DELETE FROM vector_spaces WHERE space = ?", space));
      return true;
    }
    CAPROCK_CHECK(
        db.execute("DELETE FROM vectors WHERE sequence IN "
                   "(SELECT sequence FROM vectors WHERE document_no = ? LIMIT ?)",
                   no, most));
    const std::int64_t removed = db.changes();
    // Fewer than were asked for: the document has none left.
    if (removed < most) CAPROCK_CHECK(db.execute("DELETE FROM vector_documents WHERE no = ?", no));
    most -= std::max<std::int64_t>(removed, 1);
  }
  return false;
}

}  // namespace caprock::stores
