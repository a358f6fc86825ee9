#include "migration/optimize/key_sharding.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "migration/optimize/splice.h"

namespace voyager::migration {
namespace {

using sql::FileStatement;

/// In the order of the file.
enum Group { kSettings, kHash, kRange, kUniques, kRest };

constexpr std::string_view kSpacing = "\n\n\n";

/// What a statement is to the grouping.
enum class TableStatement : std::uint8_t {
  kSession,     ///< SET, SELECT set_config(...).
  kCreate,      ///< CREATE TABLE.
  kPrimaryKey,  ///< ALTER TABLE ... ADD PRIMARY KEY, nothing else.
  kUnique,      ///< ALTER TABLE ... ADD UNIQUE, nothing else.
  kAlter,       ///< ALTER TABLE that a key may be added in front of: defaults, row security, foreign keys, ...
  kOther,       ///< Anything else, and what the grammar refuses: nothing may pass it.
};

TableStatement part_of(const FileStatement& statement) {
  const sql::Statement& info = statement.info;
  if (info.kind == sql::StatementKind::kSession) return TableStatement::kSession;
  if (info.kind == sql::StatementKind::kCreateTable) return TableStatement::kCreate;
  if (info.kind == sql::StatementKind::kAddConstraint) {
    if (info.constraint.kind == sql::ConstraintKind::kPrimaryKey) return TableStatement::kPrimaryKey;
    if (info.constraint.kind == sql::ConstraintKind::kUnique) return TableStatement::kUnique;
  }
  return info.leaves_keys ? TableStatement::kAlter : TableStatement::kOther;
}

bool makes_table(const FileStatement& statement) {
  return statement.info.kind == sql::StatementKind::kCreateTable;
}

class Grouper {
 public:
  explicit Grouper(const sql::Document& tables) : text_(tables.text()), statements_(tables.statements()) {}

  KeyShardingResult run() {
    for (std::size_t i = 0; i < statements_.size(); ++i) {
      if (makes_table(statements_[i])) creates_[statements_[i].info.table] = i;
    }
    if (creates_.empty()) return give_up({});
    for (const FileStatement& one : statements_) {
      if (one.piece.kind == sql::Piece::Kind::kStatement && !has_semicolon(one.piece.sql()))
        return give_up(fmt::format("the statement in line {} does not end with a semicolon", one.piece.line));
    }
    for (std::size_t i = 0; i < statements_.size(); ++i) place(i);
    note_tables();
    std::string text = rearranged();
    if (!same_statements(text)) return give_up("the rearranged file would not hold the same statements");
    result_.text = std::move(text);
    result_.applied = true;
    return std::move(result_);
  }

 private:
  KeyShardingResult give_up(std::string why) const { return {.text = std::string(text_), .why_not = std::move(why)}; }

  // --- which key ---

  /// Columns of a child come from its parents.
  bool is_time(const model::TableName& table, const std::string& column, int depth = 0) const {
    const auto create = creates_.find(table);
    if (create == creates_.end() || depth > 100) return false;
    const sql::CreateTableInfo& info = statements_[create->second].info.create_table;
    if (std::ranges::find(info.time_columns, column) != info.time_columns.end()) return true;
    return std::ranges::any_of(info.parents,
                               [&](const model::TableName& parent) { return is_time(parent, column, depth + 1); });
  }

  bool begins_with_time(const FileStatement& one) const {
    const auto& key = one.info.keys.primary;
    return key && !key->empty() && is_time(one.info.table, key->front());
  }

  Group wanted(const FileStatement& one) const {
    switch (part_of(one)) {
      case TableStatement::kCreate:
      case TableStatement::kPrimaryKey:
        return begins_with_time(one) ? kRange : kHash;
      case TableStatement::kUnique:
        return kUniques;
      case TableStatement::kSession:
        return kSettings;
      default:
        return kRest;
    }
  }

  // --- where it goes ---

  bool is_leading_setting(std::size_t index) const {
    return std::all_of(statements_.begin(), statements_.begin() + static_cast<std::ptrdiff_t>(index) + 1,
                       [](const FileStatement& one) { return part_of(one) == TableStatement::kSession; });
  }

