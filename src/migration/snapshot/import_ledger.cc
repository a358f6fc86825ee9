#include "migration/snapshot/import_ledger.h"

#include <fmt/format.h>

#include <fstream>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/files.h"
#include "format/lane_ledger.h"
#include "migration/changes/table_pairs.h"
#include "migration/snapshot/user_file.h"

namespace voyager::migration {
namespace {

bool printable(const std::string& row) {
  for (const char c : row) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') return false;
  }
  return true;
}

std::string hex(const std::string& row) {
  std::string out = "\\x";
  for (const char c : row) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

constexpr const char* kList = "set-aside-rows.log";
constexpr const char* kEarlierList = "set-aside-rows.earlier.log";

std::filesystem::path errors_folder(const std::filesystem::path& export_dir, const model::TableName& target) {
  std::string table = model::display(target);
  for (char& c : table) {
    if (c == '/') c = '_';
  }
  return export_dir / "data" / "errors" / ("table::" + table);
}

// The list holds what is refused now; what was refused before is kept beside it. A kill in between leaves entries in
// both.
void put_list_by(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder / kList)) return;
  {
    std::ifstream from(folder / kList, std::ios::binary);
    std::ofstream to(folder / kEarlierList, std::ios::binary | std::ios::app);
    if (from.peek() != std::ifstream::traits_type::eof()) to << from.rdbuf();
  }
  std::filesystem::remove(folder / kList);
}

}  // namespace

bool changes_were_applied(format::LaneLedger& db, std::string_view importer) {
  return db.lanes(importer).has_value();
}

void forget_import(format::MigrationState& db, std::string_view importer) {
  db.clear_import(importer);
  forget_pairs(db, std::string(importer));
  forget_import_record(db, importer);
}

std::vector<bool> ImportLedger::claim(const std::vector<Claim>& claims) {
  std::vector<bool> there;
  if (claims.empty()) return there;
  const base::MutexLock lock(mutex_);
  db_.in_transaction([&]() VOY_REQUIRES(mutex_) {
    there.clear();
    for (const Claim& one : claims) {
      there.push_back(db_.claim_chunk(role_, *one.chunk, one.target));
      if (!there.back()) continue;
      db_.set_imported_rows(
          role_, {.file_name = one.chunk->file_name, .table = one.target, .rows = one.rows, .bytes = one.bytes});
    }
  });
  return there;
}

void ImportLedger::claim_file(const std::string& file, const model::TableName& target) {
  const base::MutexLock lock(mutex_);
  db_.set_imported_rows(role_, {.file_name = file, .table = target});
}

// A user's file is shown as one, however many names its frames need.
void ImportLedger::add(const ImportFile& file, std::uint64_t rows, std::uint64_t bytes) {
  const std::string name = file.user_file ? file.path.string() : file.name;
  model::ImportedFile& one = unsaved_[name];
  one.file_name = name;
  one.table = file.table;
  one.rows += rows;
  one.bytes += bytes;
}

void ImportLedger::note_found(const ImportFile& file, std::uint64_t rows, std::uint64_t bytes) {
  const base::MutexLock lock(mutex_);
  add(file, rows, bytes);
}

void ImportLedger::note_imported(const Batch& batch, std::uint64_t rows) {
  const base::MutexLock lock(mutex_);
  add(*batch.file, rows, batch.bytes());
}

void ImportLedger::save() {
  const base::MutexLock lock(mutex_);
  if (unsaved_.empty()) return;
  db_.in_transaction([this]() VOY_REQUIRES(mutex_) {
    for (const auto& [name, file] : unsaved_) db_.add_imported(role_, file);
  });
  unsaved_.clear();
}

void ImportLedger::set_aside(const Batch& one_row, const std::string& row, const std::string& sqlstate,
                             const std::string& reason) {
  const model::BatchKey key = one_row.keys().at(0);
  const std::uint64_t line = one_row.file->user_file ? first_line_of(one_row) : 0;
  const base::MutexLock lock(mutex_);
  // Format of docs/formats/errors-folder.md. A kill between file and state leaves the entry there twice: the state
  // counts.
  const std::filesystem::path folder = errors_folder(export_dir_, one_row.file->table);
  std::filesystem::create_directories(folder);
  base::File file = base::File::open_append(folder / kList);
  const bool text = one_row.file->format.rows != model::RowFormat::kBinary && printable(row);
  std::string shown = text ? row : hex(row);
  if (shown.empty() || shown.back() != '\n') shown += '\n';
  const std::string place = line > 0 ? fmt::format(" LINE: {}", line) : std::string();
  file.write(fmt::format("FILE: {} ROW-NUMBER: {}{}\nERROR: {} {}\nROW{}: {}\n", key.file_name, key.number, place,
                         sqlstate, one_line(reason), text ? "" : " (binary)", shown));
  file.sync();
  base::fault_point<"import_data.row_set_aside">();  // a refused row is on disk, the state does not know it
  if (db_.add_set_aside(role_, {.file_name = key.file_name,
                                .table = one_row.file->table,
                                .number = key.number,
                                .reason = one_line(reason),
                                .sqlstate = sqlstate,
                                .line = line})) {
    db_.add_imported(role_, {.file_name = one_row.file->user_file ? one_row.file->path.string() : key.file_name,
                             .table = one_row.file->table,
                             .rows_set_aside = 1,
                             .bytes_set_aside = row.size()});
  }
}

void ImportLedger::add_note(const std::string& note) {
  const base::MutexLock lock(mutex_);
  if (notes_.contains(note)) return;
  change_import_record(db_, role_, [&](ImportRecord& record) { record.notes.insert(note); });
  notes_.insert(note);
}

std::vector<std::string> ImportLedger::notes() {
  const base::MutexLock lock(mutex_);
  const std::set<std::string> notes = import_record(db_, role_).notes;
  return {notes.begin(), notes.end()};
}

std::vector<model::BatchKey> ImportLedger::handled() {
  const base::MutexLock lock(mutex_);
  std::vector<model::BatchKey> keys;
  for (const model::SetAsideRow& row : db_.set_aside(role_)) keys.push_back({row.file_name, row.number, 1});
  return keys;
}

void ImportLedger::release(const std::map<std::string, model::TableName>& files) {
  if (files.empty()) return;
  const base::MutexLock lock(mutex_);
  std::vector<std::string> names;
  std::set<model::TableName> tables;
  for (const auto& [name, table] : files) {
    names.push_back(name);
    tables.insert(table);
  }
  db_.release_set_aside(role_, names);
  base::fault_point<"rejects.released">();  // set-aside rows are to be loaded again, none is
  for (const model::TableName& table : tables) put_list_by(errors_folder(export_dir_, table));
}

std::vector<model::TableName> ImportLedger::released_tables() {
  const base::MutexLock lock(mutex_);
  return db_.released_tables(role_);
}

void ImportLedger::close(const Closing& closing) {
  const base::MutexLock lock(mutex_);
  unsaved_.clear();
  db_.in_transaction([&]() VOY_REQUIRES(mutex_) {
    db_.forget_set_aside(role_, closing.no_longer_aside);
    if (closing.all_files) {
      db_.set_imported(role_, closing.files);
    } else {
      db_.set_imported_files(role_, closing.files);
    }
    change_import_record(db_, role_, [](ImportRecord& record) { record.done = true; });
  });
}

}  // namespace voyager::migration
