#include "sql/document.h"

#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "sql/parse_tree.h"

namespace voyager::sql {
namespace {

/// A statement that is known already.
struct Known {
  std::string_view sql = {};
  Statement info = {};
};

/// Asks the grammar only about what `known` does not hold in its place.
std::vector<FileStatement> read(std::string_view text, std::vector<Known> known) {
  std::vector<FileStatement> statements;
  with_large_stack([&] {
    for (const Piece& piece : split_statements(text)) {
      if (piece.kind == Piece::Kind::kTrivia) continue;
      FileStatement& one = statements.emplace_back(FileStatement{.piece = piece});
      const std::size_t at = statements.size() - 1;
      if (at < known.size() && known[at].sql == piece.sql()) {
        one.info = std::move(known[at].info);
      } else if (piece.kind == Piece::Kind::kStatement) {
        one.info = parse_statement(piece.sql());
      }
    }
  });
  return statements;
}

}  // namespace

Document::Document(std::string text) : text_(std::make_shared<const std::string>(std::move(text))) {}

const std::vector<FileStatement>& Document::statements() const {
  if (!statements_) statements_ = read(*text_, {});
  return *statements_;
}

void Document::apply(std::vector<Edit> edits) {
  if (edits.empty()) return;
  statements();
  std::vector<FileStatement> before = *std::exchange(statements_, std::nullopt);
  const std::string_view old = *text_;
  std::string text;
  std::vector<Known> known;
  std::size_t copied = 0;
  const auto copy_to = [&](std::size_t offset) {
    text += old.substr(copied, offset - copied);
    copied = offset;
  };
  auto edit = edits.begin();
  for (std::size_t i = 0; i < before.size(); ++i) {
    const Piece& piece = before[i].piece;
    if (edit == edits.end() || edit->statement != i) {
      known.push_back({piece.sql(), std::move(before[i].info)});
      continue;
    }
    const bool keeps_front = edit->now || !base::trim(piece.leading()).empty();
    copy_to(piece.offset + (keeps_front ? piece.body : 0));
    copied = piece.offset + piece.text.size();
    if (edit->now) {
      text += edit->now->sql;
      known.push_back({edit->now->sql, std::move(edit->now->info)});
    }
    ++edit;
  }
  VOY_ASSERT(edit == edits.end());
  copy_to(old.size());
  before = {};
  const auto now = std::make_shared<const std::string>(std::move(text));
  statements_ = read(*now, std::move(known));
  text_ = now;
}

}  // namespace voyager::sql
