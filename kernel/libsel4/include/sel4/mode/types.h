/* What depends on the word size is in the general header. */
#pragma once

#include <sel4/types.h>
