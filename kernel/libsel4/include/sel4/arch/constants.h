/* What depends on the architecture is in the general header. */
#pragma once

#include <sel4/constants.h>
