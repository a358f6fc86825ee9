// Where certain bytes stand in a block of 64, as bits. The inner part of RowScanner.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace voyager::format {

/// The bytes that can matter to a row's end.
struct ByteTargets {
  char toggle = 0;  ///< csv: the quote. text: the backslash.
  char escape = 0;  ///< csv: the escape. text: unused.
  char marker = 0;  ///< Part of `\.`: csv: the backslash. text: the dot.
};

/// Bit i stands for byte i of the block.
struct ByteMasks {
  std::uint64_t lf = 0;
  std::uint64_t cr = 0;
  std::uint64_t toggle = 0;
  std::uint64_t escape = 0;
  std::uint64_t marker = 0;
};

inline constexpr std::size_t kBlockBytes = 64;

/// How bytes are compared. kBest asks the processor; one that the processor lacks falls back to kPortable.
enum class Instructions : std::uint8_t { kBest, kPortable, kSse2, kAvx2 };

class ByteClassifier {
 public:
  ByteClassifier(const ByteTargets& targets, Instructions instructions);
  /// Fills `count` masks from `count` blocks at `bytes`.
  void classify(const char* bytes, std::size_t count, ByteMasks* out) const { function_(bytes, count, targets_, out); }

 private:
  using Function = void (*)(const char*, std::size_t, const ByteTargets&, ByteMasks*);
  ByteTargets targets_;
  Function function_;
};

/// Bits [i] = XOR of bits [0..i]: with quotes as bits, the bytes inside quotes (the opening quote counts as inside).
constexpr std::uint64_t prefix_xor(std::uint64_t bits) {
  for (const int by : {1, 2, 4, 8, 16, 32}) bits ^= bits << by;
  return bits;
}

/// Bytes whose meaning the format takes away (inside quotes, behind a backslash), and the state behind the block.
struct Hidden {
  std::uint64_t bytes = 0;
  bool in_quote = false;
  bool escaped = false;
};

/// csv where quote and escape are the same byte.
Hidden hidden_in_csv(const ByteMasks& masks, bool in_quote);
/// csv with an escape byte of its own, which counts only inside quotes. `escaped`: an odd run of escapes ends before
/// the block.
Hidden hidden_in_csv_with_escape(const ByteMasks& masks, bool in_quote, bool escaped);
/// text: the byte behind each backslash that is not itself escaped.
Hidden hidden_in_text(const ByteMasks& masks, bool escaped);

}  // namespace voyager::format
