#include "cli/flag_name.h"

#include "base/error.h"

namespace voyager::cli {
namespace {

bool allows(FlagUse use, FlagKind kind) {
  switch (use) {
    case FlagUse::kAny:
      return true;
    case FlagUse::kText:
      return kind != FlagKind::kSecret;
    case FlagUse::kBoolean:
      return kind == FlagKind::kBoolean;
    case FlagUse::kInteger:
      return kind == FlagKind::kInteger;
    case FlagUse::kList:
      return kind == FlagKind::kList;
  }
  return false;
}

}  // namespace

template <FlagUse use>
FlagName<use>::FlagName(std::string_view name) : text_(name) {
  const Flag* flag = find_flag(name);
  VOY_ASSERT(flag != nullptr && allows(use, flag->kind));
}

template class FlagName<FlagUse::kAny>;
template class FlagName<FlagUse::kText>;
template class FlagName<FlagUse::kBoolean>;
template class FlagName<FlagUse::kInteger>;
template class FlagName<FlagUse::kList>;

}  // namespace voyager::cli
