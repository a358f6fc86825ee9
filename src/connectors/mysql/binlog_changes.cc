#include "connectors/mysql/binlog_changes.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <deque>
#include <tuple>
#include <utility>

#include "connectors/mysql/binlog_value.h"
#include "connectors/mysql/byte_reader.h"
#include "connectors/mysql/column_codes.h"
#include "connectors/mysql/json_diff.h"
#include "connectors/mysql/values.h"

namespace voyager::mysql {
namespace {

using model::BeforeKind;
using model::ChangeKind;
using Why = CaptureStop::Why;

// What a server sends of a table that nobody may know.
constexpr std::uint64_t kNoTable = 0xFF'FFFF;

std::size_t count_bits(std::string_view bits, std::size_t columns) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < columns; ++i) out += has_bit(bits, i) ? 1 : 0;
  return out;
}

}  // namespace

BinlogDecoder::BinlogDecoder(std::string schema, const BinlogPlace& from,
                             std::map<model::TableName, BinlogPlace> held_until, bool checksums, ValueSettler& values,
                             PreparedTransactions& prepared, Hooks hooks)
    : schema_(std::move(schema)),
      from_(from),
      held_until_(std::move(held_until)),
      values_(values),
      settled_before_(values),
      prepared_(prepared),
      hooks_(std::move(hooks)),
      frame_(checksums),
      place_(from),
      file_(from.file),
      here_(from.asked_from()),
      base_(from.base) {
  if (!from.gtids.empty()) gtids_ = GtidSet::of(from.gtids);
}

BinlogPlace BinlogDecoder::place() const {
  if (place_ < from_) return from_;
  BinlogPlace out = place_;
  out.made = made_;
  return out;
}

void BinlogDecoder::stop(CaptureStop::Why why, std::string table, std::string_view statement) {
  stop({.why = why, .table = std::move(table)}, statement);
}

void BinlogDecoder::stop(CaptureStop stop, std::string_view statement) {
  if (!statement.empty()) stop.statement = without_values(statement);
  stop.place = BinlogPlace::between(file_, here_, base_).text();
  hooks_.stop(stop);
  std::abort();
}

std::optional<std::string> BinlogDecoder::decode(std::string_view bytes, std::string& out, std::size_t bytes_wanted) {
  const std::size_t before = out.size();
  Event event;
  Fault fault = frame_.read(bytes, event);
  if (!fault) {
    advance(event);
    fault = take(event, out);
  }
  if (!fault && has_more()) return decode_more(out, bytes_wanted);
  return finish_event(std::move(fault), out, before);
}

std::optional<std::string> BinlogDecoder::decode_more(std::string& out, std::size_t bytes_wanted) {
  const std::size_t before = out.size();
  Fault fault;
  Event inner;
  while (has_more() && !fault && (out.size() == before || out.size() < bytes_wanted)) {
    if (replays_) {
      replays_ = prepared_.next(inner);
      if (replays_) {
        fault = take(inner, out);
      } else {
        end_replay(out);
      }
      continue;
    }
    in_payload_ = payload_.next(inner, fault);
    if (in_payload_) fault = take(inner, out);
  }
  if (has_more() && !fault) return std::nullopt;
  in_payload_ = replays_ = false;
  return finish_event(std::move(fault), out, before);
}

std::optional<std::string> BinlogDecoder::finish_event(Fault fault, std::string& out, std::size_t before) {
  // What is no transaction is behind us too.
  if (!fault && !in_group_ && (file_ & BinlogPlace::kNumbers) != 0) place_ = BinlogPlace::between(file_, here_, base_);
  if (fault) {
    out.resize(before);
    *fault += fmt::format(" (before {})", BinlogPlace::between(file_, here_, base_).text());
  }
  return fault;
}

// Positions have 32 bits in the log; files may be longer.
void BinlogDecoder::advance(const Event& event) {
  if (event.artificial || event.next_position == 0) return;
  // One is sent first wherever the stream begins in its file.
  if (event.type == EventType::kRotate || event.type == EventType::kFormatDescription) return;
  constexpr std::uint64_t kRound = 1ULL << 32U;
  std::uint64_t next = (here_ & ~(kRound - 1)) | event.next_position;
  if (next < here_) next += kRound;
  here_ = next;
}

