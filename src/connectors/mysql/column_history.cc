#include "connectors/mysql/column_history.h"

#include <string_view>
#include <utility>

#include "base/files.h"
#include "base/text.h"
#include "connectors/mysql/values.h"

namespace voyager::mysql {
namespace {

// One word a line, in the form of COPY's text: names may hold anything.
void put(std::string& out, char what, std::string_view word) {
  out += what;
  append_copy_text(word, out);
  out += '\n';
}

std::string plain(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    constexpr std::string_view kLetters = "bfnrtv", kControls = "\b\f\n\r\t\v";
    const std::size_t at = kLetters.find(c);
    out += at == std::string_view::npos ? c : kControls[at];
  }
  return out;
}

}  // namespace

ColumnHistory::ColumnHistory(std::filesystem::path file, const BinlogPlace& place) : file_(std::move(file)) {
  std::error_code ignored;
  if (!std::filesystem::exists(file_, ignored)) return;
  std::vector<Entry> found;
  for (const std::string& line : base::split(base::read_file(file_), '\n')) {
    if (line.empty()) continue;
    const std::string word = plain(std::string_view(line).substr(1));
    if (line.front() == '!') misread_.insert(word);
    if (line.front() == '@') found.push_back({.place = BinlogPlace::of_begin_text(word)});
    if (found.empty()) continue;
    Entry& entry = found.back();
    switch (line.front()) {
      case 't':
        entry.table = word;
        break;
      case '+':
        entry.changes.added.push_back({.name = word});
        break;
      case '=':
        if (!entry.changes.added.empty()) entry.changes.added.back().default_value = word;
        break;
      case '-':
        entry.changes.left.push_back(word);
        break;
      case '>':
        entry.changes.taken.push_back(word);
        break;
      case 'x':
        entry.dropped = true;
        break;
      default:
        break;
    }
  }
  for (Entry& entry : found) {
    if (!entry.place.begins_before(BinlogPlace::between(place.file, place.begin, place.base))) continue;
    (void)take(entry);
    entries_.push_back(std::move(entry));
  }
}

std::optional<std::string> ColumnHistory::take(const Entry& entry) {
  if (entry.dropped) {
    dropped_.insert(entry.table);
    return std::nullopt;
  }
  Columns& columns = tables_[entry.table];
  for (const std::string& name : entry.changes.left) {
    columns.left.insert(name);
    columns.added.erase(name);
  }
  for (const ColumnChanges::Added& one : entry.changes.added) columns.added[one.name] = one.default_value;
  for (const std::string& name : entry.changes.taken) {
    if (columns.left.contains(name)) return name;
  }
  return std::nullopt;
}

std::optional<std::string> ColumnHistory::note(const std::string& table, const ColumnChanges& changes,
                                               const BinlogPlace& place) {
  if (changes.added.empty() && changes.left.empty() && changes.taken.empty()) return std::nullopt;
  entries_.push_back({.place = place, .table = table, .changes = changes});
  std::optional<std::string> another = take(entries_.back());
  if (!another) save();
  return another;
}

void ColumnHistory::note_dropped(const std::string& table, const BinlogPlace& place) {
  entries_.push_back({.place = place, .table = table, .dropped = true});
  (void)take(entries_.back());
  save();
}

void ColumnHistory::note_misread(const std::string& table) {
  misread_.insert(table);
  save();
}

const ColumnHistory::Added& ColumnHistory::added(const std::string& table) const {
  static const Added kNone;
  const auto found = tables_.find(table);
  return found == tables_.end() ? kNone : found->second.added;
}

void ColumnHistory::save() const {
  std::string out;
  for (const std::string& table : misread_) put(out, '!', table);
  for (const Entry& entry : entries_) {
    put(out, '@', entry.place.begin_text());
    put(out, 't', entry.table);
    if (entry.dropped) put(out, 'x', "");
    for (const ColumnChanges::Added& one : entry.changes.added) {
      put(out, '+', one.name);
      if (one.default_value) put(out, '=', *one.default_value);
    }
    for (const std::string& name : entry.changes.left) put(out, '-', name);
    for (const std::string& name : entry.changes.taken) put(out, '>', name);
  }
  base::write_file_atomically(file_, out);
}

}  // namespace voyager::mysql
