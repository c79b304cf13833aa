#include "boot/platform_error.hpp"

namespace boot {

const char* message(BootError error) {
    switch (error) {
    case BootError::TreeTooSmall: return "device tree: shorter than its header";
    case BootError::TreeBadMagic: return "device tree: bad magic";
    case BootError::TreeBadVersion: return "device tree: unsupported version";
    case BootError::TreeBadSize: return "device tree: bad total size (at most 2 MiB)";
    case BootError::TreeBadBlock: return "device tree: block outside the blob";
    case BootError::TreeBadToken: return "device tree: malformed structure";
    case BootError::TreeBadProperty: return "device tree: malformed property";
    case BootError::TreeTooDeep: return "device tree: nested too deep";
    case BootError::TreeBadReg: return "device tree: malformed or untranslatable reg";
    case BootError::TreeTooManyDevices: return "device tree: more than 16 windows of further interrupt controllers";
    case BootError::UnknownReservation: return "device tree: memory is reserved, and it cannot be known which";
    case BootError::NoMemory: return "device tree: no memory";
    case BootError::NoHarts: return "device tree: no harts";
    case BootError::NoBootHart: return "device tree: the boot hart is not one of its enabled harts";
    case BootError::UnfitBootHart: return "device tree: the boot hart cannot run the kernel";
    case BootError::NoTimebase: return "device tree: no timebase frequency";
    case BootError::BadInterruptController: return "device tree: malformed interrupt controller";
    case BootError::BadTaic: return "device tree: malformed taic";
    case BootError::BadInitrd: return "device tree: malformed initrd";
    case BootError::ElfTooSmall: return "root task: shorter than an ELF header";
    case BootError::ElfNotRiscv: return "root task: not a RISC-V ELF";
    case BootError::ElfNotExecutable: return "root task: not a static executable";
    case BootError::ElfBadProgramHeaders: return "root task: program headers outside the file";
    case BootError::ElfTooManyProgramHeaders: return "root task: more than 64 program headers";
    case BootError::ElfTooManySegments: return "root task: more than 16 segments";
    case BootError::ElfBadSegment: return "root task: segment outside the file";
    case BootError::ElfSegmentsOverlap: return "root task: segments overlap";
    case BootError::ElfOutsideUserSpace: return "root task: empty or outside the user address space";
    case BootError::ElfBadEntry: return "root task: entry outside the segments";
    case BootError::RootTaskTooLarge: return "root task: does not fit into memory";
    case BootError::RootCNodeTooSmall: return "root task: more capabilities than its CNode has slots, give cnode=N";
    case BootError::BadCNodeArgument: return "boot arguments: cnode=N is the root CNode's size in bits, 8 to 24";
    case BootError::KernelOutsideMemory: return "memory: the kernel is not inside the memory of the device tree";
    case BootError::TooManyRegions: return "memory: too many regions";
    }
    return "unknown boot error";
}

} // namespace boot
