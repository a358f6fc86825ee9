#include "report/error_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "base/text.h"
#include "report/format_versions.h"
#include "report/style.h"
#include "report/text_width.h"

namespace voyager::report {

namespace {

using base::ErrorInfo;
using Json = nlohmann::ordered_json;

constexpr std::size_t kIndent = 9;  ///< "  where  "
constexpr std::size_t kSamples = 3;

/// Lines of `text` with control characters made visible. Secrets are masked before any wrapping could cut them in two.
std::vector<std::string> safe_lines(std::string_view text, const TextStyle& style) {
  std::vector<std::string> lines = base::split(base::mask_secrets(text), '\n');
  for (std::string& line : lines) {
    std::replace(line.begin(), line.end(), '\t', ' ');
    if (!line.empty() && line.back() == '\r') line.pop_back();
    line = printable(line);
    if (style.ascii) line = to_ascii(line);
  }
  while (lines.size() > 1 && lines.back().empty()) lines.pop_back();
  return lines;
}

/// Text to be pasted must stay in one piece. Our own convention sets a command apart by two blanks or a leading word.
bool is_command(std::string_view text) {
  constexpr std::array<std::string_view, 23> kStarts{
      "yb-voyager ", "psql ",   "ALTER ",  "CREATE ", "GRANT ",  "REVOKE ",  "SET ",    "DROP ",
      "SELECT ",     "INSERT ", "UPDATE ", "DELETE ", "VACUUM ", "ANALYZE ", "export ", "sudo ",
      "kill ",       "rm ",     "mkdir ",  "chmod ",  "gunzip ", "iconv ",   "getent "};
  return text.find(":  ") != std::string_view::npos ||
         std::any_of(kStarts.begin(), kStarts.end(),
                     [text](std::string_view start) { return text.starts_with(start); });
}

enum class Wrap { kProse, kCommands, kNever };

void add_part(std::string& out, const char* label, const std::vector<std::string>& lines, Wrap wrap, std::size_t width,
              const TextStyle& style) {
  bool first = true;
  for (const std::string& line : lines) {
    const bool keep = wrap == Wrap::kNever || (wrap == Wrap::kCommands && is_command(line));
    const std::size_t room = std::max<std::size_t>(width, kIndent + 20) - kIndent;
    for (const std::string& piece : keep ? std::vector<std::string>{line} : wrapped(line, room)) {
      std::string head = first ? fmt::format("  {:<7}", label) : std::string(kIndent, ' ');
      if (first) head = painted(head, Paint::kDim, style.colour);
      first = false;
      std::string whole = head + piece;
      whole.erase(whole.find_last_not_of(' ') + 1);
      out += whole + "\n";
    }
  }
}

/// The server's words with its code in front, unless they carry it already.
std::string cause_text(const ErrorInfo& error) {
  if (!error.sqlstate.empty() && error.cause.find(error.sqlstate) == std::string::npos) {
    return error.cause.empty() ? "server " + error.sqlstate : fmt::format("server {}: {}", error.sqlstate, error.cause);
  }
  if (error.sqlstate.empty() && error.vendor_code != 0 &&
      error.cause.find(std::to_string(error.vendor_code)) == std::string::npos) {
    return fmt::format("server error {}: {}", error.vendor_code, error.cause);
  }
  return error.cause;
}

bool server_spoke(const ErrorInfo& error) {
  return !error.sqlstate.empty() || error.vendor_code != 0;
}

std::string where_text(const ErrorInfo& error, const ErrorContext& context) {
  if (error.where.empty()) return context.where;
  if (context.where.empty() || error.where.starts_with(context.where)) return error.where;
  return context.where + " · " + error.where;
}

std::string title_text(const ErrorInfo& error, std::size_t count, std::size_t width, const TextStyle& style) {
  const std::string head = error.code.empty() ? "error:" : fmt::format("error[{}]", error.code);
  std::string title = base::join(safe_lines(error.title, style), " ");
  if (count > 1) title += fmt::format(" ({} times)", base::format_count(count));
  std::string out;
  for (const std::string& line : wrapped(head + " " + title, width)) {
    out += (out.empty() ? "" : "  ") + line + "\n";
  }
  // The head is painted after wrapping: a colour is no text.
  return painted(head, Paint::kBad, style.colour) + out.substr(head.size());
}

void add_tail(std::string& out, const ErrorInfo& error, const ErrorContext& context, const TextStyle& style) {
  std::vector<std::string> fixes;
  for (const std::string& step : error.fix) {
    for (std::string& line : safe_lines(step, style)) fixes.push_back(std::move(line));
  }
  add_part(out, "fix", fixes, Wrap::kCommands, context.width, style);
  if (!error.then.empty()) add_part(out, "then", safe_lines(error.then, style), Wrap::kCommands, context.width, style);
  std::string more = context.docs;
  if (!context.log.empty()) more += (more.empty() ? "log " : " · log ") + context.log;
  if (!more.empty()) add_part(out, "more", safe_lines(more, style), Wrap::kNever, context.width, style);
}

std::string kind_of(const ErrorInfo& error) {
  return fmt::format("{}\n{}\n{}\n{}", error.code, error.title, error.sqlstate, error.vendor_code);
}

}  // namespace

std::string error_text(const ErrorInfo& error, const ErrorContext& context, const TextStyle& style) {
  return errors_text({&error, 1}, context, style);
}

std::string errors_text(std::span<const ErrorInfo> errors, const ErrorContext& context, const TextStyle& style) {
  std::vector<std::vector<const ErrorInfo*>> kinds;
  for (const ErrorInfo& error : errors) {
    const auto same = std::find_if(kinds.begin(), kinds.end(),
                                   [&](const auto& kind) { return kind_of(*kind.front()) == kind_of(error); });
    if (same == kinds.end()) {
      kinds.push_back({&error});
    } else {
      same->push_back(&error);
    }
  }
  std::string out;
  for (const auto& kind : kinds) {
    if (!out.empty()) out += "\n";
    out += title_text(*kind.front(), kind.size(), context.width, style);
    for (std::size_t i = 0; i < std::min(kind.size(), kSamples); ++i) {
      const std::string where = where_text(*kind[i], context);
      if (!where.empty()) add_part(out, "where", safe_lines(where, style), Wrap::kProse, context.width, style);
      const std::string cause = cause_text(*kind[i]);
      const Wrap wrap = server_spoke(*kind[i]) ? Wrap::kNever : Wrap::kProse;
      if (!cause.empty()) add_part(out, "cause", safe_lines(cause, style), wrap, context.width, style);
    }
    add_tail(out, *kind.front(), context, style);
  }
  return out;
}

std::string error_json(const ErrorInfo& error, const ErrorContext& context) {
  Json fixes = Json::array();
  for (const std::string& step : error.fix) fixes.push_back(base::mask_secrets(step));
  const Json out = {{"code", error.code},
                    {"title", base::mask_secrets(error.title)},
                    {"where", base::mask_secrets(where_text(error, context))},
                    {"cause", base::mask_secrets(cause_text(error))},
                    {"fix", fixes},
                    {"next", base::mask_secrets(error.then)},
                    {"docs", context.docs},
                    {"log", context.log},
                    {"retryable", error.retry != base::Retry::kNever},
                    {"v", kErrorForm}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace voyager::report