std::optional<std::string> BinlogDecoder::take(const Event& event, std::string& out) {
  if (Fault fault; in_xa_ && !replays_ && hold(event, fault)) return fault;
  if (is_rows(event.type)) return rows(event, out);
  switch (event.type) {
    case EventType::kTableMap:
      return table_map(event);
    case EventType::kQuery:
    case EventType::kQueryCompressed:
    case EventType::kExecuteLoad:
      return statement(event, out);
    case EventType::kXid:
      if (in_xa_) {
        replay(std::nullopt);
      } else {
        end_transaction(out);
      }
      return std::nullopt;
    case EventType::kGtid:
    case EventType::kAnonymousGtid:
    case EventType::kTaggedGtid:
    case EventType::kMariaGtid:
      return begin_group(event);
    case EventType::kRotate:
      return rotate(event);
    case EventType::kFormatDescription:
      begin_file(event);
      return std::nullopt;
    case EventType::kPreviousGtids:
      // Of a file that is read from its beginning; that of one in which a stream begins may be long behind.
      if (!gtids_ && all_have_names_ && BinlogPlace::between(file_, here_, base_) >= from_)
        gtids_ = GtidSet::of_event(event.body);
      return std::nullopt;
    case EventType::kXaPrepare: {
      XaPrepare xa;
      if (Fault fault = read_xa_prepare(event, xa)) return fault;
      if (!xa.prepared) {
        replay(std::nullopt);
        return std::nullopt;
      }
      if (!is_behind()) prepared_.prepare(xid_text(xa.global, xa.branch, std::to_string(xa.format)), place_);
      end_transaction(out);
      return std::nullopt;
    }
    case EventType::kTransactionPayload:
      if (in_payload_) return "a compressed transaction inside of another one";
      if (Fault fault = payload_.start(event)) return fault;
      in_payload_ = true;
      return std::nullopt;
    case EventType::kIncident:
      return "the server says that its log lacks something here (an incident)";
    case EventType::kStartEncryption:
      return std::nullopt;  // It is for what lies on the server's disk.
    default:
      return std::nullopt;
  }
}

std::optional<std::string> BinlogDecoder::rotate(const Event& event) {
  Rotate next;
  if (Fault fault = read_rotate(event, next)) return fault;
  BinlogPlace place = BinlogPlace::of_file(next.file, next.position);
  if (place.file == 0) return fmt::format("the log's file {} has no number", next.file);
  place.file |= from_.logs_before();
  // Said of the present file at the start of each connection, and of the next one at the end of each.
  if (place.file == file_ && event.artificial) return std::nullopt;
  file_ = place.file;
  base_ = place.base;
  made_ = 0;
  here_ = next.position;
  // Tables are described anew in each file.
  by_number_.clear();
  return std::nullopt;
}

// It is sent first, wherever in its file a stream begins.
void BinlogDecoder::begin_file(const Event& event) {
  if (from_.made != 0 && file_ == from_.file && event.seconds != from_.made) stop(Why::kLogBegunAnew, {}, {});
  made_ = event.seconds;
}

// The transaction in hand is complete. One that is sent again is among them.
void BinlogDecoder::note_gtid() {
  if (!gtids_ || is_behind()) return;
  if (!gtids_->add(transaction_)) gtids_.reset();
}

std::optional<std::string> BinlogDecoder::begin_group(const Event& event) {
  Gtid gtid;
  if (Fault fault = read_gtid(event, gtid)) return fault;
  if (in_transaction_ && said()) return "a transaction begins inside of another one";
  if (in_group_) note_gtid();
  if (gtid.text.empty()) {
    all_have_names_ = false;
    gtids_.reset();
  }
  in_group_ = true;
  in_transaction_ = event.type == EventType::kMariaGtid && !gtid.alone;
  begin_said_ = false;
  // MySQL says it by a statement.
  in_xa_ = gtid.prepared_xa;
  held_maps_.clear();
  prepared_.undo();
  committed_at_micros_ = gtid.committed_at_micros;
  transaction_ = gtid.text;
  place_ = {.file = file_, .begin = here_ - event.size, .changes = 0, .end = 0, .base = base_};
  said_before_ = !from_.complete() && from_.changes > 0 && place_.file == from_.file && place_.begin == from_.begin;
  return std::nullopt;
}

void BinlogDecoder::end_transaction(std::string& out) {
  if (said()) model::ChangeWriter(out).commit();
  begin_said_ = said_before_ = in_xa_ = false;
  prepared_.undo();
  if (in_group_) note_gtid();
  in_transaction_ = in_group_ = false;
}

std::optional<std::string> BinlogDecoder::statement(const Event& event, std::string& out) {
  Query query;
  if (Fault fault = read_query(event, inflated_, query)) return fault;
  if (!in_group_) return "a statement outside of a transaction";
  run_statement(read_statement(query.sql, query.schema), query.sql, out);
  return std::nullopt;
}

