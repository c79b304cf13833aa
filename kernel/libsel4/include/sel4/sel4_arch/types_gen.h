/* Upstream generates the faults here. */
#pragma once

#include <sel4/faults.h>
