/* The types of both upstream headers. */
#pragma once

#include <sel4/arch/objecttype.h>
