// The parts of the page of assess-migration. Each is html, ready to be put into a section.
#pragma once

#include <string>

#include "model/assessment.h"

namespace voyager::report {

/// What a reader has to know before trusting the rest; stands above everything.
std::string not_looked_at_html(const model::Assessment& assessment);
/// How the grade came about, in words.
std::string complexity_html(const model::Assessment& assessment);

std::string sizes_html(const model::Assessment& assessment);
std::string workload_html(const model::Assessment& assessment);
std::string cluster_html(const model::Assessment& assessment);
std::string changes_html(const model::Assessment& assessment);
/// Empty when there are no such findings. `root` is the way from the report to the export directory.
std::string performance_html(const model::Assessment& assessment, const std::string& root);
std::string live_html(const model::Assessment& assessment);
/// Empty without replicas.
std::string topology_html(const model::Assessment& assessment);
/// Notes of one kind; empty when there are none.
std::string notes_html(const model::Assessment& assessment, model::NoteKind kind);
std::string method_html(const model::Assessment& assessment);

}  // namespace voyager::report