// True when the event is one of rows, or describes them, which are kept as far as they are ours.
bool BinlogDecoder::hold(const Event& event, Fault& fault) {
  if (event.type == EventType::kTableMap) {
    TableMap map;
    fault = read_table_map(event, map);
    if (fault) return true;
    const bool ours = !is_behind() && map.schema == schema_ && hooks_.captured(map.table);
    if (!ours) {
      held_maps_.erase(map.number);
      return true;
    }
    held_maps_.insert(map.number);
    prepared_.add(event);
    return true;
  }
  if (!is_rows(event.type)) return false;
  ByteReader in(event.body);
  if (held_maps_.contains(in.number(6))) prepared_.add(event);
  return true;
}

// The rows stand where the transaction is committed: only from there on anybody sees them.
void BinlogDecoder::replay(const std::optional<std::string>& xid) {
  prepared_.start_reading(xid);
  replayed_ = xid;
  replays_ = true;
  // As numbers of tables they mean what they did then.
  by_number_.clear();
}

void BinlogDecoder::end_replay(std::string& out) {
  if (replayed_) prepared_.end(*replayed_, place_);
  replayed_.reset();
  by_number_.clear();
  end_transaction(out);
}

void BinlogDecoder::end_xa(const LogStatement& statement, std::string_view sql) {
  if (is_behind()) return;
  const bool known = prepared_.is_prepared(statement.xid);
  if (statement.kind == LogStatement::Kind::kXaRollback) {
    if (known) prepared_.end(statement.xid, place_);
    return;
  }
  // Its changes are before the capture in the log, and in no snapshot.
  if (!known) stop(Why::kXaBefore, {}, sql);
  replay(statement.xid);
}

// A statement that is no part of a transaction is complete with its event.
void BinlogDecoder::run_statement(const LogStatement& statement, std::string_view sql, std::string& out) {
  using enum LogStatement::Kind;
  const auto ours = [&](const StatementTable& one) { return one.schema == schema_ && hooks_.captured(one.table); };
  const auto first = std::ranges::find_if(statement.tables, ours);
  const bool concerns_us = first != statement.tables.end() && !sent_again();
  switch (statement.kind) {
    case kBegin:
    case kXaBegin:
      in_transaction_ = true;
      in_xa_ = statement.kind == kXaBegin;
      held_maps_.clear();
      return;
    case kCommit:
      return in_xa_ ? replay(std::nullopt) : end_transaction(out);
    case kRollback:
      if (said()) stop(Why::kUndone, {}, sql);
      return end_transaction(out);
    case kRollbackToSavepoint:
      if (said() || !prepared_.empty()) stop(Why::kUndone, {}, sql);
      return;
    case kXaEnd:
      return;
    case kRowsAsStatement:
      // Views, triggers and functions write to other tables than those that are named.
      if (std::ranges::any_of(statement.tables, [&](const auto& one) { return one.schema == schema_; }) &&
          !sent_again()) {
        if (!statement.empties || !hooks_.in_memory || !hooks_.in_memory(statement.tables.front().table))
          stop(Why::kStatementRows, {}, sql);
        if (concerns_us) truncate(first->table, out);
      }
      break;
    case kTruncate:
      if (concerns_us) truncate(first->table, out);
      break;
    case kCreate:
      // MySQL logs also what made nothing because the table was there.
      if (concerns_us && (!statement.if_not_exists || (hooks_.dropped && hooks_.dropped(first->table))))
        stop(Why::kReplaced, first->table, sql);
      break;
    case kRename:
      if (concerns_us) stop(Why::kReplaced, first->table, sql);
      break;
    case kDropPartition:
      if (concerns_us) stop(Why::kPartitionGone, first->table, sql);
      break;
    case kAlter:
    case kDrop:
      alter(statement, sql);
      break;
    case kDropSchema:
      if (std::ranges::any_of(statement.tables, [&](const auto& one) { return one.schema == schema_; })) {
        by_name_.clear();
        (void)hooks_.altered({}, statement, place_, sent_again());
      }
      break;
    case kXaCommit:
    case kXaRollback:
      end_xa(statement, sql);
      // Its end is told behind its rows.
      if (!replays_) end_transaction(out);
      return;
    case kOther:
      break;
  }
  if (statement.opens_transaction) in_transaction_ = true;
  if (!in_transaction_) end_transaction(out);
}

