/* Upstream's name of the kernel's part of the configuration. */
#pragma once

#include <sel4/config.h>
