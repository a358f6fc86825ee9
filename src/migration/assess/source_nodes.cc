#include "migration/assess/source_nodes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/clock.h"
#include "base/error.h"
#include "base/fault_point.h"
#include "base/files.h"
#include "base/group.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "migration/schema/guardrails.h"

namespace voyager::migration {
namespace {

using base::ExitCode;
using connector::NodeAddress;
using model::Finding;
using model::NoticeLevel;

std::string text_of(const NodeAddress& address) {
  return fmt::format("{}:{}", address.host, address.port);
}

std::string named(const std::vector<NodeAddress>& addresses) {
  std::vector<std::string> names;
  for (const NodeAddress& address : addresses) names.push_back(text_of(address));
  return base::join(names, ", ");
}

model::ConnectionOptions at(const model::ConnectionOptions& source, const NodeAddress& address) {
  model::ConnectionOptions options = source;
  options.host = address.host;
  options.port = address.port;
  return options;
}

/// Finds the replicas that the assessment reads too.
class ReplicaChoice {
 public:
  ReplicaChoice(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
                const AssessOptions& options, model::Dialogue& dialogue)
      : product_(product), source_(source), options_(options), dialogue_(dialogue) {}

  std::vector<NodeAddress> run(connector::AssessmentSource& primary) {
    if (options_.primary_only) return {};
    const std::vector<NodeAddress> found = primary.replicas();
    if (!options_.replicas.empty()) return given(found, primary.identity());
    if (found.empty()) return {};
    return discovered(found, primary.identity());
  }

 private:
  /// Why the node cannot take part; empty when it can.
  std::string refusal(const NodeAddress& address, const connector::NodeIdentity& primary) const {
    try {
      const connector::NodeIdentity node = product_.assessment_source(at(source_, address))->identity();
      if (!node.replica) return "it is no replica: it accepts changes of its own";
      if (!node.system.empty() && !primary.system.empty() && node.system != primary.system)
        return "it is a replica of another server";
      return {};
    } catch (const base::Error& error) {
      return error.info().title + (error.info().cause.empty() ? "" : ": " + error.info().cause);
    }
  }

  std::vector<NodeAddress> given(const std::vector<NodeAddress>& found, const connector::NodeIdentity& primary) {
    std::vector<NodeAddress> nodes;
    std::set<std::string> seen;
    for (const NodeAddress& address : options_.replicas) {
      if (seen.insert(text_of(address)).second) nodes.push_back(address);
    }
    if (nodes.size() != found.size()) {
      ask(fmt::format("The source sends its changes to {} replicas, and {} are named. Go on with those that are named?",
                      found.size(), nodes.size()));
    }
    for (const NodeAddress& address : nodes) {
      const std::string why = refusal(address, primary);
      if (why.empty()) continue;
      throw base::Error({.code = "ASM-101",
                         .exit = ExitCode::kUsage,
                         .title = "a read replica cannot be assessed",
                         .where = text_of(address),
                         .cause = why,
                         .fix = {"correct --source-read-replica-endpoints, or leave the replicas out: --primary-only"},
                         .then = "nothing was changed"});
    }
    return nodes;
  }

  std::vector<NodeAddress> discovered(const std::vector<NodeAddress>& found, const connector::NodeIdentity& primary) {
    std::vector<NodeAddress> usable;
    std::vector<std::string> refused;
    for (const NodeAddress& address : found) {
      const std::string why = refusal(address, primary);
      if (why.empty()) {
        usable.push_back(address);
      } else {
        refused.push_back(fmt::format("{} ({})", text_of(address), why));
      }
    }
    if (usable.empty()) {
      throw base::Error({.code = "ASM-102",
                         .exit = ExitCode::kPreflight,
                         .title = "the source has read replicas, and none can be reached from here",
                         .cause = base::join(refused, "\n"),
                         .fix = {"say where they listen: --source-read-replica-endpoints host1:5432,host2:5432",
                                 "or leave them out: --primary-only"},
                         .then = "nothing was changed"});
    }
    if (refused.empty()) {
      ask(fmt::format("The source has {} read replicas ({}). Assess them too?", usable.size(), named(usable)));
    } else {
      ask(fmt::format("Of the source's read replicas {} can be assessed, and {} cannot. Go on with the former?",
                      named(usable), base::join(refused, ", ")));
    }
    return usable;
  }

  void ask(const std::string& question) {
    if (dialogue_.confirm({.text = question, .flag = "--yes, --primary-only or --source-read-replica-endpoints"}))
      return;
    base::fail(ExitCode::kNoAnswer, "the assessment was not started", "the choice of nodes was not accepted",
               {"leave the replicas out: --primary-only",
                "or say where they listen: --source-read-replica-endpoints host1:5432,host2:5432"});
  }

