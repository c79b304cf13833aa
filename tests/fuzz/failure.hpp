// Ends the run: what libFuzzer keeps as a finding.
#pragma once

namespace fuzz {

[[noreturn]] void fail(const char* message, const char* detail = "");
inline void require(bool holds, const char* message) {
    if (!holds) [[unlikely]]
        fail(message);
}

} // namespace fuzz
