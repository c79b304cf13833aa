/* What depends on the architecture is in the general header. */
#pragma once

#include <sel4/shared_types.h>
