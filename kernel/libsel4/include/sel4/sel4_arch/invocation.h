/* One enumeration holds the labels of all objects. */
#pragma once

#include <sel4/invocation.h>
