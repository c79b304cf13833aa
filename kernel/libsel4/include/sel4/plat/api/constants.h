/* The platform adds no constants. */
#pragma once

#include <sel4/constants.h>
