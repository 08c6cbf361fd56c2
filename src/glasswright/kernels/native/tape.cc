#include "tape.h"

namespace gw {
namespace {
thread_local Tape* recorded = nullptr;
}

Tape* recorded_tape() { return recorded; }

void require_not_recording() {
  if (recorded) throw NotPlayable("a tape is being recorded, and this call cannot be played again");
}

void Tape::record() {
  require_not_recording();
  recorded = this;
}

void Tape::stop() {
  if (recorded == this) recorded = nullptr;
}

void Tape::play() const {
  require_not_recording();
  for (const auto& call : calls_) call();
}

}  // namespace gw