void BinlogDecoder::alter(const LogStatement& statement, std::string_view sql) {
  const bool drops = statement.kind == LogStatement::Kind::kDrop;
  const auto ours = [&](const StatementTable& one) { return one.schema == schema_ && hooks_.captured(one.table); };
  for (const StatementTable& one : statement.tables) {
    if (!ours(one)) continue;
    // The catalogue has the keys of now, and the log those of then.
    if (statement.makes_acting_key || (statement.drops_foreign_key && keys_.concern(one.table)))
      stop(Why::kForeignKeys, one.table, sql);
    if (drops) keys_.drop(one.table);
    by_name_.erase(one.table);
    if (const auto why = hooks_.altered(one.table, statement, place_, sent_again()))
      stop({.why = why->why, .table = one.table, .column = why->column, .statement = {}, .place = {}}, sql);
  }
  for (const StatementTable& one : statement.tables) {
    // Where foreign keys are not looked at, a table goes before those that refer to it.
    if (drops && ours(one) && keys_.refer_to(one.table)) stop(Why::kForeignKeys, one.table, sql);
  }
}

std::optional<std::string> BinlogDecoder::table_map(const Event& event) {
  TableMap map;
  if (Fault fault = read_table_map(event, map)) return fault;
  const std::uint64_t number = std::exchange(map.number, 0);
  std::shared_ptr<Known>& slot = by_number_[number];
  // Nothing of a transaction that is sent again whole is looked at: tables may have had other forms then.
  if (is_behind() || map.schema != schema_ || !hooks_.captured(map.table)) {
    static const auto kForeign = std::make_shared<Known>();
    slot = kForeign;
    return std::nullopt;
  }
  std::shared_ptr<Known>& known = by_name_[map.table];
  if (!known || known->map != map) {
    const auto fresh = std::make_shared<Known>();
    fresh->counts = true;
    fresh->table = hooks_.describe(map.table, &map);
    if (fresh->table) {
      if (fresh->table->columns.size() != map.columns.size()) return "a table has other columns than its description";
      const auto held = held_until_.find(fresh->table->table.name);
      if (held != held_until_.end()) fresh->held_until = held->second;
    }
    fresh->map = std::move(map);
    known = fresh;
  }
  slot = known;
  return std::nullopt;
}

// The transaction in hand was captured as a whole, and the server sends it again.
bool BinlogDecoder::is_behind() const {
  return place_.begins_before(BinlogPlace::between(from_.file, from_.begin, {}));
}

// Also one of which a part was captured.
bool BinlogDecoder::sent_again() const {
  if (from_.complete()) return is_behind();
  const auto here = std::tie(place_.file, place_.begin);
  const auto there = std::tie(from_.file, from_.begin);
  return here < there || (here == there && from_.changes > 0);
}

// True when the change is one that the server sends again. Counts it.
bool BinlogDecoder::skip_this() {
  ++place_.changes;
  return place_ <= from_;
}

void BinlogDecoder::say_begin(std::string& out) {
  if (begin_said_) return;
  begin_said_ = true;
  model::ChangeWriter(out).begin(transaction_, committed_at_micros_);
}

void BinlogDecoder::say_table(Known& known, std::string& out) {
  if (known.number != 0) return;
  known.number = ++numbers_;
  model::ChangeWriter(out).table(known.number, known.table->table);
}

// A table whose rows need not have come yet.
const std::shared_ptr<BinlogDecoder::Known>& BinlogDecoder::known_as(const std::string& table) {
  std::shared_ptr<Known>& known = by_name_[table];
  if (known) return known;
  known = std::make_shared<Known>();
  known->counts = true;
  known->table = hooks_.describe(table, nullptr);
  if (!known->table) return known;
  const auto held = held_until_.find(known->table->table.name);
  if (held != held_until_.end()) known->held_until = held->second;
  return known;
}

void BinlogDecoder::truncate(const std::string& table, std::string& out) {
  if (skip_this()) return;
  const std::shared_ptr<Known>& known = known_as(table);
  if (!known->table || holds(*known)) return;
  say_begin(out);
  say_table(*known, out);
  model::ChangeWriter(out).truncate(std::array{known->number}, false, true);
  ++changes_;
}

