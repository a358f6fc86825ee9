#include "connectors/postgresql/followed_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.h"

namespace voyager::postgresql {
namespace {

std::uint32_t number_of(std::string_view text) {
  std::uint32_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

/// The first line of `text`, which loses it.
std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

/// Where the log of `timeline` was left for the next one; nothing where it is no ancestor of the file's. Lines are
/// "TIMELINE<tab>PLACE<tab>REASON".
std::optional<Lsn> left_at(std::string_view history, std::uint32_t timeline) {
  while (!history.empty()) {
    const std::string_view line = next_line(history);
    const std::size_t place = line.find('\t');
    if (place == std::string_view::npos || number_of(line) != timeline) continue;
    const std::string_view rest = line.substr(place + 1);
    return parse_lsn(rest.substr(0, rest.find('\t')));
  }
  return std::nullopt;
}

}  // namespace

std::string text_of(const FollowedLog& log) {
  std::string out = lsn_text(log.told) + "\n";
  if (!log.identity.system.empty()) {
    out += fmt::format("system {}\ntimeline {}\n", log.identity.system, log.identity.timeline);
  }
  if (log.slot_keeps != 0) out += "slot " + lsn_text(log.slot_keeps) + "\n";
  return out + log.of_later_version;
}

FollowedLog parse_followed_log(std::string_view text) {
  FollowedLog log;
  log.told = parse_lsn(base::trim(next_line(text)));
  while (!text.empty()) {
    const std::string_view line = base::trim(next_line(text));
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, space);
    const std::string_view value = line.substr(std::min(space + 1, line.size()));
    if (word == "system") {
      log.identity.system = value;
    } else if (word == "timeline") {
      log.identity.timeline = number_of(value);
    } else if (word == "slot") {
      log.slot_keeps = parse_lsn(value);
    } else if (!line.empty()) {
      (log.of_later_version += line) += "\n";
    }
  }
  return log;
}

std::optional<std::string> why_other_log(const FollowedLog& noted, const LogIdentity& now, Lsn slot_keeps, Lsn captured,
                                         const std::function<std::string()>& history) {
  if (noted.identity.system.empty()) return std::nullopt;
  if (noted.identity.system != now.system) {
    return fmt::format("it is another server: its system identifier is {}, and changes were captured from {}",
                       now.system, noted.identity.system);
  }
  if (now.timeline < noted.identity.timeline) {
    return fmt::format(
        "it is on timeline {}, and changes were captured from timeline {}: it was put back to an earlier "
        "state, or is a primary that was replaced",
        now.timeline, noted.identity.timeline);
  }
  if (now.timeline > noted.identity.timeline) {
    const std::optional<Lsn> left = left_at(history(), noted.identity.timeline);
    if (left && *left >= captured) return std::nullopt;
    return fmt::format(
        "its timeline {} leaves timeline {} {}, before what was captured already ({}): it was restored to "
        "an earlier state, or it is a standby that lagged when it took over",
        now.timeline, noted.identity.timeline, left ? "at " + lsn_text(*left) : "nowhere", lsn_text(captured));
  }
  // A standby's copy of a slot may lag, which ends with another timeline.
  if (slot_keeps != 0 && slot_keeps < noted.slot_keeps) {
    return fmt::format(
        "its replication slot keeps the log from {} on, and did from {} on before: the server's disk was "
        "put back to an earlier state",
        lsn_text(slot_keeps), lsn_text(noted.slot_keeps));
  }
  return std::nullopt;
}

}  // namespace voyager::postgresql
