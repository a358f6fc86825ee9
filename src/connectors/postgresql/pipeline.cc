#include "connectors/postgresql/pipeline.h"

#include <libpq-fe.h>

namespace voyager::postgresql {
namespace {

constexpr Oid kTextArray = 1009;

}  // namespace

Pipeline::~Pipeline() {
  if (statements_ > 0) connection_.given_up_ = true;
}

void Pipeline::enter() {
  if (statements_ == 0 && PQenterPipelineMode(connection_.connection_.get()) != 1)
    connection_.raise(connection_.broken(), "send statements");
}

void Pipeline::sent(int result, std::size_t bytes) {
  ++statements_;
  bytes_ += bytes;
  connection_.begin(result, "send statements");
}

void Pipeline::query(std::string_view sql, std::initializer_list<Param> params) {
  enter();
  const std::string text(sql);
  std::vector<const char*> values;
  std::size_t bytes = text.size();
  for (const Param& param : params) {
    values.push_back(param ? param->c_str() : nullptr);
    bytes += param ? param->size() : 0;
  }
  sent(PQsendQueryParams(connection_.connection_.get(), text.c_str(), static_cast<int>(values.size()), nullptr,
                         values.data(), nullptr, nullptr, 0),
       bytes);
}

void Pipeline::prepare_arrays(const std::string& name, const std::string& sql, std::size_t parameters) {
  enter();
  const std::vector<Oid> types(parameters, kTextArray);
  sent(PQsendPrepare(connection_.connection_.get(), name.c_str(), sql.c_str(), static_cast<int>(parameters),
                     types.data()),
       sql.size());
}

void Pipeline::execute_arrays(const std::string& name, std::span<const std::string> arrays) {
  enter();
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::size_t bytes = name.size();
  for (const std::string& array : arrays) {
    values.push_back(array.data());
    lengths.push_back(static_cast<int>(array.size()));
    bytes += array.size();
  }
  const std::vector<int> binary(arrays.size(), 1);
  sent(PQsendQueryPrepared(connection_.connection_.get(), name.c_str(), static_cast<int>(arrays.size()), values.data(),
                           lengths.data(), binary.data(), 0),
       bytes);
}

std::optional<ServerFault> Pipeline::finish(std::vector<std::uint64_t>& touched, std::string_view what, Result* last) {
  touched.clear();
  if (statements_ == 0) return std::nullopt;
  connection_.begin(PQpipelineSync(connection_.connection_.get()), what);
  std::optional<ServerFault> refusal;
  // Nothing stands between the answers to two statements, and behind the last one is the word that all are answered.
  for (bool nothing = false;;) {
    Result result(connection_.next_result());
    if (result.result_ == nullptr) {
      if (refusal) connection_.raise_if_lost(*refusal, what);
      if (nothing || !connection_.healthy()) connection_.raise(refusal ? *refusal : connection_.broken(), what);
      nothing = true;
      continue;
    }
    nothing = false;
    const ExecStatusType status = PQresultStatus(result.result_.get());
    if (status == PGRES_PIPELINE_SYNC) break;
    if (status == PGRES_PIPELINE_ABORTED) continue;
    if (Connection::is_refusal(result.result_.get())) {
      if (!refusal) refusal = connection_.fault_of(result.result_.get());
    } else if (!refusal) {
      touched.push_back(result.affected());
      if (last != nullptr) *last = std::move(result);
    }
  }
  const bool left = PQexitPipelineMode(connection_.connection_.get()) == 1;
  if (refusal) connection_.raise_if_lost(*refusal, what);
  if (!left) connection_.raise(connection_.broken(), what);
  statements_ = bytes_ = 0;
  return refusal;
}

}  // namespace voyager::postgresql
