/* Upstream's name of libsel4's part of the configuration. */
#pragma once

#include <sel4/config.h>
