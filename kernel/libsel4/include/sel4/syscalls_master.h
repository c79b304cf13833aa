/* Upstream's declarations of the non-MCS calls. */
#pragma once

#include <sel4/syscalls.h>