  void place(std::size_t index) {
    const FileStatement& one = statements_[index];
    const TableStatement part = part_of(one);
    // What is not understood, or changes what the following ones run under, keeps everything behind it.
    const bool barrier =
        part == TableStatement::kOther || (part == TableStatement::kSession && !is_leading_setting(index));
    const Group own = barrier ? kRest : wanted(one);
    Group group = std::max(own, floor_);
    if (barrier) floor_ = kRest;
    std::string needed;
    for (const model::TableName& mention : one.info.mentions) {
      const auto late = made_late_.find(mention);
      if (late == made_late_.end() || late->second <= group) continue;
      group = late->second;
      needed = model::display(mention);
    }
    groups_.push_back(group);
    if (makes_table(one) && group > kHash) made_late_[one.info.table] = group;
    // A key that comes later stands behind its table anyway.
    if (own == kHash && group != kHash && makes_table(one)) note_kept(one, needed);
  }

  void note_kept(const FileStatement& one, const std::string& needed) {
    result_.kept_behind.push_back(
        {.object = "TABLE " + model::display(one.info.table),
         .before = std::string(one.piece.sql()),
         .after = hash_setting_text(true) + "\n" + std::string(one.piece.sql()),
         .reason = (needed.empty() ? std::string("It stands behind a statement that nothing may pass")
                                   : fmt::format("It stands behind {}, which it needs", needed)) +
                   "; the setting is switched around it"});
  }

  // --- the text ---

  std::string rearranged() const {
    std::string text;
    std::optional<bool> hash;
    const auto switch_to = [&](bool on) {
      if (hash == on) return;
      if (!text.empty()) text += kSpacing;
      text += hash_setting_text(on);
      hash = on;
    };
    for (const Group group : {kSettings, kHash, kRange, kUniques, kRest}) {
      if (group == kHash || group == kRange) switch_to(group == kHash);
      for (std::size_t i = 0; i < statements_.size(); ++i) {
        if (groups_[i] != group) continue;
        if (group != kSettings) switch_to(wanted(statements_[i]) == kHash);
        const std::string_view piece = statements_[i].piece.text;
        // The first one of the file has no blanks in front of it.
        if (!text.empty() && statements_[i].piece.offset == 0) text += kSpacing;
        text += piece;
      }
    }
    const std::size_t end = statements_.back().piece.offset + statements_.back().piece.text.size();
    return text += text_.substr(end);
  }

  /// Nothing lost, nothing new but the settings.
  bool same_statements(const std::string& text) const {
    std::multiset<std::string_view> before;
    for (const FileStatement& one : statements_) before.insert(one.piece.sql());
    std::size_t found = 0;
    for (const sql::Piece& piece : sql::split_statements(text)) {
      if (piece.kind == sql::Piece::Kind::kTrivia) continue;
      if (const auto known = before.find(piece.sql()); known != before.end()) {
        before.erase(known);
        ++found;
      } else if (piece.sql() != hash_setting_text(true) && piece.sql() != hash_setting_text(false)) {
        return false;
      }
    }
    return before.empty() && found == statements_.size();
  }

  void note_tables() {
    std::set<model::TableName> unique;
    for (const FileStatement& one : statements_) {
      const std::string table = model::display(one.info.table);
      if (part_of(one) == TableStatement::kUnique && unique.insert(one.info.table).second)
        result_.unique.push_back(table);
      if (one.info.keys.primary) (begins_with_time(one) ? result_.range : result_.hash).push_back(table);
    }
  }

  std::string_view text_;
  const std::vector<FileStatement>& statements_;
  std::map<model::TableName, std::size_t> creates_ = {};
  std::vector<Group> groups_ = {};                    ///< One a statement that has been placed.
  std::map<model::TableName, Group> made_late_ = {};  ///< Tables whose CREATE TABLE is not in the first group.
  Group floor_ = kSettings;                           ///< No group below it is open any more.
  KeyShardingResult result_ = {};
};

}  // namespace

std::string hash_setting_text(bool on) {
  return fmt::format("set {}={};", kHashSetting, on ? "on" : "off");
}

KeyShardingResult group_keys(const sql::Document& tables) {
  return Grouper(tables).run();
}

}  // namespace voyager::migration