std::optional<std::string> BinlogDecoder::rows(const Event& event, std::string& out) {
  Rows rows;
  if (Fault fault = read_rows(event, inflated_, rows)) return fault;
  if (rows.table == kNoTable) return std::nullopt;
  const auto found = by_number_.find(rows.table);
  if (found == by_number_.end()) return fmt::format("rows of table {}, which was not described", rows.table);
  const std::shared_ptr<Known> known = found->second;
  // Rows of a table that is gone are counted, as they were when it was there: changes are told by their numbers.
  if (!known->table && !known->counts) return std::nullopt;
  if (!in_group_) return "rows outside of a transaction";
  if (rows.columns != known->map.columns.size()) return "rows have other columns than their table";
  // A row of no columns takes no bytes: how many there are is not in the log.
  const auto any = [&](std::string_view present) { return count_bits(present, rows.columns) > 0; };
  if (!any(rows.before) && !any(rows.after)) stop(Why::kMissingColumns, known->map.table, "INSERT");
  ByteReader in(rows.rows);
  cascade_.reset();
  cascades_.clear();
  while (!in.at_end()) {
    if (Fault fault = one_row(known, rows, in, out)) return fault;
  }
  // Behind the rows of one event, so that a place in the log is behind all of it or before.
  out += cascades_;
  return std::nullopt;
}

namespace {

// -1: its values are not carried.
int place_of(const CapturedTable& table, const std::string& column) {
  for (const CapturedColumn& one : table.columns) {
    if (one.place >= 0 && table.converted->columns[one.converted].source_name == column) return one.place;
  }
  return -1;
}

// The server gives to rows that refer to a char(n) the bytes that it stores: blanks behind the text up to n bytes in
// UTF-8, up to n characters in a set of one byte for each.
std::string padded(const CapturedTable& table, std::size_t place, std::string_view text) {
  const auto column = std::ranges::find(table.columns, static_cast<int>(place), &CapturedColumn::place);
  const SourceType& type = column->type;
  std::string out(text);
  if (type.form != Form::kText || type.name != "char" || type.recast != Recast::kNone) return out;
  const auto characters = static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  const std::size_t size = column->charset == nullptr ? text.size() : characters;
  const auto wanted = static_cast<std::size_t>(std::max(0, type.length));
  if (size < wanted) out.append(wanted - size, ' ');
  return out;
}

}  // namespace

BinlogDecoder::Cascade BinlogDecoder::cascade_of(const std::shared_ptr<Known>& root, bool update, std::string& out) {
  const std::string name = root->table->converted->source_name;
  const ActingForeignKeys::Reach& reach = keys_.reach(name, update);
  if (reach.keys.empty()) return {};
  const auto refuse = [&](const std::string& why) {
    stop({.why = Why::kForeignKeys, .table = name, .column = {}, .statement = why, .place = {}}, {});
  };
  if (!reach.uncertain.empty()) refuse(reach.uncertain);
  std::map<std::string, std::shared_ptr<Known>> tables;
  Cascade made;
  std::map<std::string, std::uint32_t> numbers;
  for (const std::string& table : reach.tables) {
    const std::shared_ptr<Known>& known = tables[table] = table == name ? root : known_as(table);
    if (!known->table || (table != name && holds(*known))) continue;
    numbers[table] = static_cast<std::uint32_t>(made.tables.size());
    say_begin(out);
    say_table(*known, out);
    made.tables.push_back(known->number);
  }
  for (const std::string& table : reach.written) {
    if (numbers.contains(table) && tables.at(table)->table->carries_computed)
      refuse(fmt::format("{} has columns that are computed from others, and ordinary ones on the target", table));
  }
  for (const ActingForeignKey& key : reach.keys) {
    // What a snapshot of the table holds has happened already.
    if (!numbers.contains(key.table)) continue;
    if (!numbers.contains(key.parent))
      refuse(fmt::format("rows of {} are in a snapshot already, and rows of {} that refer to them are not", key.parent,
                         key.table));
    model::ActingKey one{.table = numbers.at(key.table),
                         .parent = numbers.at(key.parent),
                         .on_delete = key.on_delete,
                         .on_update = key.on_update};
    const auto places = [&](const std::string& table, const std::vector<std::string>& columns,
                            std::vector<std::uint32_t>& to) {
      for (const std::string& column : columns) {
        const int place = place_of(*tables.at(table)->table, column);
        if (place < 0) refuse(fmt::format("column {} of {} is not carried", column, table));
        to.push_back(static_cast<std::uint32_t>(place));
      }
    };
    places(key.table, key.columns, one.columns);
    places(key.parent, key.parent_columns, one.parent_columns);
    if (one.parent == 0)
      made.referred_to.insert(made.referred_to.end(), one.parent_columns.begin(), one.parent_columns.end());
    made.keys.push_back(std::move(one));
  }
  std::ranges::sort(made.referred_to);
  made.referred_to.erase(std::ranges::unique(made.referred_to).begin(), made.referred_to.end());
  return made;
}

