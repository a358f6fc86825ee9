#include "connectors/mysql/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <map>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "connectors/mysql/queries.h"

namespace voyager::mysql {
namespace {

class OfConnection final : public Answers {
 public:
  explicit OfConnection(Connection& connection) : connection_(connection) {}
  Result ask(std::string_view sql, std::string_view what) override { return connection_.query(sql, what); }
  std::optional<Result> try_ask(std::string_view sql, std::string_view what) override {
    return connection_.try_query(sql, what);
  }
  bool is_mariadb() const override { return connection_.is_mariadb(); }
  unsigned long version() const override { return connection_.version(); }
  std::string version_text() const override { return connection_.version_text(); }
  std::string database() const override { return connection_.database(); }

 private:
  Connection& connection_;
};

// --- the client's XML form
// --------------------------------------------------------------------------------------------

std::string without_entities(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kEntities = {
      {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&amp;", '&'}}};
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto* const found = std::ranges::find_if(
        kEntities, [&](const auto& one) { return text.substr(at, one.first.size()) == one.first; });
    if (found == kEntities.end()) {
      out += text[at++];
    } else {
      out += found->second;
      at += found->first.size();
    }
  }
  return out;
}

class XmlReader {
 public:
  explicit XmlReader(std::string_view text) : text_(text) {}

  std::optional<std::vector<XmlResult>> run() {
    std::vector<XmlResult> results;
    while (skip_to("<resultset")) {
      XmlResult& result = results.emplace_back();
      const std::string_view tag = rest_of_tag();
      result.statement = without_entities(attribute(tag, "statement=\""));
      if (tag.ends_with('/') && !cut_) continue;
      if (!read_rows(result)) return std::nullopt;
    }
    return cut_ ? std::nullopt : std::optional(std::move(results));
  }

 private:
  bool starts(std::string_view with) const { return text_.substr(at_, with.size()) == with; }
  bool skip_to(std::string_view what) {
    at_ = text_.find(what, at_);
    return at_ != std::string_view::npos;
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
      ++at_;
  }
  // Behind its ">". Values of attributes have none, as they are escaped.
  std::string_view rest_of_tag() {
    const std::size_t end = text_.find('>', at_);
    cut_ |= end == std::string_view::npos;
    const std::string_view tag = text_.substr(at_, std::min(end, text_.size()) - at_);
    at_ += std::min(tag.size() + 1, text_.size() - at_);
    return tag;
  }
  static std::string_view attribute(std::string_view tag, std::string_view name) {
    const std::size_t from = tag.find(name);
    if (from == std::string_view::npos) return {};
    const std::size_t begin = from + name.size();
    return tag.substr(begin, tag.find('"', begin) - begin);
  }

  bool read_rows(XmlResult& result) {
    while (true) {
      skip_blanks();
      if (starts("</resultset>")) return true;
      if (!starts("<row")) return false;
      (void)rest_of_tag();
      auto& row = result.rows.emplace_back();
      for (skip_blanks(); starts("<field"); skip_blanks()) {
        const std::string_view tag = rest_of_tag();
        if (tag.ends_with('/')) {
          const bool null = tag.find("xsi:nil=\"true\"") != std::string_view::npos;
          row.push_back(null ? std::nullopt : std::optional<std::string>(""));
          continue;
        }
        const std::size_t end = text_.find("</field>", at_);
        if (end == std::string_view::npos) return false;
        row.emplace_back(without_entities(text_.substr(at_, end - at_)));
        at_ = end + std::string_view("</field>").size();
      }
      if (!starts("</row>")) return false;
      (void)rest_of_tag();
    }
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  bool cut_ = false;  // A tag has no end.
};

[[noreturn]] void fail_damaged(const std::filesystem::path& file, std::string cause) {
  throw base::Error({.code = "ASM-010",
                     .exit = base::ExitCode::kUsage,
                     .title = "the gathered metadata cannot be read",
                     .where = file.string(),
                     .cause = std::move(cause),
                     .fix = {"gather again, and copy the whole folder"},
                     .then = "an earlier assessment was left as it is"});
}

class OfFolder final : public Answers {
 public:
  explicit OfFolder(std::filesystem::path folder) : folder_(std::move(folder)) {
    const Result identity = read("identity");
    if (identity.rows() != 1) fail_damaged(folder_ / "identity.xml", "it has no row");
    const std::string full = identity.string(0, 1);
    mariadb_ = full.find("MariaDB") != std::string::npos;
    number_ = full.substr(0, full.find_first_not_of("0123456789."));
    database_ = identity.string(0, 4);
    const std::filesystem::path shown = folder_ / "shown.xml";
    if (!std::filesystem::exists(shown)) return;
    for (XmlResult& one : parse(shown)) shown_[plain(one.statement)] = Result(std::move(one.rows));
  }

  Result ask(std::string_view sql, std::string_view what) override {
    std::optional<Result> found = try_ask(sql, what);
    if (!found) fail_damaged(folder_, fmt::format("nothing there tells what is needed to {}", what));
    return std::move(*found);
  }

  std::optional<Result> try_ask(std::string_view sql, std::string_view /*what*/) override {
    struct Named {
      std::string_view sql = {};
      const char* name = nullptr;
    };
    static constexpr std::array kNamed = {Named{queries::kIdentity, "identity"},
                                          Named{queries::kTables, "tables"},
                                          Named{queries::kViews, "views"},
                                          Named{queries::kColumns, "columns"},
                                          Named{queries::kIndexesMysql, "indexes"},
                                          Named{queries::kIndexesMariadb, "indexes"},
                                          Named{queries::kForeignKeys, "foreign_keys"},
                                          Named{queries::kChecksMysql, "checks"},
                                          Named{queries::kChecksMariadb, "checks"},
                                          Named{queries::kPartitions, "partitions"},
                                          Named{queries::kCode, "code"},
                                          Named{queries::kSizes, "sizes"}};
    const auto* const named = std::ranges::find(kNamed, sql, &Named::sql);
    if (named != kNamed.end()) return read(named->name);
    const auto shown = shown_.find(plain(sql));
    return shown == shown_.end() ? std::nullopt : std::optional(shown->second);
  }

  bool is_mariadb() const override { return mariadb_; }
  unsigned long version() const override {
    unsigned long out = 0;
    std::size_t parts = 0;
    for (const std::string& part : base::split(number_, '.')) {
      unsigned long number = 0;
      std::from_chars(part.data(), part.data() + part.size(), number);
      if (parts++ < 3) out = out * 100 + number;
    }
    return out;
  }
  std::string version_text() const override { return (mariadb_ ? "MariaDB " : "MySQL ") + number_; }
  std::string database() const override { return database_; }

 private:
  static std::string plain(std::string_view statement) {
    std::string_view out = base::trim(statement);
    if (out.ends_with(';')) out.remove_suffix(1);
    return std::string(base::trim(out));
  }

  static std::vector<XmlResult> parse(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) fail_damaged(file, "it is not there");
    auto found = parse_client_xml(base::read_file(file));
    if (!found) fail_damaged(file, "it is not what the client prints with --xml, or its end is missing");
    return std::move(*found);
  }

  Result read(const std::string& name) const {
    std::vector<XmlResult> found = parse(folder_ / (name + ".xml"));
    return found.empty() ? Result() : Result(std::move(found.front().rows));
  }

  const std::filesystem::path folder_;
  bool mariadb_ = false;
  std::string number_ = {};
  std::string database_ = {};
  std::map<std::string, Result> shown_ = {};
};

}  // namespace

std::unique_ptr<Answers> answers_of(Connection& connection) {
  return std::make_unique<OfConnection>(connection);
}

std::unique_ptr<Answers> answers_of(const std::filesystem::path& folder) {
  return std::make_unique<OfFolder>(folder);
}

std::optional<std::vector<XmlResult>> parse_client_xml(std::string_view text) {
  return XmlReader(text).run();
}

}  // namespace voyager::mysql
