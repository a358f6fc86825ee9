// Moving files into the backup folder, so that a kill at any moment loses none and a second run goes on.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/stop.h"

namespace voyager::migration {

enum class WhenPresent {
  kKeepBoth,  ///< The file in the backup folder is another one: ours goes beside it as name.1, name.2, ...
  kLeave,     ///< What is in the backup folder stays; ours is left where it is.
};

/// Moves a file or a folder with all that is in it to `to`, whose parents are made. By rename where that is possible,
/// else by copy, sync and removal, file by file; a file has its name in the backup folder only once it is whole. A
/// symbolic link to a file is replaced by a copy of it, the user's file stays; one to a folder is followed. Nothing
/// happens when `from` does not exist. Throws Error, also when `stop` drains between two files.
void move_to_backup(const std::filesystem::path& from, const std::filesystem::path& to, WhenPresent when_present,
                    const base::Stop& stop);

/// What a move of `from` to the file system of `backup_dir` would need there: 0 when both are on the same one.
std::uint64_t bytes_to_copy(const std::filesystem::path& from, const std::filesystem::path& backup_dir);

}  // namespace voyager::migration