// The images are those of the row in hand.
void BinlogDecoder::follow_keys(const std::shared_ptr<Known>& root, const Rows& rows, std::string& out) {
  const bool update = rows.kind == RowsKind::kUpdate;
  if (update) {
    const ActingForeignKeys::Reach& reach = keys_.reach(root->table->converted->source_name, true);
    const bool changed = std::ranges::any_of(reach.keys, [&](const ActingForeignKey& key) {
      return key.parent == reach.tables.front() &&
             std::ranges::any_of(key.parent_columns, [&](const std::string& column) {
               const int place = place_of(*root->table, column);
               if (place < 0) return false;
               const Value& before = before_.values[static_cast<std::size_t>(place)];
               const Value& after = after_.values[static_cast<std::size_t>(place)];
               if (after.kind == Value::Kind::kAbsent) return false;
               return before.kind != after.kind || before_.text(before) != after_.text(after);
             });
    });
    if (!changed) return;
  }
  if (!cascade_) cascade_ = cascade_of(root, update, out);
  if (cascade_->keys.empty()) return;
  std::vector<model::ChangeValue> before(root->table->table.columns.size(), {.kind = model::ValueKind::kUnchanged});
  std::vector<model::ChangeValue> after = before;
  const auto value = [](const Image& image, std::size_t place) -> model::ChangeValue {
    const Value& one = image.values[place];
    if (one.kind == Value::Kind::kNull) return {.kind = model::ValueKind::kNull};
    if (one.kind == Value::Kind::kAbsent) return {.kind = model::ValueKind::kUnchanged};
    return {.kind = model::ValueKind::kText, .text = image.text(one)};
  };
  std::deque<std::string> texts;  // that values of `after` lie in
  for (const std::size_t place : cascade_->referred_to) {
    before[place] = value(before_, place);
    if (before[place].kind == model::ValueKind::kUnchanged)
      stop(Why::kMissingColumns, root->map.table, "UPDATE or DELETE");
    if (!update) continue;
    after[place] = value(after_, place);
    if (after[place].kind == model::ValueKind::kText && after[place] != before[place])
      after[place].text = texts.emplace_back(padded(*root->table, place, after[place].text));
  }
  if (!update) after.clear();
  model::ChangeWriter(cascades_).cascade(cascade_->tables, cascade_->keys, before, after);
  ++changes_;
}

std::optional<std::string> BinlogDecoder::skip_row(const Known& known, const Rows& rows, ByteReader& in) {
  if (rows.kind != RowsKind::kInsert) {
    if (Fault fault = skip_image(known.map, rows.before, {}, in)) return fault;
  }
  if (rows.kind == RowsKind::kDelete) return std::nullopt;
  return skip_image(known.map, rows.after, read_partial(known, rows, in), in);
}

// What a value is makes no difference, only where it ends.
std::optional<std::string> BinlogDecoder::skip_image(const TableMap& map, std::string_view present,
                                                     std::string_view partial, ByteReader& in) {
  static const SourceType kAny = {};
  const std::size_t columns = map.columns.size();
  const std::string_view nulls = in.bytes((count_bits(present, columns) + 7) / 8);
  std::size_t bit = 0, json = 0;
  for (std::size_t i = 0; i < columns && in.good(); ++i) {
    const bool difference = map.columns[i].type == code::kJson && has_bit(partial, json++);
    if (!has_bit(present, i) || has_bit(nulls, bit++)) continue;
    if (difference) {
      in.bytes(static_cast<std::size_t>(in.number(4)));
      continue;
    }
    const std::size_t before = in.left();
    std::string_view raw;
    const ValueFault fault = read_value(in, map.columns[i], kAny, scratch_, raw);
    if (fault == ValueFault::kUnknown || in.left() == before)
      return fmt::format("a value of column {} of {} cannot be read", i + 1, map.table);
  }
  return in.good() ? std::nullopt : Fault("a row is shorter than it says");
}

// Which JSON columns have only the difference to what they were.
std::string_view BinlogDecoder::read_partial(const Known& known, const Rows& rows, ByteReader& in) {
  if (!rows.partial_json || (in.packed() & 1U) == 0) return {};
  const auto is_json = [](const LogColumn& column) { return column.type == code::kJson; };
  return in.bytes((static_cast<std::size_t>(std::ranges::count_if(known.map.columns, is_json)) + 7) / 8);
}

