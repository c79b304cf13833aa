/* The names in C99. */
#include "names.h"

int names_in_c99(void);
int names_in_c99(void) { return count_failures(); }
