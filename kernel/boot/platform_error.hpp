// Why the machine cannot be booted: every refusal of the device tree, the root task and the memory plan.
// These come from outside data, so they are values with a text for the console, never assertions.
#pragma once

#include "base/types.hpp"

namespace boot {

enum class BootError : u8 {
    TreeTooSmall,
    TreeBadMagic,
    TreeBadVersion,
    TreeBadSize,
    TreeBadBlock,
    TreeBadToken,
    TreeBadProperty,
    TreeTooDeep,
    TreeBadReg,
    TreeTooManyDevices,
    UnknownReservation,
    NoMemory,
    NoHarts,
    NoBootHart,
    UnfitBootHart,
    NoTimebase,
    BadInterruptController,
    BadTaic,
    BadInitrd,
    ElfTooSmall,
    ElfNotRiscv,
    ElfNotExecutable,
    ElfBadProgramHeaders,
    ElfTooManyProgramHeaders,
    ElfTooManySegments,
    ElfBadSegment,
    ElfSegmentsOverlap,
    ElfOutsideUserSpace,
    ElfBadEntry,
    RootTaskTooLarge,
    RootCNodeTooSmall,
    BadCNodeArgument,
    KernelOutsideMemory,
    TooManyRegions,
};

// A text such as "device tree: bad magic", without newline. Never null, also for a value outside the enum.
[[nodiscard]] const char* message(BootError error);

} // namespace boot