std::optional<std::string> BinlogDecoder::read_image(const Known& known, std::string_view present,
                                                     std::string_view partial, ByteReader& in, ValueSettler& settler,
                                                     Image& image) {
  const CapturedTable& table = *known.table;
  image.values.assign(table.table.columns.size(), Value());
  image.bytes.clear();
  image.rejected = false;
  const std::size_t columns = table.columns.size();
  const std::string_view nulls = in.bytes((count_bits(present, columns) + 7) / 8);
  if (!in.good()) return "a row is shorter than it says";
  std::size_t bit = 0, json = 0;
  for (std::size_t i = 0; i < columns; ++i) {
    const bool difference = known.map.columns[i].type == code::kJson && has_bit(partial, json++);
    if (!has_bit(present, i)) continue;
    const CapturedColumn& column = table.columns[i];
    const bool null = has_bit(nulls, bit++);
    Value* const value = column.place < 0 ? nullptr : &image.values[static_cast<std::size_t>(column.place)];
    if (null) {
      if (value != nullptr) value->kind = Value::Kind::kNull;
      continue;
    }
    std::string_view raw;
    if (difference) {
      const std::string_view diffs = in.bytes(static_cast<std::size_t>(in.number(4)));
      if (value == nullptr) continue;
      const Value& was = before_.values[static_cast<std::size_t>(column.place)];
      if (was.kind != Value::Kind::kText) stop(Why::kPartialJson, known.map.table, "UPDATE");
      if (!in.good() || !apply_json_diffs(before_.text(was), diffs, difference_))
        return fmt::format("the difference of a value of column {} of {} cannot be read", i + 1, known.map.table);
      value->kind = Value::Kind::kText;
      value->begin = image.bytes.size();
      value->size = difference_.size();
      image.bytes += difference_;
      continue;
    }
    const ValueFault fault = read_value(in, known.map.columns[i], column.type, scratch_, raw);
    if (fault != ValueFault::kNone)
      return fmt::format(
          "a value of column {} of {} cannot be read{}", i + 1, known.map.table,
          fault == ValueFault::kUnknown ? fmt::format(": type {} is not known", known.map.columns[i].type) : "");
    if (value == nullptr) continue;
    if (column.charset != nullptr) {
      converted_.clear();
      column.charset->append(raw, converted_);
      raw = converted_;
    }
    std::optional<std::string_view> text;
    std::string_view made;
    const ConvertedColumn& of = table.converted->columns[column.converted];
    const auto key = [&] {
      std::string names;
      for (const CapturedColumn& part : table.columns) {
        if (part.place < 0 || !table.table.columns[static_cast<std::size_t>(part.place)].key || !table.keyed) continue;
        const Value& there = image.values[static_cast<std::size_t>(part.place)];
        const bool has = there.kind == Value::Kind::kText;
        append_key_part(table.converted->columns[part.converted], has ? std::optional(image.text(there)) : std::nullopt,
                        names);
      }
      return names.empty() ? std::string("no primary key to name it by") : names;
    };
    if (const char* what = canonical(column.type, raw, canonical_, made); what != nullptr) {
      if (!settler.settle(*table.converted, of, column.rule, what, raw, key, text)) image.rejected = true;
    } else {
      text = made;
      if (column.rule != nullptr && column.rule->action == RuleAction::kRepair)
        settler.repair(*table.converted, of, *column.rule, key, canonical_, text);
    }
    value->kind = text ? Value::Kind::kText : Value::Kind::kNull;
    if (!text) continue;
    value->size = text->size();
    // What lies in the event itself, or in the rules, stays where it is.
    const bool moves = text->data() >= canonical_.data() && text->data() <= canonical_.data() + canonical_.size();
    const bool moved = (text->data() >= scratch_.data() && text->data() <= scratch_.data() + scratch_.size()) ||
                       (text->data() >= converted_.data() && text->data() <= converted_.data() + converted_.size());
    if (moves || moved) {
      value->begin = image.bytes.size();
      image.bytes += *text;
    } else {
      value->data = text->data();
    }
  }
  return std::nullopt;
}

// An insert need not name the columns that get their defaults.
void BinlogDecoder::fill_in(const Known& known, Image& image) {
  for (const CapturedColumn& column : known.table->columns) {
    if (column.place < 0) continue;
    Value& value = image.values[static_cast<std::size_t>(column.place)];
    if (value.kind != Value::Kind::kAbsent) continue;
    if (!column.known_when_missing) stop(Why::kMissingColumns, known.map.table, "INSERT");
    value.kind = column.null_when_missing ? Value::Kind::kNull : Value::Kind::kText;
    value.data = column.when_missing.data();
    value.size = column.when_missing.size();
  }
}