  const connector::ConnectorEntry& product_;
  const model::ConnectionOptions& source_;
  const AssessOptions& options_;
  model::Dialogue& dialogue_;
};

void note(std::vector<model::NotLookedAt>& list, const Finding& finding, const std::string& node) {
  list.push_back({.what = node == "primary" ? finding.title : fmt::format("{}: {}", node, finding.title),
                  .why = finding.cause,
                  .fix = base::join(finding.fix, "\n")});
}

void check_node(connector::AssessmentSource& connection, SourceNode& node, bool guardrails,
                std::vector<Finding>& findings, SourceNodes& result) {
  std::vector<Finding> own;
  if (guardrails) own = connection.check(node.primary);
  const std::vector<Finding> queries = connection.check_queries();
  node.queries = queries.empty();
  own.insert(own.end(), queries.begin(), queries.end());
  for (Finding& finding : own) {
    if (!finding.fatal && !finding.note) note(result.not_looked_at, finding, node.name);
    if (!node.primary) finding.title = fmt::format("replica {}: {}", node.name, finding.title);
    findings.push_back(std::move(finding));
  }
}

/// It may hold passwords: nobody else can read it from its first byte on.
void write_private_file(const std::filesystem::path& path, std::string_view text) {
  base::File file = base::File::create(path);
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  file.write(text);
}

connector::WrittenSchema gather_schema(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
                                       const std::filesystem::path& folder, const base::Stop& stop) {
  connector::WrittenSchema schema =
      product.schema_source(source)->written(connector::SchemaContents::kDefinitions, stop);
  if (schema.text.empty()) return schema;
  base::log_info("the schema's text was written by " + schema.writer);
  std::filesystem::create_directories(folder);
  write_private_file(folder / kSchemaFile, schema.text);
  schema.text = {};
  return schema;
}

void gather_node(const connector::ConnectorEntry& product, const SourceNode& node,
                 const std::filesystem::path& metadata, const connector::GatherRequest& request) {
  const std::filesystem::path folder = metadata / ("node-" + node.name);
  std::filesystem::create_directories(folder);
  // Statistics hold values of the tables, whatever the user lets others read.
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  const auto connection = product.assessment_source(node.options);
  connection->gather(
      {.folder = folder,
       .node = node.name,
       .queries = node.queries,
       .load_interval = request.load_interval,
       .scan = node.primary ? request.scan : std::nullopt},
      [&node](std::string_view step) { base::log_info(fmt::format("gathering {} from {}", step, node.name)); });
  base::fault_point<"assess.node_gathered">();  // a node's metadata are on disk
}

// Shows how long the measuring takes yet, from construction to the end of the scope.
class Countdown {
 public:
  Countdown(std::chrono::seconds interval, model::Dialogue& dialogue) : dialogue_(dialogue) {
    if (interval.count() > 0) group_.spawn("countdown", [this, interval] { count(interval); });
  }
  ~Countdown() {
    over_.request_drain();
    group_.join();
    dialogue_.waiting("");
  }
  Countdown(const Countdown&) = delete;
  Countdown& operator=(const Countdown&) = delete;

 private:
  void count(std::chrono::seconds left) {
    for (; left.count() > 0; --left) {
      dialogue_.waiting(
          fmt::format("Measuring the load: {} left", base::format_duration(static_cast<double>(left.count()))));
      if (!base::system_clock().sleep_for(std::chrono::seconds(1), over_)) return;
    }
    dialogue_.waiting("Reading the load once more");
  }

  model::Dialogue& dialogue_;
  base::Stop over_ = {};
  base::Group group_{over_};
};

}  // namespace

SourceNodes choose_nodes(const connector::ConnectorEntry& product, const model::ConnectionOptions& source,
                         const AssessOptions& options, model::Dialogue& dialogue) {
  SourceNodes result;
  const auto primary = product.assessment_source(source);
  result.version = primary->version_text();
  dialogue.notice(NoticeLevel::kSuccess, "connection: " + result.version);
  result.nodes.push_back({.name = "primary", .options = source});
  for (const NodeAddress& address : ReplicaChoice(product, source, options, dialogue).run(*primary)) {
    result.nodes.push_back(
        {.name = fmt::format("{}-{}", address.host, address.port), .options = at(source, address), .primary = false});
  }
  std::vector<Finding> findings;
  check_node(*primary, result.nodes.front(), options.run_guardrails, findings, result);
  for (SourceNode& node : result.nodes) {
    if (!node.primary)
      check_node(*product.assessment_source(node.options), node, options.run_guardrails, findings, result);
  }
  if (findings.empty()) {
    dialogue.notice(NoticeLevel::kSuccess, options.run_guardrails
                                               ? "version, client programs, rights and statistics"
                                               : "query statistics (the other checks are left out, as asked for)");
  }
  answer_findings(findings, "assess-migration", dialogue);
  return result;
}

connector::WrittenSchema gather(const connector::ConnectorEntry& product, const SourceNodes& source,
                                const std::filesystem::path& metadata, const connector::GatherRequest& request,
                                const model::FlowContext& context) {
  const std::chrono::seconds load_interval = request.load_interval;
  context.dialogue.notice(NoticeLevel::kInfo, source.nodes.size() == 1 ? std::string("Gathering metadata")
                                                                       : fmt::format("Gathering metadata from {} nodes",
                                                                                     source.nodes.size()));
  if (load_interval.count() > 0) {
    context.dialogue.notice(NoticeLevel::kInfo,
                            fmt::format("The load is read twice, {} apart (--iops-capture-interval)",
                                        base::format_duration(static_cast<double>(load_interval.count()))));
  }
  base::Group group(context.stop);
  connector::WrittenSchema schema;
  group.spawn("schema", [&] {
    schema = gather_schema(product, source.nodes.front().options, metadata / "schema", context.stop);
  });
  for (const SourceNode& node : source.nodes)
    group.spawn(node.name, [&, node] { gather_node(product, node, metadata, request); });
  {
    const Countdown countdown(load_interval, context.dialogue);
    group.join();
  }
  base::throw_if_draining(context.stop, "the assessment was stopped while metadata were gathered",
                          "run the same command again: it starts over; an earlier assessment was left as it is");
  return schema;
}

}  // namespace voyager::migration
