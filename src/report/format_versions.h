// Which form each document has that machines read: a number goes up when a member is taken away or means something
// else. docs/reference/schemas holds a schema for each; the documents of old have the number behind their own members.
#pragma once

namespace voyager::report {

inline constexpr int kAssessmentForm = 1;
inline constexpr int kAnalysisForm = 1;
inline constexpr int kOptimizationForm = 1;
inline constexpr int kPerformanceForm = 1;
/// In each row: the document is a list.
inline constexpr int kStatusForm = 1;
inline constexpr int kDataReportForm = 1;
inline constexpr int kErrorForm = 1;

}  // namespace voyager::report
