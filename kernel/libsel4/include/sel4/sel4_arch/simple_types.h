/* What depends on the architecture is in the general header. */
#pragma once

#include <sel4/simple_types.h>
