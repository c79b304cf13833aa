// The switch for the IPC fast path (trap/fastpath.cpp): boot argument fastpath=off, to compare.
#pragma once

namespace trap {

extern bool fastpath_enabled;

} // namespace trap
