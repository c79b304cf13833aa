/* Upstream's name of the configuration. */
#pragma once

#include <sel4/config.h>
