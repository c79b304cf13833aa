/* RISC-V 64 deprecates nothing of its own. */
#pragma once

#include <sel4/deprecated.h>
