// Boot argument provoke=stack|text|rodata|execute: does what the memory protection of the kernel forbids, so that tests
// see the panic. Debug kernels only; in a release kernel, or with another word, nothing happens.
#pragma once

#include <string_view>

namespace boot {

void provoke(std::string_view what);

} // namespace boot
