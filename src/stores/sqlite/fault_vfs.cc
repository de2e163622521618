#include "stores/sqlite/fault_vfs.h"

#include <sqlite3.h>

#include <cstring>

namespace caprock::stores::testing {

struct FaultVfs::State {
  std::string name;
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;
  std::atomic<int> operations{0};
  std::atomic<int> fails_at{0};  ///< 0: never
  std::atomic<int> code{SQLITE_OK};

  int next() {
    const int number = ++operations;
    const int from = fails_at.load();
    return from != 0 && number >= from ? code.load() : SQLITE_OK;
  }
};

namespace {

using State = FaultVfs::State;

// SQLite allocates szOsFile bytes: ours, and behind it the real file.
struct File {
  sqlite3_file base;
  State* state;
  sqlite3_file* real;
};

File* of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* real(sqlite3_file* file) { return of(file)->real; }

int close(sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); }
int read(sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
  return real(f)->pMethods->xRead(real(f), to, n, at);
}
int write(sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
  if (const int failed = of(f)->state->next(); failed != SQLITE_OK) return failed;
  return real(f)->pMethods->xWrite(real(f), from, n, at);
}
int truncate(sqlite3_file* f, sqlite3_int64 n) {
  if (const int failed = of(f)->state->next(); failed != SQLITE_OK)
    return failed == SQLITE_FULL ? SQLITE_FULL : SQLITE_IOERR_TRUNCATE;
  return real(f)->pMethods->xTruncate(real(f), n);
}
int sync(sqlite3_file* f, int flags) {
  if (const int failed = of(f)->state->next(); failed != SQLITE_OK)
    return failed == SQLITE_FULL ? SQLITE_FULL : SQLITE_IOERR_FSYNC;
  return real(f)->pMethods->xSync(real(f), flags);
}
int size(sqlite3_file* f, sqlite3_int64* n) { return real(f)->pMethods->xFileSize(real(f), n); }
int lock(sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); }
int unlock(sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); }
int reserved(sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); }
int control(sqlite3_file* f, int op, void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); }
int sector(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
int traits(sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
int shm_map(sqlite3_file* f, int page, int n, int extend, void volatile** out) {
  return real(f)->pMethods->xShmMap(real(f), page, n, extend, out);
}
int shm_lock(sqlite3_file* f, int from, int n, int flags) {
  return real(f)->pMethods->xShmLock(real(f), from, n, flags);
}
void shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
int shm_unmap(sqlite3_file* f, int gone) { return real(f)->pMethods->xShmUnmap(real(f), gone); }

constexpr sqlite3_io_methods kMethods{2,        close,       read,      write,   truncate, sync,   size,
                                      lock,     unlock,      reserved,  control, sector,   traits, shm_map,
                                      shm_lock, shm_barrier, shm_unmap, nullptr, nullptr};

int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* f, int flags, int* out) {
  auto* state = static_cast<State*>(vfs->pAppData);
  File* file = of(f);
  file->state = state;
  file->real = reinterpret_cast<sqlite3_file*>(file + 1);
  file->base.pMethods = nullptr;
  const int code = state->real->xOpen(state->real, name, file->real, flags, out);
  if (file->real->pMethods != nullptr) file->base.pMethods = &kMethods;
  return code;
}

}  // namespace

FaultVfs::FaultVfs(std::string name) : state_(std::make_unique<State>()) {
  state_->name = std::move(name);
  state_->real = sqlite3_vfs_find(nullptr);
  state_->vfs = *state_->real;
  state_->vfs.pNext = nullptr;
  state_->vfs.zName = state_->name.c_str();
  state_->vfs.szOsFile = static_cast<int>(sizeof(File)) + state_->real->szOsFile;
  state_->vfs.pAppData = state_.get();
  state_->vfs.xOpen = open;
  // The others are those of the real one, which find their own state through its pAppData.
  state_->vfs.xDelete = [](sqlite3_vfs* v, const char* path, int dir) {
    auto* r = static_cast<State*>(v->pAppData)->real;
    return r->xDelete(r, path, dir);
  };
  state_->vfs.xAccess = [](sqlite3_vfs* v, const char* path, int flags, int* out) {
    auto* r = static_cast<State*>(v->pAppData)->real;
    return r->xAccess(r, path, flags, out);
  };
  state_->vfs.xFullPathname = [](sqlite3_vfs* v, const char* path, int n, char* out) {
    auto* r = static_cast<State*>(v->pAppData)->real;
    return r->xFullPathname(r, path, n, out);
  };
  sqlite3_vfs_register(&state_->vfs, 0);
}

FaultVfs::~FaultVfs() { sqlite3_vfs_unregister(&state_->vfs); }

void FaultVfs::fail(int after, int code) {
  state_->code = code;
  state_->fails_at = state_->operations + after;
}
void FaultVfs::heal() { state_->fails_at = 0; }
int FaultVfs::operations() const { return state_->operations; }

}  // namespace caprock::stores::testing
