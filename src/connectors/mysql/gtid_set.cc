#include "connectors/mysql/gtid_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <utility>

#include "base/text.h"
#include "connectors/mysql/byte_reader.h"

namespace voyager::mysql {
namespace {

constexpr std::size_t kUuidSize = 36;
// In the first and the last byte of what sets with tags begin with.
constexpr std::uint64_t kTagged = 1, kTaggedMarks = (kTagged << 56U) | kTagged;

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || text.empty()) return std::nullopt;
  return out;
}

bool is_uuid(std::string_view text) {
  if (text.size() != kUuidSize) return false;
  for (std::size_t i = 0; i < kUuidSize; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (dash ? text[i] != '-' : !hex) return false;
  }
  return true;
}

bool is_tag(std::string_view text) {
  constexpr std::size_t kLongest = 32;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return !text.empty() && text.size() <= kLongest && letter(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace

std::string uuid_text(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += fmt::format("{:02x}", static_cast<unsigned char>(bytes[i]));
  }
  return out;
}

std::optional<GtidSet> GtidSet::of(std::string_view text) {
  GtidSet out;
  for (const std::string& part : base::split(text, ',')) {
    const std::string one = base::lower(base::trim(part));
    if (one.empty()) continue;
    if (one.find(':') == std::string::npos) {
      if (!out.add(one)) return std::nullopt;
      continue;
    }
    const std::vector<std::string> words = base::split(one, ':');
    if (!is_uuid(words[0])) return std::nullopt;
    std::string server = words[0];
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string word(base::trim(words[i]));
      if (is_tag(word) && i + 1 < words.size()) {
        server = words[0] + ":" + word;
        continue;
      }
      const std::size_t dash = word.find('-');
      const auto first = number_of(word.substr(0, dash));
      const auto last = dash == std::string::npos ? first : number_of(word.substr(dash + 1));
      if (!first || !last || !out.add(server, {*first, *last})) return std::nullopt;
    }
  }
  return out;
}

// The number of servers, and of each its UUID and intervals, whose ends are behind the last. With tags the number
// stands between two marks, and each UUID has its tag behind it.
std::optional<GtidSet> GtidSet::of_event(std::string_view body) {
  ByteReader in(body);
  GtidSet out;
  std::uint64_t servers = in.number(8);
  const bool tagged = servers >> 56U == kTagged;
  if (tagged) servers = (servers ^ kTaggedMarks) >> 8U;
  if (servers > body.size()) return std::nullopt;
  for (std::uint64_t i = 0; i < servers && in.good(); ++i) {
    std::string server = uuid_text(in.bytes(kUuidBytes));
    if (tagged) {
      const std::string_view tag = in.bytes(static_cast<std::size_t>(in.varlen()));
      if (!tag.empty()) server.append(":").append(tag);
    }
    for (std::uint64_t left = in.number(8); left > 0 && in.good(); --left) {
      const std::uint64_t first = in.number(8), behind = in.number(8);
      if (in.good() && !out.add(server, {first, behind - 1})) return std::nullopt;
    }
  }
  return in.good() && in.at_end() ? std::optional(std::move(out)) : std::nullopt;
}

bool GtidSet::add(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  if (colon != std::string_view::npos) {
    const auto number = number_of(name.substr(colon + 1));
    const std::string_view server = name.substr(0, colon);
    const bool tagged = server.size() > kUuidSize && server[kUuidSize] == ':';
    if (!is_uuid(server.substr(0, kUuidSize)) || (server.size() > kUuidSize && !tagged)) return false;
    if (tagged && !is_tag(server.substr(kUuidSize + 1))) return false;
    return number && add(std::string(server), {*number, *number});
  }
  const std::vector<std::string> words = base::split(name, '-');
  if (words.size() != 3) return false;
  const auto domain = number_of(words[0]), server = number_of(words[1]), number = number_of(words[2]);
  if (!domain || !server || !number) return false;
  domains_[*domain] = {*server, *number};
  return true;
}

bool GtidSet::add(const std::string& server, Interval interval) {
  if (interval.first == 0 || interval.last < interval.first) return false;
  std::vector<Interval>& all = servers_[server];
  // Most come in order.
  if (!all.empty() && all.back().last + 1 == interval.first) {
    all.back().last = interval.last;
    return true;
  }
  const auto touches = [&](const Interval& one) { return one.last + 1 >= interval.first; };
  auto at = std::ranges::find_if(all, touches);
  while (at != all.end() && at->first <= interval.last + 1) {
    interval = {std::min(at->first, interval.first), std::max(at->last, interval.last)};
    at = all.erase(at);
  }
  all.insert(at, interval);
  return true;
}

std::string GtidSet::text() const {
  std::string out, uuid;
  for (const auto& [server, intervals] : servers_) {
    // Those of one server stand together, the ones without a tag first.
    const bool same = server.starts_with(uuid) && !uuid.empty();
    out += same ? server.substr(kUuidSize) : (out.empty() ? "" : ",") + server;
    uuid = server.substr(0, kUuidSize);
    for (const Interval& one : intervals)
      out += one.first == one.last ? fmt::format(":{}", one.first) : fmt::format(":{}-{}", one.first, one.last);
  }
  for (const auto& [domain, last] : domains_)
    out += fmt::format("{}{}-{}-{}", out.empty() ? "" : ",", domain, last.server, last.number);
  return out;
}

bool GtidSet::has_tags() const {
  return std::ranges::any_of(servers_, [](const auto& one) { return one.first.size() > kUuidSize; });
}

std::string GtidSet::encoded() const {
  std::string out;
  const bool tagged = has_tags();
  append_number(out, tagged ? (std::uint64_t{servers_.size()} << 8U) | kTaggedMarks : servers_.size(), 8);
  for (const auto& [server, intervals] : servers_) {
    for (std::size_t i = 0; i < kUuidSize; i += 2) {
      if (server[i] == '-') ++i;
      unsigned byte = 0;
      std::from_chars(server.data() + i, server.data() + i + 2, byte, 16);
      out += static_cast<char>(byte);
    }
    if (tagged) {
      const std::string tag = server.size() > kUuidSize ? server.substr(kUuidSize + 1) : std::string();
      append_number(out, tag.size() << 1U, 1);  // as ByteReader::varlen() reads it
      out += tag;
    }
    append_number(out, intervals.size(), 8);
    for (const Interval& one : intervals) {
      append_number(out, one.first, 8);
      append_number(out, one.last + 1, 8);
    }
  }
  return out;
}

bool GtidSet::reaches(const GtidSet& other) const {
  return std::ranges::all_of(other.domains_, [&](const auto& one) {
    const auto found = domains_.find(one.first);
    return found != domains_.end() && found->second.number >= one.second.number;
  });
}

}  // namespace voyager::mysql
