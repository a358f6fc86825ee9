#include "migration/schema/target_schema.h"

#include "base/files.h"
#include "format/schema_rename.h"
#include "migration/state/status.h"
#include "sql/lexer.h"

namespace voyager::migration {

std::string with_schema(std::string_view text, const model::Identifier& from, const model::Identifier& to) {
  const std::string shown = model::display(from);
  const std::string quoted = model::quoted(from);
  const std::string name = model::display(to);
  const auto is_from = [&](std::string_view token) { return token == shown || token == quoted; };
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const sql::Token token = sql::next_token(text, at);
    if (token.kind == sql::TokenKind::kEnd) break;
    std::string_view word = token.of(text);
    const bool qualifies = token.end < text.size() && text[token.end] == '.' && (at == 0 || text[at - 1] != '.');
    if ((token.kind == sql::TokenKind::kWord || token.kind == sql::TokenKind::kQuotedName) && qualifies &&
        is_from(word)) {
      out += name;
    } else if (token.kind == sql::TokenKind::kString && word.starts_with("'" + shown + ".")) {
      // A name inside of a text: its quotes are those of a name.
      out += "'" + name;
      out += word.substr(1 + shown.size());
    } else {
      out += word;
    }
    at = token.end;
  }
  return out;
}

void move_to_schema(const std::filesystem::path& export_dir, format::DocumentLedger& db, const model::Identifier& from,
                    const model::Identifier& to) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(export_dir / "schema")) {
    if (entry.path().extension() != ".sql") continue;
    const std::string text = base::read_file(entry.path());
    const std::string moved = with_schema(text, from, to);
    if (moved != text) base::write_file_atomically(entry.path(), moved);
  }
  format::rename_schema(export_dir, from, to);
  // Last: until then a run after a kill does it all again.
  note_source_schema(db, to);
}

}  // namespace voyager::migration