std::optional<std::string> BinlogDecoder::one_row(const std::shared_ptr<Known>& of, const Rows& rows, ByteReader& in,
                                                  std::string& out) {
  Known& known = *of;
  const bool has_before = rows.kind != RowsKind::kInsert;
  const bool has_after = rows.kind != RowsKind::kDelete;
  // What is left out is not looked at: its values need no rule. A row that is in a snapshot may still lead to others.
  const bool again = skip_this();
  const bool held = !again && known.table && holds(known);
  const bool leads = held && has_before && !rows.foreign_keys_off &&
                     !keys_.reach(known.table->converted->source_name, rows.kind == RowsKind::kUpdate).keys.empty();
  if (again || !known.table || (held && !leads)) return skip_row(known, rows, in);
  ValueSettler& settler = held ? settled_before_ : values_;
  if (has_before) {
    if (Fault fault = read_image(known, rows.before, {}, in, settled_before_, before_)) return fault;
  }
  if (has_after) {
    const std::string_view partial = read_partial(known, rows, in);
    if (Fault fault = read_image(known, rows.after, partial, in, settler, after_)) return fault;
  }
  if (has_before && !rows.foreign_keys_off) follow_keys(of, rows, out);
  if (held) return std::nullopt;
  if (rows.kind == RowsKind::kInsert) fill_in(known, after_);
  const bool was = has_before && !before_.rejected;
  const bool is = has_after && !after_.rejected;
  if (was && is) {
    write(ChangeKind::kUpdate, known, &before_, &after_, out);
  } else if (was) {
    write(ChangeKind::kDelete, known, &before_, nullptr, out);
  } else if (is) {
    if (has_before) fill_in(known, after_);
    write(ChangeKind::kInsert, known, nullptr, &after_, out);
  }
  return std::nullopt;
}

// An image after a change may leave out what the one before has.
bool BinlogDecoder::same_key(const Known& known, const Image& before, const Image& after) const {
  const auto& columns = known.table->table.columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i].key || after.values[i].kind == Value::Kind::kAbsent) continue;
    if (before.values[i].kind != after.values[i].kind || before.text(before.values[i]) != after.text(after.values[i]))
      return false;
  }
  return true;
}

void BinlogDecoder::write_key(const Known& known, const Image& image, bool all, model::ChangeWriter& writer) const {
  const auto& columns = known.table->table.columns;
  writer.begin_tuple(static_cast<std::uint32_t>(columns.size()));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Value& value = image.values[i];
    if ((all || columns[i].key) && value.kind == Value::Kind::kText) {
      writer.text(image.text(value));
    } else {
      writer.null();
    }
  }
}

void BinlogDecoder::write(ChangeKind kind, Known& known, const Image* before, const Image* after, std::string& out) {
  const auto& columns = known.table->table.columns;
  if (before != nullptr) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].key && before->values[i].kind == Value::Kind::kAbsent)
        stop(Why::kMissingColumns, known.map.table, "UPDATE or DELETE");
    }
  }
  say_begin(out);
  say_table(known, out);
  model::ChangeWriter writer(out);
  const bool keyed = known.table->keyed;
  // A row that keeps its key is named by what it becomes.
  bool names_itself = false;
  if (kind == ChangeKind::kUpdate && keyed && same_key(known, *before, *after)) {
    names_itself = true;
    for (std::size_t i = 0; i < columns.size(); ++i)
      names_itself &= !columns[i].key || after->values[i].kind != Value::Kind::kAbsent;
  }
  const BeforeKind form = before == nullptr || names_itself ? BeforeKind::kNone
                          : keyed                           ? BeforeKind::kKey
                                                            : BeforeKind::kFull;
  writer.begin_row(kind, known.number, form);
  if (form != BeforeKind::kNone) write_key(known, *before, form == BeforeKind::kFull, writer);
  if (after != nullptr) {
    writer.begin_tuple(static_cast<std::uint32_t>(columns.size()));
    for (const Value& value : after->values) {
      if (value.kind == Value::Kind::kText) {
        writer.text(after->text(value));
      } else if (value.kind == Value::Kind::kNull) {
        writer.null();
      } else {
        writer.unchanged();
      }
    }
  }
  writer.end_row();
  ++changes_;
}

}  // namespace voyager::mysql
